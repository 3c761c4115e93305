//! Denoise: one network has learned to take noise off, one has not, and what do older methods make of it?
mod curve;
mod noise;
mod state;
mod table;

use crate::engine::protocol::{Answer, Ask, Command, Origin, Topic};
use crate::lessons::Recipe;
use crate::lessons::choices::{Choice, NoiseKind};
use crate::lessons::denoise::{LESSON, Mask, corrupted, noise as noise_of, range, recipe_for_series, strength};
use crate::lessons::recipe::Noise;
use crate::ui::desk::Desk;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::lesson::{back_to_kept, card, idea, idea_of, ideas, lesson, own_digit, trains_beside};
use crate::words;
use leptos::prelude::*;
use state::{Question, State, TESTS};

/// The lesson, in the page.
#[derive(Clone, Copy)]
struct Page {
    desk: Desk,
    state: RwSignal<State>,
}

/// The page.
pub fn denoise(desk: Desk) -> Tag {
    let noise = desk.recipe.with_untracked(|recipe| recipe.noise);
    let page = Page { desk, state: RwSignal::new(State::new(noise)) };
    page.follow();
    trains_beside(desk, move || page.state.with(|state| state.training));
    let left = tag("div").class("denoise-left").child(own_digit(desk)).child(noise::noise(page));
    let right = tag("div").class("denoise-right").child(table::table(page)).child(curve::curve(page));
    lesson("lesson denoise-lesson", [bar(page).into(), left.into(), right.into()], side(page))
}

