//! What becomes of a point of the map that was chosen, and what it is in words.
use super::atlas::{Atlas, Slot};
use crate::engine::protocol::bytes::value;
use crate::ui::sheet::Sheet;
use crate::words;
use leptos::prelude::*;

impl Atlas {
    /// A point was chosen: it becomes what was asked for, or goes onto the pad.
    pub fn choose(self, point: u32) {
        match self.peek(|state| state.into) {
            None => self.onto_pad(point),
            Some(Slot::End(end)) => self.turn(|state| {
                state.ends[end] = Some(point);
                state.into = (end == 0).then_some(Slot::End(1));
            }),
            Some(Slot::Bucket(bucket)) => self.turn(|state| {
                state.buckets.iter_mut().for_each(|other| other.retain(|&other| other != point));
                state.buckets[bucket].push(point);
            }),
        }
    }

    fn onto_pad(self, point: u32) {
        let [test, _] = self.inputs();
        if point < test {
            return self.desk.sample(Some(point));
        }
        self.turn(|state| state.laid = Some(point));
        self.fetch(std::iter::once(point));
        self.lay();
    }

    /// Puts the training input that was chosen onto the pad, if its picture is here. Of a series that is a copy in steps of a
    /// 255th of its range, which is less than the pen's width.
    pub(super) fn lay(self) {
        let series = untrack(|| self.desk.is_series());
        let sheet = self.peek(|state| {
            let point = state.laid?;
            let input = state.picture(point)?.iter().map(|&byte| value(byte, series)).collect();
            let label = state.chart.labels.get(point as usize).copied();
            Some(Sheet::Sample { index: None, input, label })
        });
        if let Some(sheet) = sheet {
            self.turn(|state| state.laid = None);
            self.desk.draw(|sheets| sheets.lay(sheet));
        }
    }

    /// A point in words.
    pub fn describe(self, point: u32) -> String {
        let [test, _] = self.inputs();
        let (set, index) = if point < test { ("test", point) } else { ("training", point - test) };
        let class = self.with(|state| {
            let label = state.chart.labels.get(point as usize)?;
            state.chart.classes.get(usize::from(*label)).cloned()
        });
        words!("{set} input {index}: {}", class.unwrap_or_default())
    }
}
