//! What the pad says to those who do not see it: where the keyboard's pen is, and what became of what it drew.
use crate::ui::aloud::Aloud;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::sheet::Cursor;
use crate::ui::tag::{Tag, whenever};
use crate::words;
use leptos::prelude::*;

/// The pad's voice: for whichever pad is shown.
pub fn aloud(desk: Desk) -> Tag {
    let voice = Aloud::quiet();
    // What the network saw when it was last told of; at first something that it never sees.
    let told = StoredValue::new(Some(Vec::new()));
    whenever(move || {
        desk.sheets.track();
        let Some(cursor) = desk.pen.get() else { return };
        voice.soon(move |last| {
            let mut said = vec![place(cursor)];
            let input = desk.input.get_untracked();
            if told.with_value(|told| *told != input) {
                let error = input.as_ref().and_then(|input| error(desk, input));
                if !last && input.is_some() && error.is_none() {
                    return None;
                }
                said.push(match error {
                    Some(error) => words!("Reconstruction error {}.", numbers::loss(error)),
                    None if input.is_none() => "The pad is empty.".into(),
                    None => "Its reconstruction takes longer.".into(),
                });
                told.set_value(input);
            }
            Some(said.join(" "))
        });
    });
    voice.region("pad-aloud")
}

fn place(Cursor { x, y, down }: Cursor) -> String {
    let [x, y] = [x, y].map(|share| (100.0 * share).round());
    match down {
        true => words!("Pen down, {x} % from the left, {y} % from the top."),
        false => words!("Pen up, {x} % from the left, {y} % from the top."),
    }
}

/// How far the reconstruction of this input is from it; `None` as long as there is none.
fn error(desk: Desk, input: &[f32]) -> Option<f32> {
    desk.engine.seen.with_untracked(|seen| {
        let of_it = seen.as_ref().filter(|seen| seen.signals.first().is_some_and(|x| x == input));
        of_it.map(|seen| seen.mse)
    })
}
