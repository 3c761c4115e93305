//! What the map shows and how it is looked at; what it asks the engine, and when.
use crate::engine::protocol::{Answer, Ask, Origin, Topic};
use crate::lessons::Recipe;
use crate::lessons::latent::{Chart, Space, View, between, extent, grid};
use crate::ui::desk::Desk;
use crate::ui::sheet::Sheet;
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::HashMap;

/// How the map is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
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
    /// Points; and what the decoder makes of the places of a grid.
    pub points: bool,
    pub grid: bool,
    /// What the next chosen point becomes.
    pub into: Option<Slot>,
    /// Where a walk starts (at the visitor's own digit, if there is none) and ends, and how far it is.
    pub ends: [Option<u32>; 2],
    pub walk: f32,
    /// Two buckets of examples, and how far to go from the second's middle to the first's.
    pub buckets: [Vec<u32>; 2],
    pub strength: f32,
    /// Where the held code comes from.
    pub source: Source,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From elsewhere, or there is none.
    Other,
    /// The place at the cursor.
    Cursor,
    /// The walk.
    Walk,
    /// The difference between two buckets.
    Buckets,
}

/// What is too large to be compared and copied.
#[derive(Default)]
pub struct Stock {
    /// The newest map.
    pub chart: Chart,
    /// Where its points lie along the axes.
    pub places: Vec<[f32; 2]>,
    /// The rectangle that holds most of them.
    pub extent: [[f32; 2]; 2],
    /// Inputs, as far as they were looked at: a byte for each value.
    pub pictures: HashMap<u32, Box<[u8]>>,
    /// The decoded grid, and the rectangle that it covers.
    pub grid: Vec<u8>,
    pub grid_extent: [[f32; 2]; 2],
    /// The size of the canvas that shows it, in CSS pixels.
    pub size: Cell<[f32; 2]>,
    /// Where a walk that goes there and back is, from 0 to 2.
    pub phase: f32,
    /// The map that was last asked for: for which network, at which step.
    asked: Option<(u32, u32)>,
    /// It has not come yet.
    waiting: bool,
    /// Pictures that were asked for and have not come.
    coming: bool,
    /// The code that was last held by the map: whoever holds another since has taken over.
    holding: Option<Vec<f32>>,
}

/// The map of a lesson.
#[derive(Clone, Copy)]
pub struct Atlas {
    pub desk: Desk,
    pub look: RwSignal<Look>,
    pub stock: StoredValue<Stock, LocalStorage>,
    /// Counts how often the stock has changed.
    pub changed: RwSignal<u32>,
    /// Counts networks: a new one has another map, whatever its step.
    network: RwSignal<u32>,
}

/// Training goes on so many times longer than a map takes, before it is drawn anew.
const PATIENCE: u64 = 9;
/// A step of training costs so many times what encoding the same inputs does: three passes through twice the layers.
const TRAINING: u64 = 6;

impl Atlas {
    /// A map that follows the network.
    pub fn new(desk: Desk) -> Self {
        let look = Look {
            space: Space::Codes,
            all: false,
            axes: [0, 1],
            view: None,
            cursor: None,
            pointed: None,
            hidden: 0,
            points: true,
            grid: false,
            into: None,
            ends: [None; 2],
            walk: 0.0,
            buckets: Default::default(),
            strength: 0.0,
            source: Source::Other,
        };
        let atlas = Self {
            desk,
            look: RwSignal::new(look),
            stock: StoredValue::new_local(Stock::default()),
            changed: RwSignal::new(0),
            network: RwSignal::new(0),
        };
        atlas.follow();
        atlas
    }

    /// Changes how it is looked at.
    pub fn turn(self, change: impl FnOnce(&mut Look)) {
        self.look.update(change);
    }

    /// The stock, followed.
    pub fn with<T>(self, read: impl FnOnce(&Stock) -> T) -> T {
        self.changed.track();
        self.stock.with_value(read)
    }

