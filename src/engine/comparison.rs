//! PCA of the data at hand, in slices beside training: the line that the curve of the test loss is compared with.
use super::protocol::Event;
use super::run::tested;
use super::session::Session;
use super::world::World;
use crate::data::pca::{Pca, PcaJob};
use crate::data::{DataError, Dataset, Split};
use crate::lessons::Recipe;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// Components of PCA, as many as z goes up to on its curve.
const COMPONENTS: usize = 64;

/// What decides the rows that are learned from, by PCA as by the network.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    data: String,
    abnormal: Option<f32>,
    seed: Option<u64>,
}

impl Key {
    fn of(recipe: &Recipe) -> Self {
        let mixed = recipe.abnormal.is_some_and(|share| share > 0.0);
        Self { data: recipe.data.clone(), abnormal: recipe.abnormal, seed: mixed.then_some(recipe.seed) }
    }
}

/// What there is of it, for lessons.
#[derive(Clone, Default)]
pub enum Fit {
    /// Nothing, of this data.
    #[default]
    None,
    /// It will be there.
    Underway,
    /// All.
    Done(Rc<Pca>),
}

/// Some milliseconds of a fit to a training set, scored on a test set: the result, once it is there. The sets are the
/// same each time.
pub type Fitting = Box<dyn FnMut(&Dataset, &Dataset) -> Result<Option<Pca>, DataError>>;

/// A fit of so many components. Called through [`World::fitting`], which may have to fetch the code for it first.
pub fn fitting(components: usize) -> Fitting {
    let mut begun = None;
    Box::new(move |train, test| {
        let job = match &mut begun {
            Some(job) => job,
            None => begun.insert(PcaJob::new(train, test, components)?),
        };
        Ok(job.step(train, test))
    })
}

/// A fit under way.
struct Work {
    key: Key,
    learned: Dataset,
    /// The part of the test set that the curve is measured on.
    test: Dataset,
    fitting: Option<Fitting>,
    /// Until that is here.
    coming: LocalBoxFuture<'static, Result<Fitting, String>>,
}

/// The fit under way, and what earlier ones came to.
#[derive(Default)]
pub struct Comparisons {
    work: Option<Work>,
    /// What the page was told last.
    told: Option<Key>,
    done: Vec<(Key, Rc<Pca>)>,
    /// Of the data at hand.
    pub fit: Rc<RefCell<Fit>>,
}

impl Comparisons {
    pub fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    fn begin<W: World>(key: Key, recipe: &Recipe, split: &Split) -> Result<Work, DataError> {
        let test = split.test.select(&tested(split.test.len()))?;
        let learned = recipe.learned_from(&split.train)?.into_owned();
        Ok(Work { key, learned, test, fitting: None, coming: W::fitting(COMPONENTS) })
    }
}

impl<W: World> Session<W> {
    /// The network or its data are others: PCA of what it learns from, if that is another set.
    pub(super) fn begin_comparison(&mut self) {
        let Some(model) = &self.model else { return };
        let recipe = &model.design.recipe;
        let Some(split) = model.split.clone() else { return };
        let key = Key::of(recipe);
        let under_way = self.pca.work.as_ref().map(|fit| &fit.key);
        let stands = !matches!(*self.pca.fit.borrow(), Fit::None);
        if stands && under_way.or(self.pca.told.as_ref()) == Some(&key) {
            return;
        }
        if let Some((_, pca)) = self.pca.done.iter().find(|(other, _)| *other == key) {
            let event = Event::Pca { data: key.data.clone(), mse: pca.test_mse.clone() };
            self.pca.fit.replace(Fit::Done(pca.clone()));
            (self.pca.work, self.pca.told) = (None, Some(key));
            return self.say(event);
        }
        match Comparisons::begin::<W>(key, recipe, &split) {
            Ok(work) => {
                self.pca.work = Some(work);
                self.pca.fit.replace(Fit::Underway);
            }
            Err(error) => self.fail("compare with PCA", &error.to_string()),
        }
    }

    /// Some milliseconds of it.
    pub(super) fn compare(&mut self) {
        let Some(fit) = self.pca.work.as_mut() else { return };
        let step = match fit.fitting.as_mut() {
            Some(fitting) => fitting(&fit.learned, &fit.test).map_err(|error| error.to_string()),
            None => match (&mut fit.coming).now_or_never() {
                Some(fitting) => fitting.map(|fitting| {
                    fit.fitting = Some(fitting);
                    None
                }),
                None => return,
            },
        };
        let pca = match step {
            Ok(Some(pca)) => pca,
            Ok(None) => return,
            Err(message) => {
                self.pca.work = None;
                self.pca.fit.replace(Fit::None);
                return self.fail("compare with PCA", &message);
            }
        };
        let Some(Work { key, .. }) = self.pca.work.take() else { return };
        self.pca.done.retain(|(other, _)| *other != key);
        let pca = Rc::new(pca);
        self.pca.done.push((key.clone(), pca.clone()));
        self.say(Event::Pca { data: key.data.clone(), mse: pca.test_mse.clone() });
        self.pca.fit.replace(Fit::Done(pca));
        self.pca.told = Some(key);
    }
}
