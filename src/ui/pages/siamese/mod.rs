//! Siamese: two digits, same or different? The answers are the labels that an encoder learns by.
mod cards;
mod game;
mod maps;

use crate::engine::protocol::{Answer, Ask, Command, Topic};
use crate::lessons::siamese::game::{self as course, State, Work};
use crate::lessons::siamese::{By, Choice, Dealing, Measure, Start, Teaching, csv};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::formula::{formula, symbol};
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::lesson::{card, idea, ideas, lesson, own_digit, run_bar, squeeze};
use crate::ui::widgets::picture::{of_its_kind, values};
use leptos::prelude::*;
use std::cell::RefCell;

thread_local! {
    /// Too large for a signal, which would copy it: [`Page`] counts its changes instead.
    static STATE: RefCell<State> = RefCell::default();
}

/// Pairs that are dealt at one go, and so many are left when the next come.
const HAND: u32 = 8;
const LOW: usize = 3;

#[derive(Clone, Copy)]
struct Page {
    desk: Desk,
    changed: RwSignal<u32>,
}

/// The page.
pub fn siamese(desk: Desk) -> Tag {
    STATE.take();
    on_cleanup(|| drop(STATE.take()));
    let page = Page { desk, changed: RwSignal::new(0) };
    page.follow();
    let stage = [
        run_bar(desk).into(),
        game::game(page).into(),
        maps::maps(page).into(),
        own_digit(desk).into(),
        cards::apart(page).into(),
        cards::accuracy(page).into(),
        cards::labels(page).into(),
    ];
    lesson("lesson siamese-lesson", stage, side(page))
}

impl Page {
    fn with<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.changed.track();
        STATE.with_borrow(read)
    }

    fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        STATE.with_borrow(read)
    }

    fn turn(self, change: impl FnOnce(&mut State)) {
        STATE.with_borrow_mut(change);
        if let Some(count) = self.changed.try_get_untracked() {
            self.changed.set(count.wrapping_add(1));
        }
    }

    fn is_open(self) -> bool {
        untrack(|| self.desk.engine.opened.with(Option::is_some))
    }

    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Pairs, move |answer| {
            if let Answer::Taught(taught) = answer {
                let done = taught.done;
                let mut is_news = false;
                self.turn(|state| is_news = state.hear(taught));
                self.look();
                if done && is_news {
                    self.go_on();
                    self.keep_up();
                }
            }
        });
        whenever(move || {
            // Of a question that was asked here: what was not answered earlier is over.
            if engine.unanswered.get() == Some(Topic::Pairs) && self.peek(|state| state.work.is_some()) {
                self.turn(State::give_up);
            }
        });
        engine.answers(Topic::Deal, move |answer| {
            if let Answer::Dealt(dealt) = answer {
                self.turn(|state| {
                    state.dealing = false;
                    state.queue.extend(dealt);
                });
            }
        });
        engine.answers(Topic::Apart, move |answer| {
            if let Answer::Apart { codes } = answer {
                self.turn(|state| state.codes = codes);
            }
        });
        // Another network, or a new engine: what was learned beside the old one is gone. Answers are about the data.
        let data = StoredValue::new(String::new());
        whenever(move || {
            engine.ready.track();
            engine.openings.track();
            untrack(|| {
                engine.send(Command::Drop(Topic::Pairs));
                let now = engine.opened.with(|opened| opened.as_ref().map(|opened| opened.recipe.data.clone()));
                let Some(now) = now else { return };
                if data.with_value(|data| *data == now) {
                    self.turn(State::renew);
                } else {
                    self.turn(|state| {
                        state.forget();
                        state.kept = None;
                    });
                }
                data.set_value(now);
                self.go_on();
                self.deal();
            });
        });
        whenever(move || {
            engine.progress.track();
            untrack(|| self.keep_up());
        });
        whenever(move || {
            self.desk.input.track();
            untrack(|| self.look());
        });
    }

    /// The network that stands has learned more: begins anew with it, if nothing was learned from the old one yet.
    fn keep_up(self) {
        let (step, running) = untrack(|| self.desk.engine.progress.with(|progress| (progress.step, progress.running)));
        let stale = self.peek(|state| {
            let untouched = state.answers.is_empty() && state.labelled == 0 && !state.stopped;
            untouched && state.begun && state.work.is_none() && state.start == Start::Network && state.network != step
        });
        if stale && !running {
            self.anew(State::renew);
        }
    }

    /// The codes of the visitor's digit, and of the one that was kept.
    fn look(self) {
        let width = untrack(|| self.desk.widths().0.first().map(|&width| width as usize));
        let fits = |input: &Vec<f32>| Some(input.len()) == width;
        let own = self.desk.input.get_untracked().filter(fits);
        let kept = self.peek(|state| state.kept.clone()).filter(fits);
        if let Some(own) = own.filter(|_| self.is_open()) {
            self.desk.engine.ask(Ask::Apart { inputs: [own].into_iter().chain(kept).collect() });
        } else {
            self.turn(|state| state.codes.clear());
        }
    }

    /// Fills the hand.
    fn deal(self) {
        let ask = STATE.with_borrow_mut(|state| {
            let wanted = !state.dealing && state.queue.len() <= LOW;
            wanted.then(|| {
                state.dealing = true;
                state.seed += 1;
                Dealing { count: HAND, seed: state.seed, choice: state.choice, margin: state.margin }
            })
        });
        if let Some(dealing) = ask.filter(|_| self.is_open()) {
            self.desk.engine.ask(Ask::Deal(dealing));
        }
    }

    /// An answer to the pair in view.
    fn judge(self, same: bool) {
        self.turn(|state| {
            let Some(dealt) = state.queue.pop_front() else { return };
            let pair = crate::lessons::siamese::Pair { a: dealt.a, b: dealt.b, same };
            state.answers.push((pair, dealt.truth));
            state.last = Some((pair, dealt.distance));
            state.rested = 0;
        });
        self.deal();
        self.go_on();
    }

    /// Asks what is to be asked next.
    fn go_on(self) {
        let Some(work) = self.peek(State::next).filter(|_| self.is_open()) else { return };
        self.begin(work);
    }

    fn begin(self, work: Work) {
        let network = self.desk.engine.progress.with_untracked(|progress| progress.step);
        let ask = STATE.with_borrow_mut(|state| {
            let answers = |steps| By::Answers { pairs: state.answers.iter().map(|(pair, _)| *pair).collect(), steps };
            let nothing = By::Answers { pairs: Vec::new(), steps: 0 };
            let start = (!state.begun || work == Work::Labels).then_some(state.start);
            let (by, measure) = match work {
                Work::Begin => (nothing, Measure::Part),
                Work::Game => (answers(course::STEPS), Measure::No),
                Work::Measure(_) => (answers(0), Measure::Part),
                Work::Whole => (answers(0), Measure::Whole),
                Work::Labels => (By::Labels { pairs: state.wanted, epochs: state.epochs }, Measure::Part),
            };
            if let Work::Measure(count) = work {
                state.asked = count;
            }
            if start.is_some() {
                state.network = network;
            }
            state.work = Some(work);
            Teaching { start, margin: state.margin, by, measure }
        });
        self.turn(|_| {});
        self.desk.engine.ask(Ask::Pairs(ask));
    }

    /// Begins anew, after this change.
    fn anew(self, change: impl FnOnce(&mut State)) {
        self.desk.engine.send(Command::Drop(Topic::Pairs));
        self.desk.engine.answering.set(None);
        self.turn(change);
        self.look();
        self.go_on();
        self.deal();
    }

    /// Learns by true labels, from the start.
    fn learn_from_labels(self) {
        self.desk.engine.send(Command::Drop(Topic::Pairs));
        self.turn(|state| {
            state.renew();
            // Answers wait for the next of them.
            state.give_up();
        });
        self.begin(Work::Labels);
        self.deal();
    }

    /// Leaves what is going on as far as it has come.
    fn stop(self) {
        self.desk.engine.send(Command::Drop(Topic::Pairs));
        self.desk.engine.answering.set(None);
        self.turn(|state| {
            state.stopped |= state.work == Some(Work::Labels);
            state.work = None;
        });
        self.go_on();
    }

    /// A setting of the game: the next pairs are chosen by it.
    fn choose(self, choice: Choice) {
        self.turn(|state| {
            state.choice = choice;
            // The pair in view stays.
            state.queue.truncate(1);
            state.dealing = false;
        });
        self.deal();
    }
}