    fn change(self, change: impl FnOnce(&mut Stock)) {
        self.stock.update_value(change);
        self.changed.update(|count| *count = count.wrapping_add(1));
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
                self.change(|stock| stock.grid = pictures);
            }
        });
        // Learning rate and epochs change without a new network; a restarted engine has a new one.
        let standing = Memo::new(move |_| {
            let opened = engine.opened.with(|opened| {
                opened.as_ref().map(|opened| {
                    let recipe = Recipe { learning_rate: 0.0, epochs: 0, ..opened.recipe.clone() };
                    (recipe, opened.origin == Origin::Shipped)
                })
            });
            (opened, engine.ready.get())
        });
        Effect::new(move |before: Option<String>| {
            let data = standing.with(|(opened, _)| opened.as_ref().map(|(recipe, _)| recipe.data.clone()));
            let data = data.unwrap_or_default();
            self.network.update(|count| *count += 1);
            self.stock.update_value(|stock| {
                (stock.waiting, stock.coming) = (false, false);
                stock.grid.clear();
                if before.is_some_and(|before| before != data) {
                    *stock = Stock::default();
                }
            });
            self.turn(|look| {
                (look.view, look.cursor, look.pointed, look.source) = (None, None, None, Source::Other);
                look.ends = [None; 2];
                look.buckets = Default::default();
            });
            data
        });
        let of = Memo::new(move |_| self.look.with(|look| (look.space, look.all)));
        Effect::new(move |_| {
            let (network, _) = (self.network.get(), of.get());
            self.stock.update_value(|stock| (stock.asked, stock.waiting) = (None, false));
            if network > 0 {
                self.ask_if_due();
            }
        });
        Effect::new(move |_| {
            engine.progress.track();
            untrack(|| self.ask_if_due());
        });
    }

    /// Asks for a map where the one that is there is of another network, or of the same at another step; while it
    /// trains, so seldom that maps take at most a tenth of the time.
    fn ask_if_due(self) {
        let engine = self.desk.engine;
        if engine.opened.with_untracked(Option::is_none) {
            return;
        }
        let (space, all) = self.look.with_untracked(|look| (look.space, look.all));
        let network = self.network.get_untracked();
        let (step, running) = engine.progress.with_untracked(|progress| (progress.step, progress.running));
        let (data, batch) = self.desk.recipe.with_untracked(|recipe| (recipe.data.clone(), u64::from(recipe.batch)));
        let inputs = untrack(|| engine.set(&data)).map_or(0, |set| set.test + if all { set.train } else { 0 });
        let due = self.stock.with_value(|stock| match stock.asked {
            _ if stock.waiting => false,
            Some((other, _)) if other != network => true,
            Some((_, before)) if space == Space::Codes => {
                let seen = u64::from(step.abs_diff(before)) * batch;
                step != before && (!running || step < before || seen * TRAINING >= PATIENCE * u64::from(inputs))
            }
            Some(_) => false,
            None => true,
        });
        if due {
            self.stock.update_value(|stock| (stock.asked, stock.waiting) = (Some((network, step)), true));
            engine.ask(Ask::Map { space, all });
        }
    }

    /// A map has come.
    fn take(self, mut chart: Chart) {
        let (space, width) = self.stock.with_value(|stock| (stock.chart.space, stock.chart.width));
        let same = (space, width) == (chart.space, chart.width);
        if chart.is_empty() {
            self.stock.update_value(|stock| stock.waiting = false);
            return;
        }
        self.stock.with_value(|stock| chart.align(&stock.chart));
        let first = chart.first_axes();
        let count = chart.directions();
        self.change(|stock| (stock.chart, stock.waiting) = (chart, false));
        self.turn(|look| {
            if !same || look.axes.iter().any(|&axis| axis >= count) {
                (look.axes, look.view, look.cursor) = (first, None, None);
            }
        });
        self.lay_out();
        let here = self.desk.recipe.with_untracked(|recipe| recipe.data.clone());
        let test = untrack(|| self.desk.engine.set(&here)).map_or(0, |set| set.test);
        self.fetch(0..test);
        // Training may have gone on meanwhile.
        self.ask_if_due();
    }

    /// Places along the axes as they are now; and what depends on them.
    fn lay_out(self) {
        let axes = self.look.with_untracked(|look| look.axes);
        self.change(|stock| {
            stock.places = stock.chart.places(axes);
            stock.extent = extent(&stock.places);
        });
        let ours = self.stock.with_value(|stock| self.desk.held.with_untracked(|held| *held == stock.holding));
        if ours {
            self.hold();
        } else {
            self.turn(|look| (look.source, look.cursor) = (Source::Other, None));
        }
        self.decode_grid();
    }

    /// Looks along other axes.
    pub fn set_axes(self, axes: [usize; 2]) {
        self.turn(|look| {
            look.axes = axes;
            (look.view, look.cursor) = (None, None);
            look.source = Source::Other;
        });
        self.desk.held.set(None);
        self.lay_out();
    }

    /// Decodes a grid over the plane, if one is shown.
    pub fn decode_grid(self) {
        let (wanted, axes) = self.look.with_untracked(|look| (look.grid && look.space == Space::Codes, look.axes));
        if !wanted {
            return;
        }
        let codes = self.stock.try_update_value(|stock| {
            stock.grid_extent = stock.extent;
            grid(stock.extent).into_iter().flat_map(|place| stock.chart.at(axes, place)).collect()
        });
        if let Some(codes) = codes {
            self.desk.engine.ask(Ask::Grid { codes });
        }
    }

    /// Fetches the pictures that are not here.
    pub fn fetch(self, wanted: impl Iterator<Item = u32>) {
        let missing: Vec<u32> = self.stock.with_value(|stock| {
            if stock.coming { Vec::new() } else { wanted.filter(|index| !stock.pictures.contains_key(index)).collect() }
        });
        if !missing.is_empty() {
            self.stock.update_value(|stock| stock.coming = true);
            self.desk.engine.ask(Ask::Pictures { indices: missing });
        }
    }

    fn take_pictures(self, indices: &[u32], pictures: &[u8]) {
        let width = pictures.len() / indices.len().max(1);
        let keep = |stock: &mut Stock| {
            for (&index, picture) in indices.iter().zip(pictures.chunks_exact(width.max(1))) {
                stock.pictures.insert(index, picture.into());
            }
            // The last part of an answer is empty.
            stock.coming &= !indices.is_empty();
        };
        // Most of them are for later: only those that are shown now are worth painting anew.
        if self.stock.with_value(|stock| stock.pictures.len() < 200 || indices.is_empty()) {
            self.change(keep);
        } else {
            self.stock.update_value(keep);
        }
    }

    /// The code of a point; of `None` the visitor's own.
    fn code(self, point: Option<u32>) -> Option<Vec<f32>> {
        match point {
            Some(point) => self.stock.with_value(|stock| stock.chart.code(point as usize).map(<[f32]>::to_vec)),
            None => untrack(|| self.desk.own_code()),
        }
    }

    /// What the visitor's own digit is on this map: its code, or itself.
    pub fn own(self) -> Option<[f32; 2]> {
        let (space, axes) = self.look.with(|look| (look.space, look.axes));
        let own = if space == Space::Codes { self.desk.own_code() } else { self.desk.input.get() }?;
        self.with(|stock| (own.len() == stock.chart.mean.len()).then(|| axes.map(|axis| stock.chart.along(axis, &own))))
    }

    /// Where the held code lies.
    pub fn held(self) -> Option<[f32; 2]> {
        let axes = self.look.with(|look| look.axes);
        let code = self.desk.held.get()?;
        self.with(|stock| {
            let chart = &stock.chart;
            (chart.space == Space::Codes && code.len() == chart.width)
                .then(|| axes.map(|axis| chart.along(axis, &code)))
        })
    }

    /// Holds the code that the look asks for, by the map as it is now.
    pub fn hold(self) {
        let look = self.look.get_untracked();
        let code = match look.source {
            Source::Other => return,
            Source::Cursor if look.space == Space::Inputs => None,
            Source::Cursor => look.cursor.map(|place| self.stock.with_value(|stock| stock.chart.at(look.axes, place))),
            Source::Walk => {
                let ends = look.ends[1].and_then(|end| self.code(look.ends[0]).zip(self.code(Some(end))));
                ends.map(|(from, to)| between(&from, &to, look.walk))
            }
            Source::Buckets => {
                let means = self.stock.with_value(|stock| {
                    let [a, b] = look.buckets.each_ref().map(|bucket| stock.chart.mean_of(bucket));
                    b.zip(a)
                });
                means.zip(self.code(None)).map(|((from, to), own)| {
                    let step = from.iter().zip(&to).map(|(from, to)| look.strength * (to - from));
                    own.iter().zip(step).map(|(own, step)| own + step).collect()
                })
            }
        };
        self.stock.update_value(|stock| stock.holding = code.clone());
        self.desk.held.set(code);
    }

    /// Decodes at a place, or no longer.
    pub fn point_at(self, place: Option<[f32; 2]>, pointed: Option<u32>) {
        self.turn(|look| {
            (look.cursor, look.pointed) = (place, pointed);
            look.source = if place.is_some() { Source::Cursor } else { Source::Other };
        });
        if place.is_some() { self.hold() } else { self.desk.held.set(None) }
    }

    /// A point was chosen: it becomes what was asked for, or goes onto the pad.
    pub fn choose(self, point: u32) {
        match self.look.with_untracked(|look| look.into) {
            None => self.onto_pad(point),
            Some(Slot::End(end)) => self.turn(|look| {
                look.ends[end] = Some(point);
                look.into = (end == 0).then_some(Slot::End(1));
            }),
            Some(Slot::Bucket(bucket)) => self.turn(|look| {
                for other in &mut look.buckets {
                    other.retain(|&other| other != point);
                }
                look.buckets[bucket].push(point);
            }),
        }
    }

    fn onto_pad(self, point: u32) {
        let desk = self.desk;
        let here = desk.recipe.with_untracked(|recipe| recipe.data.clone());
        let test = untrack(|| desk.engine.set(&here)).map_or(0, |set| set.test);
        if point < test {
            return desk.sample(Some(point));
        }
        // A training digit: it is here already, or it could not have been seen.
        let sheet = self.stock.with_value(|stock| {
            let picture = stock.pictures.get(&point)?;
            let input = picture.iter().map(|&byte| f32::from(byte) / 255.0).collect();
            let label = stock.chart.labels.get(point as usize).copied();
            Some(Sheet::Sample { index: point - test, input, label })
        });
        if let Some(sheet) = sheet.filter(|_| !untrack(|| desk.is_series())) {
            desk.draw(|sheets| sheets.lay(sheet));
        }
    }

    /// A point in words.
    pub fn describe(self, point: u32) -> String {
        let here = self.desk.recipe.with(|recipe| recipe.data.clone());
        let test = self.desk.engine.set(&here).map_or(u32::MAX, |set| set.test);
        let class = self.with(|stock| {
            let class = stock.chart.labels.get(point as usize).map(|&label| usize::from(label));
            class.map(|class| stock.chart.classes.get(class).cloned().unwrap_or_else(|| class.to_string()))
        });
        let set = if point < test { "test" } else { "training" };
        let index = if point < test { point } else { point - test };
        match class {
            Some(class) => format!("{set} input {index}: {class}"),
            None => format!("{set} input {index}"),
        }
    }
}