impl Page {
    fn change(self, change: &mut dyn FnMut(&mut State)) {
        // An answer can come after the visitor has left.
        self.state.try_update(|state| change(state));
    }

    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Beats, move |answer| {
            if let Answer::Beats { inputs, .. } = answer {
                let mut inputs = Some(inputs);
                self.change(&mut |state| state.tests = inputs.take().unwrap_or_default());
                self.ask();
            }
        });
        engine.answers(Topic::Cleaned, move |answer| {
            let Answer::Cleaned(cleaned) = answer else { return };
            let (mut cleaned, mut next) = (Some(cleaned), None);
            self.change(&mut |state| {
                state.cleaned = cleaned.take().unwrap_or_default();
                state.shown = std::mem::take(&mut state.sent);
                // What stands on the run's shelf, for whoever comes back.
                if !state.training {
                    state.trained = state.cleaned.trained;
                }
                next = state.question.answered(js_sys::Date::now());
            });
            if let Some(question) = next {
                self.send(question);
            }
        });
        for topic in [Topic::Denoisers, Topic::Levels, Topic::Gallery] {
            engine.answers(topic, move |answer| {
                let mut answer = Some(answer);
                self.change(&mut |state| answer.take().into_iter().for_each(|answer| state.hear(answer)));
                match topic {
                    Topic::Denoisers => self.ask(),
                    Topic::Gallery => curve::save(self),
                    _ => self.measured(),
                }
            });
        }
        // Another network: all that was learned beside the old one is gone with it.
        whenever(move || {
            if engine.openings.get() == 0 {
                return;
            }
            let mut waiting = false;
            self.change(&mut |state| {
                state.forget();
                waiting = std::mem::take(&mut state.waiting);
            });
            let (noise, data) = self.desk.recipe.with_untracked(|recipe| (recipe.noise, recipe.data.clone()));
            let unit = untrack(|| engine.set(&data)).is_none_or(|set| set.unit);
            self.change(&mut |state| {
                state.unit = unit;
                if noise != Noise::None {
                    state.noise = noise;
                }
            });
            untrack(|| self.turn_to(0));
            if waiting {
                self.train(true);
            }
        });
        whenever(move || {
            self.desk.input.track();
            engine.pca.track();
            untrack(|| self.ask());
        });
        whenever(move || {
            let refused = engine.unanswered.get();
            self.change(&mut |state| match refused {
                Some(Topic::Denoisers) => (state.training, state.trained) = (false, None),
                Some(Topic::Levels) => state.measuring = false,
                Some(Topic::Gallery) => state.saving = false,
                _ => {}
            });
        });
    }

    /// Test inputs from this one on.
    fn turn_to(self, first: u32) {
        self.change(&mut |state| state.first = first);
        self.desk.engine.ask(Ask::Beats { rows: (first..first + TESTS).collect() });
    }

    /// Puts noise on what is in view, and asks what the methods make of it.
    fn ask(self) {
        let (desk, mut now) = (self.desk, None);
        let (rows, cols) = untrack(|| desk.shape());
        let len = (rows * cols) as usize;
        let seed = desk.recipe.with_untracked(|recipe| recipe.seed);
        let input = desk.input.get_untracked().filter(|input| input.len() == len);
        if desk.engine.opened.with_untracked(Option::is_none) {
            return;
        }
        self.change(&mut |state| {
            if state.mask.len() != len {
                state.mask = Mask::new(len, cols as usize);
            }
            state.tests.retain(|test| test.len() == len);
            // The visitor's place is always there, so that the noise of the others stays as it is.
            let mut clean = input.clone().unwrap_or_else(|| vec![0.0; len]);
            clean.extend(state.tests.iter().flatten());
            let mut noisy = corrupted(state.noise, seed, state.draw, &clean, len as u32, cols);
            if !state.everywhere {
                state.mask.apply(&clean[..len], &mut noisy[..len]);
            }
            let own = input.is_some();
            state.own = own.then(|| noisy[..len].to_vec());
            if !own {
                clean.drain(..len);
                noisy.drain(..len);
            }
            now = state.question.offer(Question { own, clean, noisy }, js_sys::Date::now());
        });
        if let Some(question) = now {
            self.send(question);
        }
    }

    fn send(self, question: Question) {
        self.desk.engine.ask(Ask::Cleaned { inputs: question.noisy.clone() });
        let mut question = Some(question);
        self.change(&mut |state| state.sent = question.take().unwrap_or_default());
    }

    /// Other noise from now on.
    fn set_noise(self, noise: Noise) {
        self.change(&mut |state| state.noise = noise);
        self.ask();
    }

    /// Trains both with the noise that was chosen.
    fn train(self, fresh: bool) {
        let desk = self.desk;
        let noise = self.state.with_untracked(|state| state.noise);
        let recipe = desk.recipe.get_untracked();
        let untouched = desk.engine.curve.with_untracked(Vec::is_empty);
        // A link should say which noise, unless it was opened by one that keeps another. Opening a network costs nothing where
        // the one that stands has learned nothing.
        let free = untouched && !untrack(|| desk.is_locked("noise"));
        if free && recipe.noise != noise && desk.check(&Recipe { noise, ..recipe.clone() }).is_ok() {
            self.change(&mut |state| (state.waiting, state.training) = (true, true));
            desk.open(Recipe { noise, ..recipe }, Origin::Seed);
            return;
        }
        self.change(&mut |state| {
            state.training = true;
            state.measuring = false;
        });
        desk.engine.send(Command::Drop(Topic::Levels));
        desk.engine.ask(Ask::Denoisers { noise, fresh });
    }

    /// A strength was measured: perhaps the last one.
    fn measured(self) {
        self.change(&mut |state| {
            if state.levels.len() >= crate::lessons::denoise::levels(state.levels[0].noise).len() {
                state.measuring = false;
            }
        });
    }
}

