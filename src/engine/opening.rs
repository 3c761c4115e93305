//! How a network comes to stand: its first weights, its data, and what becomes of the one before. A network that has
//! learned something is kept when one on other data takes its place, so that a lesson with data of its own destroys
//! nothing.
use super::comparison::Fit;
use super::keeping::Record;
use super::keeping::{self, Course};
use super::model::{Design, Model};
use super::protocol::{Event, Origin, SetInfo};
use super::run::Resume;
use super::session::{Loaded, Session};
use super::site;
use super::world::World;
use crate::data::Split;
use crate::data::own::{file_of, is_own};
use crate::lessons::Recipe;
use crate::nn::{State, first_weights};
use crate::words;
use std::rc::Rc;

/// The data of the network that stands, and of the one before: coming back to them takes no download.
#[derive(Default)]
pub struct Shelf {
    now: Option<(String, Rc<Split>)>,
    before: Option<(String, Rc<Split>)>,
}

/// Bytes of both: more than phones can spare are not kept.
const MOST_BYTES: u64 = 64 << 20;

impl Shelf {
    /// The data of this name, which are now those at hand. Where they are not there, `coming` bytes of them will be.
    fn take(&mut self, slug: &str, coming: u64) -> Option<Rc<Split>> {
        if self.now.as_ref().is_none_or(|(now, _)| now != slug) {
            std::mem::swap(&mut self.now, &mut self.before);
        }
        if self.now.as_ref().is_none_or(|(now, _)| now != slug) {
            // Of the two, what was at hand until now stays.
            self.now = None;
        }
        let room = |(_, split): &(String, Rc<Split>)| split.train.bytes() + split.test.bytes() + coming <= MOST_BYTES;
        if self.now.is_none() {
            self.before = self.before.take().filter(room);
        }
        self.now.as_ref().map(|(_, split)| split.clone())
    }
}

/// Why there are no data of this name, and what to do.
fn missing(slug: &str, sets: &[SetInfo]) -> String {
    if let Some(file) = file_of(slug) {
        return words!(
            "it learned from your own file “{file}…”, which is not kept: bring that file again under Your files"
        );
    }
    let known: Vec<_> = sets.iter().map(|set| set.slug.as_str()).collect();
    words!("this site has no data set called {slug:?}; it has {}", known.join(", "))
}

/// A network that was left for one on other data.
pub struct Kept {
    model: Model,
    state: Rc<State>,
    course: Course,
}

impl<W: World> Session<W> {
    /// Every set that can be trained on here: the site's, and the visitor's own.
    pub(super) fn sets(&self) -> Vec<SetInfo> {
        let mut sets = site::sets(&self.catalogue);
        sets.extend(self.own.sets());
        sets
    }

    /// Builds a network; the old one stays until the new one stands.
    pub(super) async fn open(&mut self, recipe: Recipe, origin: Origin) {
        let saved = match self.recall(&origin).await {
            Ok(saved) => saved,
            Err(message) => return self.fail("go on with this run", &message),
        };
        let recipe = saved.as_ref().map_or(recipe, |saved| saved.card.recipe.clone());
        let sets = self.sets();
        let Some(set) = sets.iter().find(|set| set.slug == recipe.data) else {
            return self.fail("open the recipe", &missing(&recipe.data, &sets));
        };
        let spec = match recipe.network(set.shape.0 * set.shape.1, set.unit) {
            Ok(spec) => spec,
            Err(error) => return self.fail("open the recipe", &error.to_string()),
        };
        let brought = self.brought.borrow().as_ref().filter(|_| origin == Origin::File).map(|file| file.inputs);
        if let Some(takes) = brought.filter(|&takes| takes != spec.inputs()) {
            let (title, has) = (&set.title, spec.inputs());
            let words = words!("it takes {takes} values, and “{title}” has {has}: open data of its size first");
            return self.fail("open these weights", &words);
        }
        let mut recalled = None;
        let kept = self.take_kept(&recipe).filter(|kept| origin == Origin::Kept && kept.model.design.spec == spec);
        self.keep_what_was_learned(&recipe.data).await;
        let split = self.data_at_hand(set);
        let design = Rc::new(Design { recipe, spec, shape: set.shape });
        let (model, step) = match (kept, saved) {
            (_, Some(saved)) => {
                let Record { card, state, drawing } = *saved;
                let Some(weights) = state.values.get(..design.spec.parameters()) else {
                    let (got, needs) = (state.values.len(), design.spec.parameters());
                    return self.fail("go on with this run", &words!("it has {got} weights and the network {needs}"));
                };
                let (weights, kept) = (Rc::new(weights.to_vec()), keeping::Kept::again(&card));
                let course = Course { points: card.curve, seconds: card.seconds, ..Course::default() };
                self.resume = Some(Resume { state, course, school: None });
                if !drawing.is_empty() {
                    self.keeper.drawing.clone_from(&drawing);
                    recalled = Some(drawing);
                }
                (Model { design, origin, weights, step: card.step, split, kept }, card.before)
            }
            (Some(kept), None) => {
                self.resume = Some(Resume { state: kept.state, course: kept.course, school: None });
                let before = kept.model.kept.before;
                (Model { origin: Origin::Kept, split, ..kept.model }, before)
            }
            (None, None) => {
                self.resume = None;
                let (weights, origin, step) = self.first_weights(&design, origin).await;
                (Model { design, origin, weights, step: 0, split, kept: keeping::Kept::anew(step) }, step)
            }
        };
        let missing = model.split.is_none();
        (self.running, self.single, self.run) = (false, 0, None);
        // Answers about the old network are of no interest to the new one's lessons.
        self.drop_answers(None);
        self.networks.leave_run();
        self.say(model.opened(step));
        if let Some(drawing) = recalled {
            self.say(Event::Drawing(drawing));
        }
        let slug = &model.design.recipe.data;
        // What is on its way for another network may fail, and would stop this one.
        self.loading = self.loading.take().filter(|(coming, _)| missing && coming == slug);
        if self.watched.as_ref().is_some_and(|(_, input)| input.len() != model.design.spec.inputs() as usize) {
            self.watched = None;
        }
        self.model = Some(model);
        self.fetch_data();
        self.show();
        if !missing {
            self.begin_comparison();
            self.build().await;
        }
    }

