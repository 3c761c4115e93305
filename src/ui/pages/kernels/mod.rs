//! Kernels: one update in slow motion, on the network that stands, with the kernels that really run.
mod calls;
mod chain;
mod differ;
mod motion;
mod state;
mod which;

use crate::engine::protocol::{Answer, Ask, Command, Kernels, Origin, Topic};
use crate::lessons::Recipe;
use crate::lessons::kernels::{Place, Stage};
use crate::lessons::recipe::{Activation, Optimiser};
use crate::ui::desk::Desk;
use crate::ui::formula::formula;
use crate::ui::tag::{Tag, button, fact, tag, whenever};
use crate::ui::widgets::lesson::{card, idea, ideas, lesson, own_digit, run_bar, try_it};
use crate::words;
use leptos::prelude::*;
use state::State;

/// The lesson, in the page.
#[derive(Clone, Copy)]
struct Page {
    desk: Desk,
    state: RwSignal<State>,
}

/// The page.
pub fn kernels(desk: Desk) -> Tag {
    let page = Page { desk, state: RwSignal::new(State::default()) };
    page.follow();
    let left = tag("div").class("kernels-left").child(own_digit(desk)).child(which::which(page));
    let right = tag("div")
        .class("kernels-right")
        .child(chain::chain(page))
        .child(motion::motion(page))
        .child(calls::calls(page))
        .child(differ::check(page))
        .child(differ::compare(page));
    lesson("lesson kernels-lesson", [bar(page).into(), left.into(), right.into()], side(page))
}

impl Page {
    fn change(self, change: &mut dyn FnMut(&mut State)) {
        // An answer can come after the visitor has left.
        self.state.try_update(|state| change(state));
    }

    fn ask(self, ask: Kernels) {
        self.desk.engine.ask(Ask::Kernels(ask));
    }

    fn follow(self) {
        let engine = self.desk.engine;
        for topic in [Topic::Update, Topic::Follow, Topic::Times, Topic::Check, Topic::Compare] {
            engine.answers(topic, move |answer| {
                let Answer::Kernels(answer) = answer else { return };
                let (mut answer, mut next) = (Some(answer), None);
                self.change(&mut |state| {
                    answer.take().into_iter().for_each(|answer| state.hear(answer));
                    if topic == Topic::Update {
                        next = state.question.answered(js_sys::Date::now());
                    }
                });
                match next {
                    Some(input) => self.ask(Kernels::Update { input }),
                    None if topic == Topic::Update => self.look(),
                    None if topic == Topic::Follow => self.settle(),
                    None => {}
                }
            });
        }
        // The same one is spoken of again when it is busy, or a GPU is refused once more: what it made stays.
        let device = Memo::new(move |_| engine.device.with(|device| device.as_ref().map(|device| device.number)));
        let opened = StoredValue::new(None);
        whenever(move || {
            device.get();
            let now = Some(engine.openings.get());
            let same = opened.try_update_value(|opened| std::mem::replace(opened, now) == now) == Some(true);
            self.change(&mut |state| if same { state.move_on() } else { state.forget() });
            untrack(|| self.update());
        });
        // What is on the pad, and where training stands when it stands.
        let step = Memo::new(move |_| engine.progress.with(|progress| (!progress.running).then_some(progress.step)));
        whenever(move || {
            self.desk.input.track();
            step.get();
            untrack(|| self.update());
        });
        whenever(move || {
            let refused = engine.unanswered.get();
            self.change(&mut |state| match refused {
                Some(Topic::Update) => state.question.forget(),
                Some(Topic::Times) => state.measuring = false,
                Some(Topic::Check) => state.checking = false,
                Some(Topic::Compare) => state.comparing = false,
                _ => {}
            });
        });
    }

    /// Lets a copy take its next step, with the weights of now.
    fn update(self) {
        let desk = self.desk;
        let (rows, cols) = untrack(|| desk.shape());
        if desk.engine.opened.with_untracked(Option::is_none) {
            return;
        }
        let own = self.state.with_untracked(|state| state.own);
        let input = desk.input.get_untracked().filter(|input| own && input.len() == (rows * cols) as usize);
        if own && input.is_none() {
            return;
        }
        let mut now = None;
        self.change(&mut |state| {
            state.renew();
            now = state.question.offer(input.clone(), js_sys::Date::now());
        });
        for topic in [Topic::Check, Topic::Compare] {
            desk.engine.send(Command::Drop(topic));
        }
        if let Some(input) = now {
            self.ask(Kernels::Update { input });
        }
    }

    /// Asks for all about the weight that is followed.
    fn look(self) {
        self.ask(Kernels::Follow(self.state.with_untracked(|state| state.place)));
    }

    /// At first, of the layer's most active unit the weight with the largest gradient: of most it is 0.
    fn settle(self) {
        let mut left = 0;
        self.change(&mut |state| (left, state.fresh) = (state.fresh, state.fresh.saturating_sub(1)));
        let liveliest = || {
            self.state.with_untracked(|state| {
                let followed = state.followed.as_ref()?;
                Some(Place { unit: largest(&followed.units)?, ..followed.place })
            })
        };
        match left {
            2 => liveliest().into_iter().for_each(|place| self.show(place)),
            1 => self.steepest(),
            _ => {}
        }
    }

    /// Follows another weight, by the visitor's choice.
    fn go(self, place: Place) {
        let (_, encoder) = untrack(|| self.desk.widths());
        self.change(&mut |state| {
            state.fresh = 0;
            // A box of layers is that of the weight's.
            if matches!(state.stage, Stage::Encoder | Stage::Code | Stage::Decoder) {
                state.stage = Stage::of_layer(place.layer, encoder);
            }
        });
        self.show(place);
    }