/// Both networks: the button that trains them, and how far they are.
fn bar(page: Page) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let engine = desk.engine;
    // Whether going on makes sense: they were stopped, and the noise is still the same.
    let goes_on = move |state: &State| {
        state.trained.is_some_and(|trained| trained.noise == state.noise && trained.step < trained.steps)
    };
    let press = move || {
        let (training, going_on) = state.with_untracked(|state| (state.training, goes_on(state)));
        if training {
            engine.send(Command::Drop(Topic::Denoisers));
            page.change(&mut |state| (state.waiting, state.training) = (false, false));
        } else {
            page.train(!going_on);
        }
    };
    let name = move || {
        state.with(|state| match state.trained {
            _ if state.training => "Stop",
            _ if goes_on(state) => "Go on",
            Some(_) => "Train both again",
            None => "Train both",
        })
    };
    let share = move || {
        let trained = state.with(|state| state.trained);
        trained.map_or(0.0, |trained| trained.step as f32 / trained.steps.max(1) as f32)
    };
    let epochs = move || {
        let all = desk.recipe.with(|recipe| recipe.epochs);
        format!("{:.1} / {all}", share() * all as f32)
    };
    let losses = move || {
        match state.with(|state| state.trained) {
        Some(trained) => {
            let [plain, denoising] = trained.losses.map(numbers::loss);
            words!("loss: plain {plain}, denoising {denoising} ({})", describe(trained.noise))
        }
        None => "two networks, the same first weights: one learns with noise. Until then the network at hand is the plain one".into(),
    }
    };
    let network = move || {
        let sizes: Vec<_> = desk.widths().0.iter().map(u32::to_string).collect();
        let data = desk.recipe.with(|recipe| recipe.data.clone());
        let data = engine.title_of(&data);
        words!("2 × {} on {data}", sizes.join("–"))
    };
    tag("section")
        .class("card run-bar")
        .label("Training")
        .child(
            button("", press)
                .class("main train")
                .class_if("running", move || state.with(|state| state.training))
                .flag("disabled", move || engine.opened.with(Option::is_none))
                .says(move || name().into()),
        )
        .child(tag("progress").set("max", "1").label("Progress of both networks").value(move || share().to_string()))
        .child(tag("span").class("epochs").text("epoch ").child(tag("b").testid("denoise-epoch").says(epochs)))
        .child(tag("span").class("figure").testid("denoise-losses").says(losses))
        .child(tag("span").class("figure network").says(network))
        .child(tag("a").set("href", "#/studio").text("change it in the Studio"))
        .child(back_to_kept(desk))
}

/// A noise in words.
fn describe(noise: Noise) -> String {
    match noise {
        Noise::None => "no noise".into(),
        Noise::Gaussian { sd } => words!("Gaussian, sd {sd}"),
        Noise::SaltPepper { share } => words!("salt and pepper, {:.0} %", share * 100.0),
        Noise::Block { size } => words!("a block of {size}"),
    }
}

