//! The visitor's files: data and weights in, weights, curves and a notebook out, and the runs that this browser keeps.
//! Nothing leaves the device.
mod data;
mod exact;
mod runs;

use crate::engine::protocol::{Answer, Ask, Origin, Topic};
use crate::lessons::files::{Row, curve_csv};
use crate::lessons::notebook::{Measured, WEIGHTS, notebook, program};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, turn, whenever};
use crate::ui::widgets::bring::{dropped_on, picker};
use crate::ui::widgets::lesson::{card, lesson, run_bar};
use crate::ui::widgets::pad::pad;
use crate::ui::widgets::picture::{of_its_kind, values};
use crate::words;
use leptos::prelude::*;

/// What is made of the weights when they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Weights,
    Notebook,
    Program,
}

#[derive(Clone, Copy)]
struct Files {
    desk: Desk,
    wanted: RwSignal<Option<Wanted>>,
    /// What was handed over or taken last, in words.
    said: RwSignal<String>,
    /// What there is to say once the weights that were brought stand.
    opening: StoredValue<Option<String>>,
}

/// The page.
pub fn files(desk: Desk) -> Tag {
    let files = Files {
        desk,
        wanted: RwSignal::new(None),
        said: RwSignal::new(String::new()),
        opening: StoredValue::new(None),
    };
    files.follow();
    let cards = tag("div").class("pair-of-cards").child(out(files)).child(into(files));
    lesson(
        "lesson files",
        [
            run_bar(desk).into(),
            data::data(desk, move |name, bytes| files.bring(name, bytes)).into(),
            cards.into(),
            runs::runs(desk).into(),
            own(desk).into(),
            exact::exact(desk).into(),
            super::share::share(desk).into(),
            super::class::class(desk).into(),
        ],
        [pytorch(files).into(), super::offline::without_network(desk).into(), about()],
    )
}

impl Files {
    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Weights, move |answer| {
            if let Answer::Weights { file, step, test, inputs } = answer {
                self.take(&file, Measured { step, test, inputs });
            }
        });
        engine.answers(Topic::Bring, move |answer| {
            if let Answer::Brought { recipe, step, foreign, moved } = answer {
                self.said.set(String::new());
                let steps = numbers::count(step.into());
                self.opening.set_value(Some(match (foreign, moved) {
                    (true, _) => {
                        "Opened. The file does not say how it was trained, so the rest of the recipe stayed.".into()
                    }
                    (_, true) => words!(
                        "Opened: trained for {} steps, with its recipe, but on data that are not here: it stands on those \
                         at hand.",
                        steps
                    ),
                    _ => words!("Opened: trained for {} steps, with its recipe.", steps),
                }));
                self.desk.open(recipe, Origin::File);
            }
        });
        // Whether it could be opened, the engine says: its data may be gone, or of another size.
        whenever(move || {
            let from_file =
                engine.opened.with(|opened| opened.as_ref().is_some_and(|opened| opened.origin == Origin::File));
            let words = self.opening.try_update_value(Option::take).flatten();
            if let Some(words) = words.filter(|_| from_file) {
                self.said.set(words);
            }
        });
        // What was asked of the network before is not answered any more.
        whenever(move || {
            engine.openings.track();
            turn(self.wanted, None);
        });
        whenever(move || {
            if matches!(engine.unanswered.get(), Some(Topic::Weights | Topic::Bring)) {
                // Why, is said above the page.
                self.said.set(String::new());
                self.wanted.set(None);
            }
        });
    }

    fn ask(self, wanted: Wanted) {
        let before = self.desk.engine.opened.with_untracked(|opened| opened.as_ref().map_or(0, |opened| opened.step));
        self.wanted.set(Some(wanted));
        self.desk.engine.ask(Ask::Weights { before });
    }

    fn take(self, file: &[u8], measured: Measured) {
        let recipe =
            self.desk.engine.opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.recipe.clone()));
        let Some((wanted, recipe)) = self.wanted.get_untracked().zip(recipe) else { return };
        let (inputs, unit) = untrack(|| self.desk.engine.set(&recipe.data))
            .map_or((0, true), |set| (set.shape.0 * set.shape.1, set.unit));
        // It stands, so it can be built.
        let Ok(spec) = recipe.network(inputs, unit) else { return };
        let name = match wanted {
            Wanted::Weights => {
                download::bytes(WEIGHTS, "application/octet-stream", file);
                WEIGHTS
            }
            Wanted::Notebook => {
                let name = "hourglass.ipynb";
                download::text(name, "application/x-ipynb+json", &notebook(&recipe, &spec, measured));
                name
            }
            Wanted::Program => {
                let name = "hourglass.py";
                download::text(name, "text/x-python", &program(&recipe, &spec, measured));
                name
            }
        };
        self.wanted.set(None);
        let Measured { step, test, inputs } = measured;
        let (step, inputs) = (numbers::count(step.into()), numbers::count(inputs.into()));
        self.said.set(words!("{name}: after {step} steps, test loss {test:.6} over {inputs} inputs."));
    }

    /// Reads a file of weights.
    fn bring(self, name: String, bytes: Vec<u8>) {
        self.said.set("reading …".into());
        self.desk.engine.ask(Ask::Bring { name, bytes, now: self.desk.recipe.get_untracked() });
    }
}

