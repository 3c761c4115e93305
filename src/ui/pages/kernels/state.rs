//! What the page knows of an update, its calls and its checks: plain data, no page.
use crate::engine::protocol::Unfolded;
use crate::lessons::kernels::{Calls, Check, Compared, Followed, Place, Stage, Times, Updated};
use crate::ui::engine::newest::Newest;

/// All of it.
pub struct State {
    /// The batch is what lies on the pad; else the network's next one.
    pub own: bool,
    /// The weight that is followed.
    pub place: Place,
    /// So many choices of a first weight are left, until the visitor makes one.
    pub fresh: u8,
    /// The box that is open, and which of its calls shows its text.
    pub stage: Stage,
    pub call: usize,
    /// What was asked for last and what waits, by its input.
    pub question: Newest<Option<Vec<f32>>>,
    pub updated: Option<Updated>,
    pub followed: Option<Followed>,
    pub times: Option<Times>,
    pub check: Option<Check>,
    pub compared: Option<Compared>,
    /// What is being answered.
    pub measuring: bool,
    pub checking: bool,
    pub comparing: bool,
    /// Counts up for other random weights.
    pub draw: u32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            own: true,
            place: Place::default(),
            fresh: 2,
            stage: Stage::Encoder,
            call: 0,
            question: Newest::default(),
            updated: None,
            followed: None,
            times: None,
            check: None,
            compared: None,
            measuring: false,
            checking: false,
            comparing: false,
            draw: 0,
        }
    }
}

impl State {
    /// Another network stands, or other data.
    pub fn forget(&mut self) {
        self.move_on();
        self.fresh = Self::default().fresh;
    }

    /// Another device: the same weight of the same network is followed there.
    pub fn move_on(&mut self) {
        let Self { own, place, stage, fresh, .. } = *self;
        *self = Self { own, place, stage, fresh, ..Self::default() };
    }

    /// Another update is asked for: what was said of the last one no longer counts.
    pub fn renew(&mut self) {
        (self.check, self.compared) = (None, None);
        (self.checking, self.comparing) = (false, false);
    }

    /// Takes in what says something.
    pub fn hear(&mut self, answer: Unfolded) {
        match answer {
            Unfolded::Updated(updated) => {
                // Of a batch of another size, they are of other calls.
                if self.times.is_some() && self.updated.as_ref().is_some_and(|before| before.rows != updated.rows) {
                    self.times = None;
                }
                self.updated = Some(updated);
            }
            Unfolded::Followed(followed) => self.followed = Some(*followed),
            Unfolded::Times(times) => (self.times, self.measuring) = (Some(times), false),
            Unfolded::Checked(check) => (self.check, self.checking) = (Some(check), false),
            Unfolded::Compared(compared) => (self.compared, self.comparing) = (Some(compared), false),
        }
    }

    /// The calls of the step: measured, if they were.
    pub fn calls(&self) -> Option<&Calls> {
        let measured = self.times.as_ref().map(|times| &times.calls);
        measured.or_else(|| self.updated.as_ref().map(|updated| &updated.calls))
    }

    /// Those of a box, by their places in the step.
    pub fn calls_of(&self, stage: Stage, encoder: usize) -> Vec<usize> {
        let Some(all) = self.calls() else { return Vec::new() };
        let own = |kernel: &str, layer: u32| match stage {
            // What multiplies gradients applies the optimiser, too.
            Stage::Update => kernel == "dense_dw",
            stage => Stage::of_call(kernel, layer, encoder) == stage,
        };
        let calls = all.calls.iter().enumerate().filter(|(_, call)| own(&call.kernel, call.layer));
        calls.map(|(i, _)| i).collect()
    }
}