    /// Follows another weight.
    fn show(self, place: Place) {
        let (widths, _) = untrack(|| self.desk.widths());
        let place = place.within(&widths);
        self.change(&mut |state| state.place = place);
        self.look();
    }

    /// Opens a box; one of layers follows a weight of those.
    fn open(self, stage: Stage) {
        let (widths, encoder) = untrack(|| self.desk.widths());
        self.change(&mut |state| (state.stage, state.call) = (stage, 0));
        let place = self.state.with_untracked(|state| state.place);
        let layers = 0..widths.len().saturating_sub(1) as u32;
        let has = |layer: u32| Stage::of_layer(layer, encoder) == stage;
        if !has(place.layer)
            && let Some(layer) = layers.clone().find(|&layer| has(layer))
        {
            self.go(Place { layer, unit: 0, input: 0 });
        }
    }

    /// Follows the weight whose gradient is the largest among those of its unit.
    fn steepest(self) {
        let found = self.state.with_untracked(|state| {
            let followed = state.followed.as_ref()?;
            Some(Place { input: largest(&followed.gradients)?, ..followed.place })
        });
        if let Some(place) = found {
            self.go(place);
        }
    }

    /// Takes another batch.
    fn take(self, own: bool) {
        self.change(&mut |state| state.own = own);
        self.update();
    }
}

/// Which of these is furthest from 0.
fn largest(values: &[f32]) -> Option<u32> {
    (0..).zip(values).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map(|(at, _)| at)
}

/// The network that trains, and the step of it that was unfolded.
fn bar(page: Page) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let engine = desk.engine;
    let running = fact(move || engine.progress.with(|progress| progress.running));
    let step = move || {
        let of = state.with(|state| state.updated.as_ref().map(|updated| (updated.step, updated.rows, updated.loss)));
        match of {
            Some((step, rows, _)) => {
                let batch = if rows == 1 { "a batch of one".into() } else { words!("a batch of {rows}") };
                words!("in slow motion: step {}, {batch}", step + 1)
            }
            None => "no update yet".into(),
        }
    };
    run_bar(desk)
        .child(
            button("Step", move || engine.send(Command::Step))
                .set("title", "Let the network itself make one step, with its next batch")
                .flag("disabled", move || running.get() || engine.opened.with(Option::is_none)),
        )
        .child(
            button("Newest weights", move || page.update())
                .set("title", "Training went on: unfold its next step")
                .flag("hidden", move || !running.get()),
        )
        .child(tag("span").class("figure").testid("unfolded").says(step))
}

fn side(page: Page) -> [AnyView; 2] {
    let desk = page.desk;
    let open = move |change: fn(&mut Recipe)| {
        let mut recipe = desk.recipe.get_untracked();
        change(&mut recipe);
        if desk.check(&recipe).is_ok() {
            desk.open(recipe, Origin::Seed);
        }
    };
    let list = ideas([
        idea("find the steepest weight", "of this unit: what enters it?", move || page.steepest()),
        AnyView::from(
            try_it("look at a corner of the picture", "pixel 1 is always 0: what is its gradient?", move || {
                page.go(Place { layer: 0, unit: 0, input: 0 });
            })
            // A heartbeat has no corner.
            .flag("hidden", move || page.desk.is_series()),
        ),
        idea(
            "take a whole batch",
            "then press “Measure the step”, and compare with “yours alone”",
            move || page.take(false),
        ),
        idea("make a step", "is “after” now “before”?", move || {
            page.take(false);
            desk.engine.send(Command::Step);
        }),
        idea("learn by plain SGD", "where is the step η times the gradient, and nothing else?", move || {
            open(|recipe| recipe.optimiser = Optimiser::Sgd);
        }),
        idea("squeeze through one number", "z = 1: how little the kernels in the middle have to do!", move || {
            open(|recipe| recipe.z = 1);
        }),
        idea("check other weights", "does every gradient hold?", move || differ::begin_check(page)),
    ]);
    let drawn = move || {
        desk.recipe.with(|recipe| recipe.variational.is_some() || recipe.noise != crate::lessons::recipe::Noise::None)
    };
    let why = card(
        "One update",
        [
            formula("x → e → z → d → Loss"),
            formula("e = f_n ∘ σ ∘ … ∘ σ ∘ f_1"),
            formula("f ( X ) = W X + b"),
            // As the lecture has it, where that is the recipe's.
            tag("div")
                .flag("hidden", move || desk.recipe.with(|recipe| recipe.activation != Activation::Relu))
                .child(formula("σ ( X ) = max ( 0 , X )"))
                .into(),
            formula("w ← w − η { ∂Loss / ∂w }"),
            tag("p")
                .text(
                    "A unit adds up what enters it, each value times a weight; σ bends the sum. At the end the loss says \
                     how far x̂ is from x.",
                )
                .into(),
            formula("s_j = Σ_i w_ji a_i + b_j"),
            formula("a_j = σ ( s_j )"),
            tag("p")
                .text(
                    "Backward, each unit hears how the loss would change with its sum: δ. A weight’s gradient is that \
                     times what entered there, over all inputs of the batch.",
                )
                .into(),
            formula("{ ∂Loss / ∂w_ji } = Σ δ_j a_i"),
            tag("p")
                .text(
                    "The kernels are these sums for all units at once: products of matrices. A copy of the network makes \
                     this step on the device that trains; the network itself stays as it is.",
                )
                .into(),
            tag("p")
                .class("note")
                .flag("hidden", move || !drawn())
                .text("The recipe’s noise and random codes are left out here: the step is the plain autoencoder’s.")
                .into(),
        ],
    );
    [list.into(), why.into()]
}
