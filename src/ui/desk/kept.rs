//! The run of an earlier visit: offered, never opened by itself. And what lies on the pad, which is kept along with
//! the run of this one.
use super::Desk;
use crate::engine::protocol::{Command, Origin};
use crate::lessons::Recipe;
use crate::ui::engine::Left;
use crate::ui::news::Tone;
use crate::ui::numbers;
use crate::ui::sheet::Sheet;
use crate::ui::tag::whenever;
use crate::words;
use leptos::prelude::*;
use std::time::Duration;

/// Between two looks at the pad: a line grows point by point, and only its end matters.
const LOOK: Duration = Duration::from_millis(500);

impl Desk {
    pub(super) fn follow_kept(self) {
        let engine = self.engine;
        whenever(move || {
            if let Some(left) = engine.left.get() {
                untrack(|| self.offer_to_go_on(left));
            }
        });
        whenever(move || {
            let floats = |bytes: &Vec<u8>| bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
            let numbers: Vec<f32> = engine.drawing.with(floats);
            if let Some(sheet) = Sheet::of_numbers(&numbers)
                && untrack(|| sheet.fits(self.shape()))
            {
                self.draw(|sheets| sheets.lay(sheet));
            }
        });
        let due = StoredValue::new(false);
        whenever(move || {
            self.sheets.track();
            if !due.get_value() {
                due.set_value(true);
                let look = move || {
                    due.set_value(false);
                    let numbers = self.sheets.with_untracked(|sheets| sheets.now().numbers());
                    engine.send(Command::Drawing(bytemuck::cast_slice(&numbers).to_vec()));
                };
                set_timeout(look, LOOK);
            }
        });
    }

    fn offer_to_go_on(self, Left { id, recipe, step, when }: Left) {
        let fell = self.engine.fell.try_update_value(Option::take).flatten();
        if let Some(ran) = fell.filter(|_| recipe == self.recipe.get_untracked()) {
            // This page's own run, which the engine lost when it died.
            self.go_on(id, recipe);
            if ran {
                self.engine.train();
            }
            return;
        }
        let data = self.engine.title_of(&recipe.data);
        let text = words!(
            "Your last run is still here: {data}, z = {}, {} steps, {}.",
            recipe.z,
            numbers::count(step.into()),
            since(when)
        );
        let go_on = move || self.go_on(id.clone(), recipe.clone());
        self.news.offer(Tone::Note, text, "Go on where you were", go_on);
    }

    /// Opens a run that this browser keeps.
    pub fn go_on(self, id: String, recipe: Recipe) {
        self.open(recipe, Origin::Saved(id));
    }
}

/// How long ago this was, in milliseconds since 1970.
pub fn since(when: f64) -> String {
    numbers::ago((js_sys::Date::now() - when) / 1e3)
}