/// The visitor's own digit, by the weights that stand: what a file changes is seen here.
fn own(desk: Desk) -> Tag {
    let title = move || desk.thing().yours().to_owned();
    let draw =
        tag("div").class("draw").child(tag("div").class("head").child(tag("h2").says(title))).children(pad(desk));
    let back = tag("div").class("back").child(tag("div").class("head").child(tag("h2").text("Reconstruction"))).child(
        of_its_kind(desk, move || {
            values(desk, move || desk.output()).testid("reconstruction").label("What this network makes of it")
        }),
    );
    let pair = tag("div").class("pair-of-pictures").child(draw).child(back);
    tag("section").class("card own-pair").label("Yours").child(pair)
}

fn out(files: Files) -> Tag {
    let desk = files.desk;
    let there = move || desk.engine.opened.with(Option::is_some) && files.wanted.get().is_none();
    let curve = move || {
        let of =
            desk.engine.progress.with_untracked(|progress| f64::from(progress.epoch) / f64::from(progress.step.max(1)));
        let rows = desk.engine.curve.get_untracked().into_iter().map(|point| Row {
            step: point.step,
            epoch: f64::from(point.step) * of,
            train: point.train,
            test: point.test,
            learning_rate: point.learning_rate,
            seconds: point.seconds,
        });
        download::text("curve.csv", "text/csv", &curve_csv(rows));
    };
    card(
        "Take it with you",
        [
            tag("div")
                .class("row wrap")
                .child(
                    button("Weights", move || files.ask(Wanted::Weights))
                        .class("main")
                        .flag("disabled", move || !there()),
                )
                .child(button("Notebook", move || files.ask(Wanted::Notebook)).flag("disabled", move || !there()))
                .child(button("Python", move || files.ask(Wanted::Program)).flag("disabled", move || !there()))
                .child(button("curve.csv", curve).flag("disabled", move || desk.engine.curve.with(Vec::is_empty)))
                .into(),
            tag("p").class("note").set("role", "status").testid("files").says(move || files.said.get()).into(),
            tag("p")
                .class("note")
                .text(
                    "The weights are a safetensors file that PyTorch loads as it is. The notebook (and the same as a \
                     program) loads it, repeats the evaluation, and shows how to go on training elsewhere.",
                )
                .into(),
        ],
    )
}

fn into(files: Files) -> Tag {
    let take = move |name, bytes| files.bring(name, bytes);
    let picker = picker(files.desk, ".safetensors", "Weights as safetensors", take);
    let inside = card(
        "Bring weights",
        [
            tag("label").class("row wrap").text("A safetensors file ").child(picker).into(),
            tag("p")
                .class("note")
                .text(
                    "Or drop it here. One of this page’s opens with its recipe; one that PyTorch wrote opens with its own \
                     widths and the recipe that is set now. The network that stands is replaced, so take its weights first \
                     if they matter. Files are read in this browser and never leave this device.",
                )
                .into(),
        ],
    )
    .class("card drop");
    dropped_on(inside, files.desk, take)
}

fn pytorch(files: Files) -> Tag {
    let desk = files.desk;
    let code = move || {
        let recipe = desk.recipe.get();
        let (inputs, unit) =
            desk.engine.set(&recipe.data).map_or((784, true), |set| (set.shape.0 * set.shape.1, set.unit));
        let Ok(spec) = recipe.network(inputs, unit) else { return String::new() };
        let all = program(&recipe, &spec, Measured { step: 0, test: 0.0, inputs: 0 });
        // What builds the network and loads it; the rest is in the file.
        let from = all.find("import torch").unwrap_or(0);
        let to = all[from..].find("model.eval()").map_or(all.len(), |at| from + at);
        all[from..to].to_owned()
    };
    card("In PyTorch", [tag("pre").class("listing").set("tabindex", "0").child(tag("code").spells(code)).into()])
}

fn about() -> AnyView {
    card(
        "What a network is",
        [tag("p")
            .text(
                "A list of matrices. Whoever has them has the network: the same inputs give the same outputs, here, in \
                 PyTorch, and wherever else somebody multiplies matrices. That is also why a small file can hold what took \
                 thousands of inputs to learn.",
            )
            .into()],
    )
    .into()
}
