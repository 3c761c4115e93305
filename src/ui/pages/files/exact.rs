//! Exactly so many steps from the weights that stand, with files of before and after: whoever has a gradient of their
//! own can hold it against this one.
use crate::engine::protocol::{Answer, Ask, Command, Exact, Exactly, Topic};
use crate::lessons::files::{Row, curve_csv};
use crate::lessons::recipe::Optimiser;
use crate::ui::desk::Desk;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::fields::{choice, field, menu, numeral, parsed};
use crate::ui::widgets::lesson::{answering, card};
use crate::ui::{download, numbers};
use crate::words;
use leptos::prelude::*;
use std::fmt::Display;
use std::str::FromStr;

#[derive(Clone, Copy)]
struct Run {
    desk: Desk,
    wanted: RwSignal<Exact>,
    going: RwSignal<bool>,
    came: RwSignal<Option<Exactly>>,
}

/// The card.
pub fn exact(desk: Desk) -> Tag {
    // A step that is the gradient itself: of plain SGD, and long, so that little of it is rounded away.
    let first = Exact {
        steps: 1,
        optimiser: Optimiser::Sgd,
        rate: 16_384.0,
        batch: desk.recipe.with_untracked(|recipe| recipe.batch),
        shuffle: false,
        before: 0,
    };
    let run = Run { desk, wanted: RwSignal::new(first), going: RwSignal::new(false), came: RwSignal::new(None) };
    run.follow();
    let words = tag("p").class("note").set("role", "status").testid("exact").says(move || run.says());
    card(
        "An exact run",
        [
            tag("p")
                .class("note")
                .text(
                    "So many steps on a copy of this network, in the order of the file and without noise; the network \
                     itself stays as it is. One step of SGD makes (before − after) / η the gradient, to be held against \
                     your own.",
                )
                .into(),
            run.fields().into(),
            tag("div")
                .class("row wrap")
                .child(run.button())
                .child(answering(desk, Topic::Exact, "Progress of the exact run", move || run.going.get()))
                .child(run.file("before.safetensors", |came| came.first.clone()))
                .child(run.file("after.safetensors", |came| came.last.clone()))
                .child(run.file("exact-curve.csv", |came| table(came).into_bytes()))
                .into(),
            words.into(),
        ],
    )
    .class("card exact-run")
}

impl Run {
    fn follow(self) {
        self.desk.engine.answers(Topic::Exact, move |answer| {
            if let Answer::Exact(came) = answer {
                self.going.set(false);
                self.came.set(Some(came));
            }
        });
        // What is of a network that no longer stands says nothing of the new one.
        Effect::new(move |_| {
            self.desk.engine.opened.track();
            self.going.set(false);
            self.came.set(None);
        });
        let engine = self.desk.engine;
        Effect::new(move |_| {
            if engine.unanswered.get() == Some(Topic::Exact) {
                self.going.set(false);
            }
        });
    }

    fn fields(self) -> Tag {
        let wanted = self.wanted;
        let steps = number("Steps", "The number of steps", wanted, |w| &mut w.steps);
        let batch = number("Inputs per step", "The number of inputs per step", wanted, |w| &mut w.batch);
        let rate = number("η, of any size", "η", wanted, |w| &mut w.rate);
        let optimiser = choice(
            "Optimiser",
            move || wanted.with(|w| w.optimiser),
            move |choice| {
                wanted.update(|w| w.optimiser = choice);
                Ok(())
            },
        );
        let orders = [("file", "as in the file"), ("shuffled", "shuffled by the seed")];
        let orders = orders.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
        let wrong = RwSignal::new(None);
        let is = move || wanted.with(|w| if w.shuffle { "shuffled" } else { "file" }.to_owned());
        let order = menu(wrong, orders, is, move |text| {
            wanted.update(|w| w.shuffle = text == "shuffled");
            Ok(())
        });
        tag("div")
            .class("fields")
            .children(steps)
            .children(batch)
            .children(optimiser)
            .children(rate)
            .children(field("Order", wrong, order))
    }

    fn button(self) -> Tag {
        let engine = self.desk.engine;
        let press = move || {
            if self.going.get_untracked() {
                engine.send(Command::Drop(Topic::Exact));
                return self.going.set(false);
            }
            let before = engine.opened.with_untracked(|opened| opened.as_ref().map_or(0, |opened| opened.step));
            self.going.set(true);
            engine.ask(Ask::Exact(Exact { before, ..self.wanted.get_untracked() }));
        };
        button("", press)
            .class("main")
            .says(move || if self.going.get() { "Stop the exact run" } else { "Run exactly this" }.into())
            .flag("disabled", move || engine.opened.with(Option::is_none))
    }

    /// A button that hands a file over, once there is one.
    fn file(self, name: &'static str, bytes: fn(&Exactly) -> Vec<u8>) -> Tag {
        let came = self.came;
        button(name, move || {
            let kind = if name.ends_with(".csv") { "text/csv" } else { "application/octet-stream" };
            came.with_untracked(|came| came.iter().for_each(|came| download::bytes(name, kind, &bytes(came))));
        })
        .flag("hidden", move || came.with(Option::is_none))
    }

    fn says(self) -> String {
        self.came.with(|came| {
            let Some(Exactly { exact, losses, .. }) = came else { return String::new() };
            let (first, last) = (losses.first().copied().unwrap_or(0.0), losses.last().copied().unwrap_or(0.0));
            let steps =
                if exact.steps == 1 { "1 step".into() } else { words!("{} steps", numbers::count(exact.steps.into())) };
            let order = if exact.shuffle { "shuffled" } else { "in the order of the file" };
            let losses = if exact.steps == 1 {
                words!("loss {first:.6}")
            } else {
                words!("loss {first:.6} at first, {last:.6} at last")
            };
            words!("{steps} of {} inputs, {order}, at η = {}: {losses}.", exact.batch, exact.rate)
        })
    }
}

/// Every step as a row.
fn table(came: &Exactly) -> String {
    let Exactly { exact, losses, seconds, inputs, .. } = came;
    let rows = (1..).zip(losses).zip(seconds).map(|((step, &train), &seconds)| Row {
        step,
        epoch: f64::from(step) * f64::from(exact.batch) / f64::from(*inputs),
        train,
        test: None,
        learning_rate: exact.rate,
        seconds,
    });
    curve_csv(rows)
}

/// A number of the run, with its name also for those who do not see where it stands; sentences call it `name`.
fn number<T: Copy + Display + FromStr + 'static>(
    label: &'static str,
    name: &'static str,
    wanted: RwSignal<Exact>,
    part: fn(&mut Exact) -> &mut T,
) -> [AnyView; 2] {
    let wrong = RwSignal::new(None);
    let value = move |mut exact: Exact| *part(&mut exact);
    let change = move |text: &str| {
        let number = parsed(name, text, value(wanted.get_untracked()))?;
        wanted.update(|wanted| *part(wanted) = number);
        Ok(())
    };
    let shown = move || value(wanted.get()).to_string();
    field(label, wrong, numeral(wrong, shown, change).class("number").label(label))
}
