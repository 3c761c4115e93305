//! What the map shows and how it is looked at; what it asks the engine, and when.
use super::tsne::Layout;
use crate::engine::protocol::{Answer, Ask, Origin, Topic};
use crate::lessons::Recipe;
use crate::lessons::latent::{Chart, Space, View, between, bounds, extent, grid};
use crate::lessons::link;
use crate::ui::desk::Desk;
use crate::ui::tag::whenever;
use leptos::prelude::*;
use std::cell::RefCell;

/// Everything that the map knows. There is one map at a time, and its state is too large for a signal, which would copy
/// it: [`Atlas`] counts its changes instead.
#[derive(Default)]
pub struct State {
    /// What is mapped.
    pub space: Space,
    /// The training set too.
    pub all: bool,
    /// The directions to the right and up.
    pub axes: [usize; 2],
    /// What is in view; `None`: everything.
    pub view: Option<View>,
    /// The place that is decoded.
    pub cursor: Option<[f32; 2]>,
    /// The point at the pointer.
    pub pointed: Option<u32>,
    /// A bit for each class that is left out.
    pub hidden: u32,
    /// Points are left out; what the decoder makes of the places of a grid is shown.
    pub no_points: bool,
    pub grid_on: bool,
    /// What the next chosen point becomes.
    pub into: Option<Slot>,
    /// Where a walk starts (at the visitor's own digit, if there is none) and ends, and how far it is.
    pub ends: [Option<u32>; 2],
    pub walk: f32,
    /// Where a walk that goes there and back is, from 0 to 2.
    pub phase: f32,
    /// Two buckets of examples, and how far to go from the second's middle to the first's.
    pub buckets: [Vec<u32>; 2],
    pub strength: f32,
    /// Where the held code comes from.
    pub source: Source,

    /// The newest map.
    pub chart: Chart,
    /// Its points as t-SNE lays them out, if that is looked at.
    pub layout: Option<Layout>,
    /// Where its points lie along the axes, or in the layout; the rectangle that holds most of them, or all.
    pub places: Vec<[f32; 2]>,
    pub extent: [[f32; 2]; 2],
    pub whole: bool,
    /// The least and the most of each value of z.
    pub ranges: Vec<[f32; 2]>,
    /// Inputs, as far as they are here: a byte for each value.
    pub pictures: Vec<Option<Box<[u8]>>>,
    /// The decoded grid, and the rectangle that it covers.
    pub grid: Vec<u8>,
    pub grid_extent: [[f32; 2]; 2],
    /// The size of the canvas that shows it, in CSS pixels.
    pub size: [f32; 2],

    /// The network that stands, and its data, in words.
    network: String,
    data: String,
    /// The step of the map that was last asked for. `None`: another network's, or another kind of map.
    asked: Option<u32>,
    /// It has not come yet; pictures have not.
    waiting: bool,
    coming: bool,
    /// What goes onto the pad once its picture is here.
    pub laid: Option<u32>,
    /// The code that was last held by the map: whoever holds another since has taken over.
    holding: Option<Vec<f32>>,
}

/// What a chosen point becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// An end of the walk.
    End(usize),
    /// An example in a bucket.
    Bucket(usize),
}

/// Where the code that is held comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// From elsewhere, or there is none.
    #[default]
    Other,
    /// The place at the cursor.
    Cursor,
    /// The walk.
    Walk,
    /// The difference between two buckets.
    Buckets,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// The map of a lesson.
#[derive(Clone, Copy)]
pub struct Atlas {
    pub desk: Desk,
    /// Counts what happens at the pointer; counts all other changes.
    pointed: RwSignal<u32>,
    changed: RwSignal<u32>,
}

/// Training goes on so many times longer than a map takes, before it is drawn anew.
const PATIENCE: u64 = 9;
/// A step of training costs so many times what encoding the same inputs does: three passes through twice the layers.
const TRAINING: u64 = 6;

impl Atlas {
    /// A map that follows the network.
    pub fn new(desk: Desk) -> Self {
        STATE.take();
        on_cleanup(|| drop(STATE.take()));
        let atlas = Self { desk, pointed: RwSignal::new(0), changed: RwSignal::new(0) };
        atlas.follow();
        atlas
    }