    /// Lets the data come that the network lacks, unless they are on their way: what failed is tried again.
    pub(super) fn fetch_data(&mut self) {
        let Some(model) = self.model.as_ref().filter(|model| model.split.is_none()) else { return };
        self.pca.fit.replace(Fit::None);
        if self.loading.is_none() {
            let slug = model.design.recipe.data.clone();
            let load = W::load(self.world.clone(), self.catalogue.clone(), slug.clone(), self.out.clone());
            self.loading = Some((slug, load));
        }
    }

    /// The weights that a network starts with, where they really come from, and how many steps they have seen.
    async fn first_weights(&self, design: &Design, origin: Origin) -> (Rc<Vec<f32>>, Origin, u32) {
        let Design { recipe, spec, .. } = design;
        let brought = (origin == Origin::File).then(|| self.brought.borrow_mut().take()).flatten();
        if let Some(file) = brought.filter(|file| file.recipe == *recipe) {
            return (Rc::new(file.values), Origin::File, file.step);
        }
        let found = self.shipped.iter().find(|shipped| origin != Origin::Seed && shipped.fits(recipe)).cloned();
        if let Some(found) = found {
            let path = format!("models/{}", found.file);
            match self.world.fetch(&path, &mut |_| {}).await {
                Ok(bytes) => match W::weights(bytes, spec.clone()).await {
                    Ok(weights) => return (Rc::new(weights), Origin::Shipped, found.step),
                    Err(error) => self.fail("read the weights that ship with the page", &error),
                },
                Err(message) => self.fail("fetch the weights that ship with the page", &message),
            }
        }
        (Rc::new(first_weights(spec, recipe.init, recipe.seed)), Origin::Seed, 0)
    }

    /// The data of this set, if they are here.
    fn data_at_hand(&mut self, set: &SetInfo) -> Option<Rc<Split>> {
        if is_own(&set.slug) {
            return self.own.take(&set.slug);
        }
        let each = if set.unit { 1 } else { 4 };
        let values = u64::from(set.train + set.test) * u64::from(set.shape.0 * set.shape.1);
        self.data.take(&set.slug, values * each)
    }

    /// If the network that stands has learned something, and the next one is on other data.
    async fn keep_what_was_learned(&mut self, next: &str) {
        if self.model.as_ref().is_none_or(|model| model.design.recipe.data == next) {
            return;
        }
        let Some(run) = self.run.take().filter(|run| run.trainer.steps() > 0) else { return };
        let state = match self.patiently(run.trainer.state()).await {
            Ok(state) if state.values.iter().all(|w| w.is_finite()) => Rc::new(state),
            _ => run.good.clone(),
        };
        // The state may be a newer one than the last that was kept.
        let course = Course { open: Default::default(), ..run.course() };
        let Some(mut model) = self.model.take() else { return };
        (model.weights, model.split) = (Rc::new(state.values[..model.design.spec.parameters()].to_vec()), None);
        self.kept.retain(|kept| kept.model.design.recipe.data != model.design.recipe.data);
        self.kept.push(Kept { model, state, course });
    }

    /// The network that was kept on these data: gone if another recipe is wanted, which takes its place.
    fn take_kept(&mut self, recipe: &Recipe) -> Option<Kept> {
        let at = self.kept.iter().position(|kept| kept.model.design.recipe.data == recipe.data)?;
        Some(self.kept.swap_remove(at)).filter(|kept| kept.model.design.recipe == *recipe)
    }

    pub(super) fn loaded(&mut self, result: Loaded) {
        let Some((slug, _)) = self.loading.take() else { return };
        match result {
            Err(message) => {
                (self.running, self.single) = (false, 0);
                self.fail("load the data", &message);
                self.report();
            }
            Ok(split) => {
                let split = Rc::new(split);
                let Some(model) = self.model.as_mut().filter(|model| model.design.recipe.data == slug) else { return };
                model.split = Some(split.clone());
                self.data.now = Some((slug, split));
                self.say_strip();
                self.begin_comparison();
            }
        }
    }
}