fn side(page: Page) -> [AnyView; 3] {
    let desk = page.desk;
    let squeeze = move || {
        let recipe = desk.recipe.get_untracked();
        if desk.check(&Recipe { z: 4, ..recipe.clone() }).is_ok() {
            let opens = desk.open(Recipe { z: 4, ..recipe }, Origin::Seed);
            page.change(&mut |state| (state.waiting, state.training) = (opens, opens || state.training));
        }
    };
    let back = move || {
        let data = desk.recipe.with_untracked(|recipe| recipe.data.clone());
        let series = untrack(|| desk.engine.set(&data)).filter(|set| set.shape.0 == 1);
        let own = match series {
            Some(set) => recipe_for_series(&data, set.train, set.shape.1),
            None => Recipe { data, ..(LESSON.recipe)() },
        };
        desk.open(own, Origin::Seed);
    };
    let kind = move |kind: NoiseKind| page.set_noise(kind.usual());
    let strongest = move || {
        let kind = page.state.with_untracked(|state| NoiseKind::of(state.noise));
        page.set_noise(noise_of(kind, range(kind).0));
    };
    let none = move || {
        let kind = page.state.with_untracked(|state| NoiseKind::of(state.noise));
        page.set_noise(noise_of(kind, 0.0));
    };
    let list = ideas([
        idea("hide a block", "what is drawn where nothing can be seen?", move || kind(NoiseKind::Block)),
        idea("throw salt and pepper", "which method was made for it?", move || kind(NoiseKind::SaltPepper)),
        idea("turn the noise up", "stronger than any it has learned from: who breaks first?", strongest),
        idea_of(
            desk,
            |_| "take the noise away",
            |thing| {
                thing.among([
                    "what does each do to a clean digit?",
                    "what does each do to a clean picture?",
                    "what does each do to a clean beat?",
                    "what does each do to a clean series?",
                ])
            },
            none,
        ),
        idea_of(
            desk,
            |_| "paint the noise yourself",
            |thing| {
                thing.among([
                    "how much of your digit can go before it is another one?",
                    "how much of your picture can go before it is another one?",
                    "how much of your beat can go before it is not yours any more?",
                    "how much of your series can go before it is not yours any more?",
                ])
            },
            move || {
                page.change(&mut |state| state.everywhere = false);
                page.ask();
            },
        ),
        idea("squeeze z to 4, and train both", "does a narrow bottleneck clean up on its own?", squeeze),
        idea("go back", "to the lesson’s own network, with z = 32", back),
    ]);
    let chosen = move || page.state.with(|state| NoiseKind::of(state.noise));
    let is_added = move || chosen() == NoiseKind::Gaussian;
    // Gaussian noise is added; the others set values.
    let added = tag("div").flag("hidden", move || !is_added()).child(formula("x̃ = x + s · ε , ε ~ N ( 0 , 1 )"));
    let which = move || match chosen() {
        NoiseKind::Block => "except within a block at a random place, where all values are set to 0.".into(),
        _ => "except for a share s of the values, which are set to 0 or 1 at random.".into(),
    };
    let set = tag("div").flag("hidden", is_added).child(formula("x̃_i = x_i")).child(tag("p").says(which));
    let why = card(
        "Learning to take noise off",
        [
            tag("p").text("Noise goes onto the input, and the clean input stays the target:").into(),
            added.into(),
            set.into(),
            formula("Loss = { 1 / n } ‖ d ( e ( x̃ ) ) − x ‖^2"),
            tag("p")
                .text(
                    "The plain autoencoder has the same layers, the same first weights and the same order of the data, but \
                     has never seen noise. So all that differs is what they learned from. The noise on this page is made as \
                     in training, by other numbers, and Gaussian noise is not cut off at 0 and 1.",
                )
                .into(),
        ],
    );
    let unit = move || {
        let data = desk.recipe.with(|recipe| recipe.data.clone());
        desk.engine.set(&data).is_none_or(|set| set.unit)
    };
    let ratio = move |of_unit: bool, text: &'static str| {
        tag("div").flag("hidden", move || unit() != of_unit).child(formula(text)).into()
    };
    let measure = card(
        "How the decibels are measured",
        [
            ratio(true, "PSNR = 10 · log_10 { 1 / MSE }"),
            ratio(false, "SNR = 10 · log_10 { 1 / MSE }"),
            tag("p").says(move || match unit() {
                true => words!(
                    "The mean of the squared error over all values, against a peak of 1; over several {} their mean \
                     error first, then the logarithm. 3 dB more is half the error. Values count as they come out: those \
                     of networks lie within 0…1, PCA’s need not. The switch brings all into 0…1 first.",
                    desk.thing().many()
                ),
                false => "The mean of the squared error over all values, against a power of 1, to which series are scaled \
                          over the whole set: a signal-to-noise ratio. Over several series their mean error first, then the \
                          logarithm. 3 dB more is half the error."
                    .to_owned(),
            }).into(),
            tag("p").says(move || match unit() {
                true => "PCA is fitted to the clean training set and keeps as many numbers as z. The median filter takes the \
                         picture brought into 0…1, and each pixel’s median of 3 × 3; beyond the edge the outermost pixels go \
                         on (SciPy’s mode “nearest”)."
                    .to_owned(),
                false => "PCA is fitted to the clean training set and keeps as many numbers as z. A block is an interval here, \
                          and the median filter takes the median of 3 points; beyond the ends the outermost point goes \
                          on. Salt and pepper set values to 0 (the mean) or 1; a block sets them to 0."
                    .to_owned(),
            }).into(),
        ],
    );
    [list.into(), why.into(), measure.into()]
}

/// The kind's name, and how strong it is, in words.
fn amount(noise: Noise, series: bool) -> String {
    let strength = strength(noise);
    match noise {
        Noise::None => String::new(),
        Noise::Gaussian { .. } => words!("sd {strength:.2}"),
        Noise::SaltPepper { .. } => words!("{:.0} % of the values", strength * 100.0),
        Noise::Block { .. } if series => words!("{strength:.0} points"),
        Noise::Block { .. } => format!("{strength:.0} × {strength:.0}"),
    }
}

/// The kinds that can be chosen.
fn kinds() -> impl Iterator<Item = NoiseKind> {
    NoiseKind::all().iter().copied().filter(|&kind| kind != NoiseKind::None)
}
