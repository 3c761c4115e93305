//! Submits that stay short: how fast a device works through what it is given, and what each call is known to cost.
use super::ready::Ready;
use std::cell::{Cell, RefCell};
use web_time::Instant;

/// Milliseconds that a submit should take: a screen that is drawn by the same GPU waits that long for its turn.
const SUBMIT: f64 = 20.0;
/// A call that takes longer is cut into dispatches of submits of their own.
const LONG: f64 = 1.3 * SUBMIT;
/// A call that takes less is not worth a look of its own.
const SHORT: f64 = SUBMIT / 16.0;

/// What is known of a device's speed.
pub struct Pacing {
    now: Cell<Pace>,
    /// By kernel: what its calls really cost, as a multiple of what their sizes let expect.
    rates: RefCell<Vec<(&'static str, f64)>>,
}

/// Measured whenever something is waited for.
#[derive(Clone, Copy)]
struct Pace {
    /// Milliseconds for a unit of work, see [`Ready::work`].
    ms: f64,
    /// Units given since the device was last known to be idle, and when the first of them was.
    given: f64,
    since: Option<Instant>,
}

impl Pacing {
    /// By a cautious guess, until it is measured: so many milliseconds for a unit of work.
    pub fn new(ms: f64) -> Self {
        Self { now: Cell::new(Pace { ms, given: 0.0, since: None }), rates: RefCell::default() }
    }

    /// Units of work that fit into a submit.
    pub fn most(&self) -> f64 {
        SUBMIT / self.now.get().ms
    }

    /// Nothing was given since something was last waited for.
    pub fn is_idle(&self) -> bool {
        self.now.get().since.is_none()
    }

    /// So much work was given.
    pub fn give(&self, work: f64) {
        let Pace { ms, given, since } = self.now.get();
        self.now.set(Pace { ms, given: given + work, since: since.or_else(|| Some(Instant::now())) });
    }

    /// All that was given is done: how long did it take?
    pub fn clock_in(&self) {
        let Pace { ms, given, since } = self.now.get();
        let took = since.map_or(0.0, |since| since.elapsed().as_secs_f64() * 1e3);
        // Less than this is mostly the way there and back.
        let ms = if took > 4.0 && given > 0.0 { 0.6 * ms + 0.4 * took / given } else { ms };
        self.now.set(Pace { ms, given: 0.0, since: None });
    }

    /// What a call is expected to cost, by others of its kernel; and in how many dispatches it is to go.
    pub fn expect(&self, call: &mut Ready) -> u32 {
        let (kernel, ..) = call.what();
        match self.rates.borrow().iter().find(|(of, _)| *of == kernel) {
            Some((_, rate)) => {
                call.work = call.size_alone * rate;
                dispatches(call.work * self.now.get().ms)
            }
            None => 1,
        }
    }

    /// Whether a call is worth a look of its own.
    pub fn is_long(&self, call: &Ready) -> bool {
        call.work * self.now.get().ms > SHORT
    }

    /// Milliseconds for a unit of work, to be put back after calls were timed alone: those say little of all together.
    pub fn pace(&self) -> f64 {
        self.now.get().ms
    }

    /// See [`Self::pace`].
    pub fn set_pace(&self, ms: f64) {
        self.now.set(Pace { ms, given: 0.0, since: None });
    }

    /// Calls were timed, each alone: `None` for those that were not. Returns in how many dispatches each is to go.
    pub fn learn(&self, calls: &mut [Ready], times: &[Option<f64>]) -> Vec<u32> {
        let ms = self.now.get().ms;
        let timed = calls.iter_mut().zip(times).map(|(call, time)| {
            // A clock that stood still says nothing.
            let Some(time) = time.filter(|&time| time > 0.0) else { return 1 };
            let (kernel, rate) = (call.what().0, time / (call.size_alone * ms));
            let mut rates = self.rates.borrow_mut();
            match rates.iter_mut().find(|(of, _)| *of == kernel) {
                Some((_, known)) => *known = 0.5 * (*known + rate),
                None => rates.push((kernel, rate)),
            }
            call.work = time / ms;
            dispatches(time)
        });
        timed.collect()
    }
}

fn dispatches(ms: f64) -> u32 {
    if ms > LONG { (ms / SUBMIT).ceil() as u32 } else { 1 }
}
