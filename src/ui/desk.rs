//! What the visitor has in hand: the recipe, the drawing, the code that is held. Widgets change it here, and here the
//! engine is told.
pub mod kept;
mod opening;

use super::engine::Engine;
use super::news::News;
use super::numbers;
use super::sheet::{Cursor, Sheet, Sheets};
use super::tag::{turn, whenever};
use crate::engine::protocol::{Command, Origin};
use crate::lessons::link::{self, Drawing, View};
use crate::lessons::recipe::{RecipeError, limits};
use crate::lessons::thing::Thing;
use crate::lessons::{LESSONS, Lesson, Recipe};
use crate::words;
use leptos::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The desk. There is one for as long as the page lives, so that whoever needs it holds no more than a pointer.
#[derive(Clone, Copy)]
pub struct Desk(&'static Things);

/// What lies on it.
pub struct Things {
    /// The worker.
    pub engine: Engine,
    /// The lesson that is open.
    pub lesson: RwSignal<&'static Lesson>,
    /// The recipe that the panel shows: what stands, or what is being opened.
    pub recipe: RwSignal<Recipe>,
    /// How a link lets the page be shown, and what it lets be changed; and how often that was set.
    view: Mutex<View>,
    views: RwSignal<u32>,
    /// What lies on the pad.
    pub sheets: RwSignal<Sheets>,
    /// What the network is to look at: what lies on the pad, as the network sees it.
    pub input: Memo<Option<Vec<f32>>>,
    /// The keyboard's pen, while it is in use.
    pub pen: RwSignal<Option<Cursor>>,
    /// The pen bends a series instead of drawing over it.
    pub bends: RwSignal<bool>,
    /// A network that is being opened, and is to learn at once unless its weights have learned already.
    learns: RwSignal<Option<Recipe>>,
    /// An address that was gone to while a network was being opened, and whether this page wrote it.
    next: RwSignal<Option<(String, bool)>>,
    /// A lesson trains networks of its own, beside the one that stands.
    pub beside: RwSignal<bool>,
    /// Counts the files that were dropped onto the page.
    pub drops: RwSignal<u32>,
    /// A code that was set by hand, in place of the drawing's own.
    pub held: RwSignal<Option<Vec<f32>>>,
    news: News,
}

impl std::ops::Deref for Desk {
    type Target = Things;

    fn deref(&self) -> &Things {
        self.0
    }
}

impl Desk {
    /// In the context for everything below.
    pub fn provide(engine: Engine, news: News) -> Self {
        let lesson = &LESSONS[0];
        let sheets = RwSignal::new(Sheets::of(Sheet::Example));
        let desk = Self(Box::leak(Box::new(Things {
            engine,
            lesson: RwSignal::new(lesson),
            recipe: RwSignal::new((lesson.recipe)()),
            view: Mutex::default(),
            views: RwSignal::new(0),
            sheets,
            input: Memo::new(move |_| {
                let shape = shape_of(engine);
                // What lay there before the network changed goes a moment later.
                let fits = |input: &Vec<f32>| input.len() == (shape.0 * shape.1) as usize;
                sheets.with(|sheets| sheets.now().input(shape)).filter(fits)
            }),
            pen: RwSignal::new(None),
            bends: RwSignal::new(false),
            learns: RwSignal::new(None),
            next: RwSignal::new(None),
            beside: RwSignal::new(false),
            drops: RwSignal::new(0),
            held: RwSignal::new(None),
            news,
        })));
        provide_context(desk);
        desk.follow_openings();
        desk.follow_drawing();
        desk.follow_code();
        desk.follow_kept();
        desk
    }

    /// Makes this the recipe. A new learning rate or number of epochs changes the run that is there; anything else
    /// opens a new network, and if one was training the new one trains on.
    pub fn apply(self, recipe: Recipe) -> Result<(), RecipeError> {
        let before = self.recipe.get_untracked();
        let recipe = self.held(recipe);
        if recipe == before {
            return Ok(());
        }
        self.check(&recipe)?;
        let same_run =
            Recipe { learning_rate: before.learning_rate, epochs: before.epochs, ..recipe.clone() } == before;
        if same_run {
            self.retune(&recipe);
            return Ok(());
        }
        let running = self.engine.progress.with_untracked(|progress| progress.running);
        self.open(recipe, Origin::Seed);
        if running {
            self.engine.train();
        }
        Ok(())
    }

    /// Opens the network of an idea to try: with the weights that ship for it, or, where it `learns`, learning at once.
    pub fn try_out(self, recipe: Recipe, learns: bool) {
        let held = self.held(recipe);
        // A link keeps all of it as it is: what stands goes on.
        if held == self.recipe.get_untracked() {
            return;
        }
        self.open_as_it_is(held, Origin::Shipped);
        if learns {
            self.engine.train();
        }
    }

    /// The same where nobody knows whether weights ship for it: where none do, it learns at once.
    pub fn open_learned(self, recipe: Recipe) {
        let held = self.held(recipe);
        if held != self.recipe.get_untracked() {
            self.learns.set(Some(held.clone()));
            self.open_as_it_is(held, Origin::Shipped);
        }
    }

    /// Says in words why a recipe cannot be run, without running it.
    pub fn check(self, recipe: &Recipe) -> Result<(), RecipeError> {
        match self.engine.set(&recipe.data) {
            Some(set) => recipe.network(set.shape.0 * set.shape.1, set.unit).map(|_| ()),
            None => recipe.check(),
        }
    }

    /// How a link lets the page be shown, followed.
    pub fn view(self) -> MutexGuard<'static, View> {
        // A signal of its own type would be another kilobyte for every visitor.
        self.views.track();
        self.0.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reader has chosen a language: it is no longer the link's.
    pub fn without_language(self) {
        let view = View { lang: None, ..untrack(|| self.view()).clone() };
        self.set_view(view);
    }

    fn set_view(self, view: View) {
        *untrack(|| self.view()) = view;
        self.views.update(|views| *views += 1);
    }

    /// Whether a link keeps this part of the recipe as it is.
    pub fn is_locked(self, key: &str) -> bool {
        self.view().lock.contains(&key)
    }

    /// The recipe with what a link keeps as it is; says so where that is not what was wished.
    fn held(self, wished: Recipe) -> Recipe {
        let before = self.recipe.get_untracked();
        let held = untrack(|| self.view()).held(&before, wished.clone());
        if held != wished {
            self.news.note("The link that opened this page keeps a part of the recipe as it is.");
        }
        held
    }

    /// The drawing on the pad, if a link brought it.
    pub fn linked(self) -> Option<Drawing> {
        self.sheets.with(|sheets| if let Sheet::Linked(values) = sheets.now() { Drawing::of(values) } else { None })
    }

    /// The part of an address that opens exactly this.
    pub fn link(self) -> String {
        let (lesson, recipe, drawing) = (self.lesson.get(), self.recipe.get(), self.linked());
        link::write_shown(lesson, &recipe, &self.view(), drawing.as_ref())
    }

    /// Opens a network without further ado, as far as the link that opened the page lets that be; whether it does.
    pub fn open(self, recipe: Recipe, origin: Origin) -> bool {
        let held = self.held(recipe.clone());
        // Weights that were learned by another recipe than the link lets be stay where they are; and where the link keeps all
        // that is other, what stands goes on.
        let other = held != self.recipe.get_untracked() && matches!(origin, Origin::Seed | Origin::Shipped);
        let opens = held == recipe || other;
        if opens {
            self.open_as_it_is(held, origin);
        }
        opens
    }

    fn open_as_it_is(self, recipe: Recipe, origin: Origin) {
        self.held.set(None);
        self.recipe.set(recipe.clone());
        self.engine.open(recipe, origin);
    }

    /// Forgets everything and learns again.
    pub fn learn_again(self) {
        self.open(self.recipe.get_untracked(), Origin::Seed);
        self.engine.train();
    }

    /// The same network from other first weights.
    pub fn new_seed(self) {
        // Six digits can be read out in class.
        let seed = (js_sys::Math::random() * 1e6) as u64;
        self.open(Recipe { seed, ..self.recipe.get_untracked() }, Origin::Seed);
    }

    /// Trains; where all epochs are done, as many again as the recipe of the lesson has.
    pub fn train(self) {
        self.news.forget_link();
        let recipe = self.recipe.get_untracked();
        if self.engine.progress.with_untracked(|progress| progress.finished) {
            let more = (self.lesson.get_untracked().recipe)().epochs;
            self.set_epochs((recipe.epochs + more).min(*limits::EPOCHS.end()));
        }
        self.engine.train();
    }

    /// Back to step 0: the same run again.
    pub fn reset(self) {
        self.engine.reset();
    }

    /// Another learning rate, from the next step on.
    pub fn set_rate(self, learning_rate: f32) {
        self.retune(&self.held(Recipe { learning_rate, ..self.recipe.get_untracked() }));
    }

    /// Another number of epochs for the run that is there.
    pub fn set_epochs(self, epochs: u32) {
        self.retune(&self.held(Recipe { epochs, ..self.recipe.get_untracked() }));
    }

    /// Learning rate and epochs of this recipe, for the network that is there.
    fn retune(self, recipe: &Recipe) {
        let before = self.recipe.get_untracked();
        if recipe.learning_rate != before.learning_rate {
            self.engine.send(Command::SetRate(recipe.learning_rate));
        }
        if recipe.epochs != before.epochs {
            self.engine.send(Command::SetEpochs(recipe.epochs));
        }
        self.recipe.set(recipe.clone());
        self.engine.opened.update(|opened| {
            if let Some(opened) = opened {
                (opened.recipe.learning_rate, opened.recipe.epochs) = (recipe.learning_rate, recipe.epochs);
            }
        });
    }

    /// Takes the next input of the test set, or this one.
    pub fn sample(self, index: Option<u32>) {
        self.engine.send(Command::Sample { index });
    }

    /// Changes what lies on the pad; the code is the drawing's own again.
    pub fn draw(self, change: impl FnOnce(&mut Sheets)) {
        // Whoever shows the code would be asked again for the same one.
        turn(self.held, None);
        self.sheets.update(change);
    }

    /// The code that the picture is made from: held, or the drawing's own.
    pub fn code(self) -> Option<Vec<f32>> {
        self.held.get().or_else(|| self.own_code())
    }

    /// What the encoder makes of the drawing.
    pub fn own_code(self) -> Option<Vec<f32>> {
        let z_at = self.engine.opened.with(|opened| opened.as_ref().map(|opened| opened.z_at))?;
        self.engine.seen.with(|seen| seen.as_ref().and_then(|seen| seen.signals.get(z_at).cloned()))
    }

    /// Sets one value of the code by hand.
    pub fn hold(self, index: usize, value: f32) {
        let code = untrack(|| self.code());
        if let Some(mut code) = code
            && let Some(place) = code.get_mut(index)
        {
            *place = value;
            self.held.set(Some(code));
        }
    }

    /// What is shown as x̂: of the held code, or of the drawing.
    pub fn output(self) -> Option<Vec<f32>> {
        let last = |signals: &[Vec<f32>]| signals.last().cloned();
        if self.held.with(Option::is_some) {
            return self.engine.decoded.with(|decoded| decoded.as_ref().and_then(|decoded| last(&decoded.signals)));
        }
        self.engine.seen.with(|seen| seen.as_ref().and_then(|seen| last(&seen.signals)))
    }

    /// How many steps an epoch takes.
    pub fn steps_per_epoch(self) -> f64 {
        let steps = self.engine.progress.with(|progress| progress.steps);
        let (data, batch, epochs) = self.recipe.with(|recipe| (recipe.data.clone(), recipe.batch, recipe.epochs));
        if steps > 0 {
            return f64::from(steps) / f64::from(epochs.max(1));
        }
        // Nothing ran yet, so the engine has not said it.
        self.engine.set(&data).map_or(1.0, |set| f64::from(set.train.div_ceil(batch.max(1)).max(1)))
    }

    /// Epochs done, with the fraction of the current one.
    pub fn epoch(self) -> f64 {
        let (steps, step, epoch) = self.engine.progress.with(|p| (p.steps, p.step, p.epoch));
        // The last step of a run may end beyond its last epoch: a batch is not cut.
        let all = self.recipe.with(|recipe| f64::from(recipe.epochs));
        if steps > 0 { f64::from(epoch).min(all) } else { f64::from(step) / self.steps_per_epoch() }
    }

    /// Width of every signal from x to x̂, and which of them is z: of the network that stands, or will.
    pub fn widths(self) -> (Vec<u32>, usize) {
        if let Some(opened) = self.engine.opened.get() {
            return (opened.widths, opened.z_at);
        }
        self.recipe.with(|recipe| {
            let inputs = self.engine.set(&recipe.data).map_or(784, |set| set.shape.0 * set.shape.1);
            let down = || std::iter::once(inputs).chain(recipe.encoder.iter().copied());
            let up: Vec<u32> = down().collect();
            (down().chain([recipe.z]).chain(up.into_iter().rev()).collect(), recipe.encoder.len() + 1)
        })
    }

    /// Whether other data are on their way to take the place of those that stand. What is asked until then is of inputs
    /// that the next network does not take.
    pub fn is_changing_data(self) -> bool {
        let coming = self.recipe.with_untracked(|recipe| recipe.data.clone());
        let others =
            self.engine.opened.with_untracked(|opened| opened.as_ref().is_some_and(|o| o.recipe.data != coming));
        others && self.engine.is_opening()
    }

    /// Rows and columns of an input.
    pub fn shape(self) -> (u32, u32) {
        shape_of(self.engine)
    }

    /// Whether inputs are series and not pictures.
    pub fn is_series(self) -> bool {
        self.shape().0 == 1
    }

    /// What one input is called, followed.
    pub fn thing(self) -> Thing {
        let is_series = self.is_series();
        let opened = self.engine.opened.with(|opened| opened.as_ref().map(|opened| opened.recipe.data.clone()));
        Thing::of(&opened.unwrap_or_else(|| self.recipe.with(|recipe| recipe.data.clone())), is_series)
    }

    /// What is on the pad is looked at, now and whenever the network changes.
    fn follow_drawing(self) {
        let engine = self.engine;
        whenever(move || {
            let input = self.input.get();
            let inputs = engine.opened.with(|opened| opened.as_ref().and_then(|opened| opened.widths.first().copied()));
            match (input, inputs) {
                (Some(input), Some(inputs)) if input.len() == inputs as usize => engine.watch(input),
                (_, Some(_)) => engine.watch_nothing(),
                (_, None) => {}
            }
        });
        whenever(move || {
            if let Some(sampled) = engine.sampled.get() {
                let sheet = Sheet::Sample { index: Some(sampled.index), input: sampled.input, label: sampled.label };
                self.draw(|sheets| sheets.lay(sheet));
            }
        });
    }

    /// A held code is decoded, now and whenever the weights have changed.
    fn follow_code(self) {
        let engine = self.engine;
        let step = Memo::new(move |_| engine.seen.with(|seen| seen.as_ref().map(|seen| seen.step)));
        whenever(move || {
            step.track();
            match self.held.get() {
                Some(code) => engine.decode(code),
                None if engine.decoded.with_untracked(Option::is_some) => engine.decoded.set(None),
                None => {}
            }
        });
        whenever(move || {
            if let Some((step, rate)) = engine.diverged.get() {
                self.explain_divergence(step, rate);
            }
        });
    }

    /// Says that something did not work.
    pub fn trouble(self, text: String) {
        self.news.trouble(text);
    }

    fn explain_divergence(self, step: u32, rate: f32) {
        let lower = (rate / 10.0).max(*limits::RATE.start());
        let text = words!(
            "At step {step} the loss was no longer a number: the learning rate η = {} is too high, so each update \
             shoots past its goal. The last good weights are back.",
            numbers::rate(rate)
        );
        let button = words!("Set η to {}", numbers::rate(lower));
        self.news.offer(super::news::Tone::Trouble, text, button, move || self.set_rate(lower));
    }
}

/// Rows and columns of an input of the network that stands, or will first.
fn shape_of(engine: Engine) -> (u32, u32) {
    engine.opened.with(|opened| opened.as_ref().map_or((28, 28), |opened| opened.shape))
}
