//! The pen: from pointer events and keys to dots of ink. Places are shares of the pad's size.
use crate::lessons::draw::Dot;
use wasm_bindgen::JsCast;
use web_sys::{DomRect, PointerEvent};

/// The pen's usual width. MNIST's strokes are a tenth of a digit wide, and people draw digits of 3/4 of the pad.
pub const WIDTH: f32 = 0.075;
/// How far one press of an arrow key moves it; finer with Shift.
pub const STEP: f32 = 0.05;

/// A pointer that draws.
#[derive(Clone, Copy)]
pub struct Pen {
    /// The pointer, among several fingers.
    pub pointer: i32,
    /// Where it was last.
    pub last: Dot,
    /// When that was, in milliseconds.
    at: f64,
}

impl Pen {
    /// Touches down.
    pub fn down(event: &PointerEvent, area: &DomRect) -> Self {
        let (x, y) = place(event, area);
        let width = if has_pressure(event) { pressed(event) } else { WIDTH };
        Self { pointer: event.pointer_id(), last: Dot { x, y, width }, at: event.time_stamp() }
    }

    /// Moves on: all places that the browser saw since the last event.
    pub fn moved(&mut self, event: &PointerEvent, area: &DomRect) -> Vec<Dot> {
        coalesced(event).iter().map(|event| self.step(event, area)).collect()
    }

    fn step(&mut self, event: &PointerEvent, area: &DomRect) -> Dot {
        let (x, y) = place(event, area);
        let wished = if has_pressure(event) {
            pressed(event)
        } else {
            // As with a felt pen: quick strokes are thinner. The pad's width within 0.4 s is quick.
            let elapsed = (event.time_stamp() - self.at).max(1.0) as f32;
            let speed = (x - self.last.x).hypot(y - self.last.y) / elapsed * 400.0;
            WIDTH * (1.1 - 0.35 * speed.min(1.0))
        };
        // Half-way to what is wished, so that the ink has no steps.
        let width = 0.5 * (self.last.width + wished);
        self.last = Dot { x, y, width };
        self.at = event.time_stamp();
        self.last
    }
}

/// Only pens measure it: mice say 0.5, and fingers whatever the screen likes.
fn has_pressure(event: &PointerEvent) -> bool {
    event.pointer_type() == "pen" && event.pressure() > 0.0
}

fn pressed(event: &PointerEvent) -> f32 {
    WIDTH * (0.5 + event.pressure())
}

fn place(event: &PointerEvent, area: &DomRect) -> (f32, f32) {
    let share = |at: f64, from: f64, size: f64| ((at - from) / size.max(1.0)) as f32;
    (
        share(f64::from(event.client_x()), area.left(), area.width()),
        share(f64::from(event.client_y()), area.top(), area.height()),
    )
}

/// The events that the browser put together into this one, oldest first; itself where it does not tell.
fn coalesced(event: &PointerEvent) -> Vec<PointerEvent> {
    // Not every browser has it, and calling what is not there would throw.
    let told = js_sys::Reflect::has(event, &"getCoalescedEvents".into()).unwrap_or(false);
    let all: Vec<PointerEvent> = if told {
        event.get_coalesced_events().iter().filter_map(|event| event.dyn_into().ok()).collect()
    } else {
        Vec::new()
    };
    if all.is_empty() { vec![event.clone()] } else { all }
}