/// A picture of what this reads.
fn picture(page: Page, label: &'static str, read: fn(Page) -> Option<Vec<f32>>) -> AnyView {
    of_its_kind(page.desk, move || values(page.desk, move || read(page)).label(label))
}

/// An input of the pair to be judged.
fn judged(page: Page, which: usize) -> Option<Vec<f32>> {
    page.with(|state| state.queue.front().map(|dealt| dealt.inputs[which].clone()))
}

fn side(page: Page) -> [AnyView; 3] {
    let desk = page.desk;
    let list = ideas([
        idea("squeeze z to 2", "the whole space on the map, and nothing hidden: watch islands form", move || {
            squeeze(desk)
        }),
        idea("learn from true pairs", "60,000 of them in two passes, and the classes draw apart", move || {
            page.turn(|state| (state.wanted, state.epochs) = (60_000, 2));
            page.learn_from_labels();
        }),
        idea(
            "start from scratch",
            "a few answers lift a fresh encoder, and may spoil the good map of the autoencoder. Why?",
            move || {
                page.anew(|state| {
                    state.start = Start::Scratch;
                    state.renew();
                });
            },
        ),
        idea("ask where it is unsure", "pairs at half the margin teach most. Or do they?", move || {
            page.choose(Choice::Unsure);
        }),
    ]);
    let why = card(
        "Pairs instead of classes",
        [
            tag("p")
                .text("Nobody says which class it is. Each answer only says whether two belong together, ")
                .child(symbol("y = 1"))
                .text(", or not, ")
                .child(symbol("y = 0"))
                .text(". Both go through the same encoder, and their distance")
                .into(),
            formula("s ( z_i , z_j ) = ‖ e ( x_i ) − e ( x_j ) ‖"),
            tag("p").text("is made small, or pushed beyond the margin m:").into(),
            formula("Loss = y s^2 + ( 1 − y ) max ( 0 , m − s )^2"),
            tag("p")
                .class("note")
                .text(
                    "Of pairs dealt by chance about half are of one class by the labels, in random order, so that both answers come up. \
                     Labels are used for that and for measuring; the encoder learns by your answers alone. Without labels half of \
                     the pairs are near ones, the game goes on, and nothing can be measured.",
                )
                .into(),
        ],
    );
    let pairs = button("pairs.csv", move || download::text("pairs.csv", "text/csv", &page.peek(|s| csv(&s.answers))))
        .flag("disabled", move || page.with(|state| state.answers.is_empty()));
    let latents = button("latents.csv", move || {
        download::text("latents.csv", "text/csv", &page.peek(|state| state.after.csv()));
    })
    .flag("disabled", move || page.with(|state| state.after.is_empty()));
    let export = card(
        "Take it with you",
        [
            tag("div").class("row").child(pairs).child(latents).into(),
            tag("p")
                .class("note")
                .text("Your answers beside the labels; and the codes on the right map: index, label, z0, z1, …")
                .into(),
        ],
    );
    [list.into(), why.into(), export.into()]
}
