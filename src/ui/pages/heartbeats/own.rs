//! Files: the visitor's own series in, scores out. Nothing leaves the device.
use super::Hearts;
use crate::lessons::anomaly::scores_csv;
use crate::lessons::heartbeats::recipe_for;
use crate::lessons::own::Wishes;
use crate::ui::download;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::own::OwnData;
use leptos::prelude::*;

/// The card.
pub fn own(hearts: Hearts) -> Tag {
    let state = hearts.state;
    let export = move || {
        let csv = state.with_untracked(|s| scores_csv(&s.detectors[0].test, |row| s.labels.class(row)));
        download::text("scores.csv", "text/csv", &csv);
    };
    // This lesson is about series, whatever their values could be.
    let usual = Wishes { series: Some(true), ..Wishes::default() };
    let data = OwnData::new(
        hearts.desk,
        usual,
        |set, _| recipe_for(&set.slug, set.train, set.shape.1),
        move |used| hearts.change(&mut |state| state.own = used.facts.join(" ")),
    );
    let inside = card("Your own series", []).class("card drop");
    data.into_card(inside, "Your own series as CSV", "CSV, one series per row ")
        .child(tag("p").class("note").text(
            "Or drop the file here. It is read in this browser and never leaves this device. A class is optional: a column \
             called label or class, or a first column of whole numbers.",
        ))
        .child(
            button("Save scores.csv", export)
                .set("title", "index, label and reconstruction error of every test beat")
                .flag("disabled", move || state.with(|s| s.detectors[0].test.is_empty())),
        )
}
