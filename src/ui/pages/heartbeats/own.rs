//! Files: the visitor's own series in, scores out. Nothing leaves the device.
use super::Hearts;
use crate::engine::protocol::{Ask, Origin, SetInfo, Topic};
use crate::lessons::anomaly::scores_csv;
use crate::lessons::heartbeats::recipe_for;
use crate::ui::download;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::bring::{dropped_on, picker};
use leptos::prelude::*;

/// The card.
pub fn own(hearts: Hearts) -> Tag {
    let state = hearts.state;
    let desk = hearts.desk;
    let take = move |name, text| desk.engine.ask(Ask::Own { name, text });
    let endings = ".csv,.txt,.tsv,text/csv,text/plain";
    let picker = picker(desk, endings, "Your own series as CSV", take);
    let export = move || {
        let csv = state.with_untracked(|s| scores_csv(&s.detectors[0].test, |row| s.labels.class(row)));
        download::text("scores.csv", "text/csv", &csv);
    };
    let reading = move || match hearts.desk.engine.answering.get() {
        Some((Topic::Own, _)) => "reading …".into(),
        _ => state.with(|s| s.own.clone()),
    };
    let card = tag("section")
        .class("card drop")
        .label("Your own series")
        .child(tag("div").class("head").child(tag("h2").text("Your own series")))
        .child(
            tag("label").class("row wrap").text("CSV, one series per row ").child(picker),
        )
        .child(tag("p").class("note").testid("own").says(reading))
        .child(tag("p").class("note").text(
            "Or drop the file here. It is read in this browser and never leaves this device. A class is optional: a column \
             called label or class, or a first column of whole numbers.",
        ))
        .child(
            button("Save scores.csv", export)
                .set("title", "index, label and reconstruction error of every test beat")
                .flag("disabled", move || state.with(|s| s.detectors[0].test.is_empty())),
        )
        ;
    dropped_on(card, desk, take)
}

/// The series were read: they can be trained on.
pub fn open(hearts: Hearts, set: SetInfo) {
    let desk = hearts.desk;
    let recipe = recipe_for(&set.slug, set.train, set.shape.1);
    desk.engine.sets.update(|sets| {
        sets.retain(|other| other.slug != set.slug);
        sets.push(set);
    });
    desk.open(recipe, Origin::Seed);
}