    /// Reads; whoever does runs again when something other than the pointer has changed it.
    pub fn with<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.changed.track();
        STATE.with_borrow(read)
    }

    /// Reads, and runs again when the pointer has moved, too.
    pub fn with_pointer<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.pointed.track();
        self.with(read)
    }

    /// Reads, and does not follow.
    pub fn peek<T>(self, read: impl FnOnce(&State) -> T) -> T {
        STATE.with_borrow(read)
    }

    /// Changes it.
    pub fn turn(self, change: impl FnOnce(&mut State)) {
        STATE.with_borrow_mut(change);
        bump(self.changed);
    }

    /// Changes it, and takes something out of it.
    pub fn turned<T>(self, change: impl FnOnce(&mut State) -> T) -> T {
        let taken = STATE.with_borrow_mut(change);
        bump(self.changed);
        taken
    }

    /// The lesson has not been left.
    pub fn is_open(self) -> bool {
        self.changed.try_get_untracked().is_some()
    }

    /// Changes the view, the cursor, and what is pointed at.
    pub fn point(self, change: impl FnOnce(&mut State)) {
        STATE.with_borrow_mut(change);
        bump(self.pointed);
    }

    fn follow(self) {
        let engine = self.desk.engine;
        engine.answers(Topic::Map, move |answer| {
            if let Answer::Map(chart) = answer {
                self.take(chart);
            }
        });
        engine.answers(Topic::Pictures, move |answer| {
            if let Answer::Pictures { indices, pictures } = answer {
                self.take_pictures(&indices, &pictures);
            }
        });
        engine.answers(Topic::Grid, move |answer| {
            if let Answer::Grid { pictures, .. } = answer {
                self.turn(|state| state.grid = pictures);
            }
        });
        whenever(move || {
            let lesson = self.desk.lesson.get_untracked();
            let ready = engine.ready.get();
            let standing = engine.opened.with(|opened| {
                // Learning rate and epochs change without a new network; a restarted engine has a new one.
                opened.as_ref().map(|opened| {
                    let recipe = Recipe { learning_rate: 1.0, epochs: 1, ..opened.recipe.clone() };
                    let shipped = u8::from(opened.origin == Origin::Shipped);
                    (format!("{}{shipped}{ready}", link::write(lesson, &recipe)), recipe.data)
                })
            });
            if let Some((network, data)) = standing {
                self.meet(network, data);
            }
        });
        // What was asked of the network before is not answered any more; also where it is the same, from its first weights.
        whenever(move || {
            engine.openings.track();
            self.turn(|state| (state.asked, state.waiting, state.coming) = (None, false, false));
        });
        whenever(move || {
            engine.progress.track();
            self.changed.track();
            untrack(|| self.ask_if_due());
        });
    }

    /// Another network, perhaps of other data.
    fn meet(self, network: String, data: String) {
        if self.peek(|state| state.network == network) {
            return;
        }
        // A code that the map holds is of the network before.
        let held = self.desk.held.get_untracked();
        if held.is_some() && self.peek(|state| state.holding == held) {
            self.desk.held.set(None);
        }
        self.turn(|state| {
            let kept = std::mem::take(state);
            if kept.data == data {
                (state.chart, state.places, state.extent, state.ranges) =
                    (kept.chart, kept.places, kept.extent, kept.ranges);
                state.pictures = kept.pictures;
                (state.space, state.all, state.hidden, state.axes) = (kept.space, kept.all, kept.hidden, kept.axes);
            }
            (state.no_points, state.grid_on, state.size) = (kept.no_points, kept.grid_on, kept.size);
            state.whole = kept.whole;
            (state.network, state.data) = (network, data);
        });
    }

    /// Inputs in the test set, and in the training set.
    pub fn inputs(self) -> [u32; 2] {
        let data = self.peek(|state| state.data.clone());
        untrack(|| self.desk.engine.set(&data)).map_or([0; 2], |set| [set.test, set.train])
    }

    /// Maps something else.
    pub fn map(self, change: impl FnOnce(&mut State)) {
        self.point_at(None, None);
        self.turn(|state| {
            change(state);
            (state.asked, state.waiting, state.view, state.layout) = (None, false, None, None);
        });
    }

    /// The map that is there is not the one that is wished for, which has not come yet. (While it trains, maps are seldom.)
    pub fn awaits(self) -> bool {
        let (step, running) = self.desk.engine.progress.with(|progress| (progress.step, progress.running));
        self.with(|state| {
            let is_old = |asked| asked != step && !running && state.space == Space::Codes;
            state.waiting || state.asked.is_none_or(is_old)
        })
    }

    /// Asks for a map where the one that is there is of another network, or of the same at another step; while it
    /// trains, so seldom that maps take at most a tenth of the time.
    fn ask_if_due(self) {
        let (step, running) = self.desk.engine.progress.with(|progress| (progress.step, progress.running));
        let batch = u64::from(self.desk.recipe.with(|recipe| recipe.batch));
        let [test, train] = self.inputs();
        let ask = STATE.with_borrow_mut(|state| {
            let inputs = u64::from(test + if state.all { train } else { 0 });
            let due = !state.network.is_empty()
                && !state.waiting
                && match state.asked {
                    None => true,
                    Some(before) => {
                        let seen = u64::from(step.abs_diff(before)) * batch;
                        let much = !running || step < before || seen * TRAINING >= PATIENCE * inputs;
                        state.space == Space::Codes && step != before && much
                    }
                };
            due.then(|| {
                (state.asked, state.waiting) = (Some(step), true);
                Ask::Map { space: state.space, all: state.all }
            })
        });
        if let Some(ask) = ask {
            self.desk.engine.ask(ask);
        }
    }

    /// A map has come.
    fn take(self, mut chart: Chart) {
        self.turn(|state| {
            state.waiting = false;
            if chart.is_empty() {
                return;
            }
            chart.align(&state.chart);
            let other = (state.chart.space, state.chart.width) != (chart.space, chart.width);
            if other || state.axes.iter().any(|&axis| axis >= chart.directions()) {
                (state.axes, state.view, state.cursor) = (chart.first_axes(), None, None);
            }
            state.ranges = chart.ranges();
            // A layout is of as many points, or of others.
            let other = other || state.chart.len() != chart.len();
            state.layout = state.layout.take().filter(|_| !other);
            state.chart = chart;
        });
        self.lay_out();
        let [test, _] = self.inputs();
        self.fetch(0..test);
    }

    /// Places along the axes as they are now; and what depends on them.
    pub fn lay_out(self) {
        let held = self.desk.held.get_untracked();
        self.turn(|state| {
            state.places = match &state.layout {
                Some(layout) => layout.places.clone(),
                None => state.chart.places(state.axes),
            };
            state.measure();
            if held != state.holding {
                (state.source, state.cursor) = (Source::Other, None);
            }
        });
        self.hold();
        self.decode_grid();
    }

    /// Looks along other axes.
    pub fn set_axis(self, which: usize, axis: usize) {
        self.point_at(None, None);
        self.turn(|state| (state.axes[which], state.view, state.layout) = (axis, None, None));
        self.lay_out();
    }

    /// Decodes a grid over the plane, if one is shown.
    pub fn decode_grid(self) {
        let codes = STATE.with_borrow_mut(|state| {
            (state.grid_on && state.is_plane()).then(|| {
                state.grid_extent = state.extent;
                grid(state.extent).into_iter().flat_map(|place| state.chart.at(state.axes, place)).collect()
            })
        });
        if let Some(codes) = codes {
            self.desk.engine.ask(Ask::Grid { codes });
        }
    }

    /// Fetches the pictures that are not here.
    pub fn fetch(self, wanted: impl Iterator<Item = u32>) {
        let indices: Vec<u32> = STATE.with_borrow_mut(|state| {
            let missing = wanted.filter(|&index| state.picture(index).is_none());
            let missing = if state.coming { Vec::new() } else { missing.collect() };
            state.coming |= !missing.is_empty();
            missing
        });
        if !indices.is_empty() {
            self.desk.engine.ask(Ask::Pictures { indices });
        }
    }

    fn take_pictures(self, indices: &[u32], pictures: &[u8]) {
        let width = pictures.len() / indices.len().max(1);
        let keep = |state: &mut State| {
            for (&index, picture) in indices.iter().zip(pictures.chunks_exact(width.max(1))) {
                let index = index as usize;
                if state.pictures.len() <= index {
                    state.pictures.resize(index + 1, None);
                }
                state.pictures[index] = Some(picture.into());
            }
            // The last part of an answer is empty.
            state.coming &= !indices.is_empty();
        };
        // Most of them are for later: what is shown now is painted anew when all are here.
        if indices.is_empty() {
            self.turn(keep);
            self.lay();
        } else {
            STATE.with_borrow_mut(keep);
        }
    }

    /// What the visitor's own digit is on this map.
    pub fn own(self) -> Option<[f32; 2]> {
        let codes = self.with(|state| state.space == Space::Codes);
        let own = if codes { self.desk.own_code() } else { self.desk.input.get() }?;
        self.with(|state| match &state.layout {
            // t-SNE has no place for what it was not given: the visitor's lies at the code that is nearest to it.
            Some(layout) => state.chart.nearest(&own).and_then(|point| layout.places.get(point).copied()),
            None => (own.len() == state.chart.mean.len()).then(|| state.axes.map(|axis| state.chart.along(axis, &own))),
        })
    }

    /// Where the held code lies.
    pub fn held(self) -> Option<[f32; 2]> {
        let code = self.desk.held.get()?;
        self.with(|state| {
            let fits = state.is_plane() && code.len() == state.chart.width;
            fits.then(|| state.axes.map(|axis| state.chart.along(axis, &code)))
        })
    }

    /// Holds the code that the map asks for, as it is now.
    pub fn hold(self) {
        let own = untrack(|| self.desk.own_code());
        let code = STATE.with_borrow_mut(|state| {
            let of = |point: Option<u32>| match point {
                Some(point) => state.chart.code(point as usize).map(<[f32]>::to_vec),
                None => own.clone(),
            };
            let code = match state.source {
                Source::Other => return None,
                // A place of a layout is no code, but at the pointer there may be one.
                Source::Cursor if state.layout.is_some() => state.pointed.and_then(|point| of(Some(point))),
                Source::Cursor if state.space == Space::Inputs => None,
                Source::Cursor => state.cursor.map(|place| state.chart.at(state.axes, place)),
                Source::Walk => {
                    let ends = state.ends[1].and_then(|end| of(state.ends[0]).zip(of(Some(end))));
                    ends.map(|(from, to)| between(&from, &to, state.walk))
                }
                Source::Buckets => {
                    let [to, from] = state.buckets.each_ref().map(|bucket| state.chart.mean_of(bucket));
                    from.zip(to).zip(of(None)).map(|((from, to), own)| {
                        let along = to.iter().zip(&from).map(|(to, from)| state.strength * (to - from));
                        own.iter().zip(along).map(|(own, along)| own + along).collect()
                    })
                }
            };
            state.holding = code.clone();
            Some(code)
        });
        if let Some(code) = code {
            self.desk.held.set(code);
        }
    }

    /// Decodes at a place, or no longer.
    pub fn point_at(self, place: Option<[f32; 2]>, pointed: Option<u32>) {
        self.point(|state| {
            (state.cursor, state.pointed) = (place, pointed);
            state.source = if place.is_some() { Source::Cursor } else { Source::Other };
            if place.is_none() {
                state.holding = None;
            }
        });
        if place.is_some() { self.hold() } else { self.desk.held.set(None) }
    }

    /// Goes on a walk, or in a direction: what that changes says how far.
    pub fn go(self, source: Source, change: impl FnOnce(&mut State)) {
        self.turn(|state| {
            change(state);
            (state.source, state.cursor, state.pointed) = (source, None, None);
        });
        self.hold();
    }
}

impl State {
    /// The rectangle of its places anew.
    pub fn measure(&mut self) {
        self.extent = if self.whole { bounds(&self.places) } else { extent(&self.places) };
    }

    /// The code that is held is one of a walk.
    pub fn is_walking(&self, held: Option<&[f32]>) -> bool {
        self.source == Source::Walk && self.ends[1].is_some() && held == self.holding.as_deref()
    }

    /// Places are codes: they can be decoded.
    pub fn is_plane(&self) -> bool {
        self.chart.space == Space::Codes && self.layout.is_none()
    }

    /// What an input looks like.
    pub fn picture(&self, point: u32) -> Option<&[u8]> {
        self.pictures.get(point as usize)?.as_deref()
    }
}

fn bump(count: RwSignal<u32>) {
    if let Some(now) = count.try_get_untracked() {
        count.set(now.wrapping_add(1));
    }
}
