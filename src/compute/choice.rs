//! Which form of a kernel to run: by a model of the adapter, until it has been measured.
use super::kernel::{Entry, FEW_TERMS, Tile};
use std::collections::HashMap;

/// What an adapter is like, as far as a choice goes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A GPU.
    Hardware,
    /// Software with vectors of so many lanes.
    Software {
        /// Threads that run in step.
        lanes: u32,
        /// Sums in registers that a thread may have.
        most: u32,
        /// Cores that workgroups are spread over.
        cores: u32,
    },
}

impl Class {
    /// That of an adapter. Software runs as many threads in step as its vectors have lanes.
    pub fn of(info: &wgpu::AdapterInfo) -> Self {
        // llvmpipe makes a coroutine of every kernel: a tile of 32 x 32 sums takes its compiler many minutes, where
        // SwiftShader's takes two seconds.
        let most = if info.driver.contains("llvmpipe") { 256 } else { 1024 };
        let cores = cores();
        match (info.device_type, info.subgroup_min_size) {
            (wgpu::DeviceType::Cpu, 8..) => Self::Software { lanes: 8, most, cores },
            (wgpu::DeviceType::Cpu, _) => Self::Software { lanes: 4, most, cores },
            _ => Self::Hardware,
        }
    }

    /// Whether a kernel with this tile is compiled in bearable time.
    pub fn compiles(self, tile: Tile) -> bool {
        match (self, tile) {
            (Self::Software { most, .. }, Tile::Registers { rows, cols, .. }) => rows * cols <= most,
            (Self::Software { most, .. }, Tile::Few { cols, .. }) => FEW_TERMS * cols <= most,
            _ => true,
        }
    }
}

/// Cores of this machine.
#[cfg(not(target_arch = "wasm32"))]
fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}

/// Cores of this machine, as far as the browser tells.
#[cfg(target_arch = "wasm32")]
fn cores() -> u32 {
    use wasm_bindgen::JsCast;
    // A page answers as its worker does; who does not tell counts as one.
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    (scope.navigator().hardware_concurrency() as u32).max(1)
}

/// Nanoseconds to clear a vector of sums and to keep it.
const KEPT: f64 = 110.0;

/// The choices of one adapter.
pub struct Choice {
    class: Class,
    /// Only such forms, where a kernel has one.
    only: Option<fn(Tile) -> bool>,
    /// What was measured: for a kernel and its sizes, the fastest form.
    measured: HashMap<(&'static str, [u32; 3]), usize>,
}

impl Choice {
    /// Nothing measured yet.
    pub fn new(class: Class) -> Self {
        Self { class, only: None, measured: HashMap::new() }
    }

    /// The form to take for results of `sizes` (rows, columns, terms per sum).
    pub fn form(&self, kernel: &dyn Entry, sizes: [u32; 3]) -> usize {
        if let Some(&form) = self.measured.get(&(kernel.name(), sizes)).filter(|_| self.only.is_none()) {
            return form;
        }
        let cheapest = |cost: &dyn Fn(Tile) -> Option<f64>| {
            let forms = (0..kernel.forms()).filter_map(|form| Some((form, cost(kernel.tile(form))?)));
            forms.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(form, _)| form)
        };
        let cost = |tile| self.cost(tile, sizes);
        // What is insisted on may be no choice on this adapter otherwise.
        let insisted = |only: fn(Tile) -> bool| {
            cheapest(&|tile| (only(tile) && tile.takes(sizes[2])).then(|| cost(tile).unwrap_or(f64::MAX)))
        };
        self.only.and_then(insisted).or_else(|| cheapest(&cost)).unwrap_or(0)
    }

    /// Takes only such forms from now on, where a kernel has one: for tests and measurements.
    pub fn insist(&mut self, only: Option<fn(Tile) -> bool>) {
        self.only = only;
    }

    /// Whether branches cost what they guard: software runs all sides of them, with the lanes masked that are not on it.
    pub fn branches_cost(&self) -> bool {
        matches!(self.class, Class::Software { .. })
    }

    /// A form that is compiled at once, where this one takes long: it works meanwhile, with the same results.
    pub fn stopgap(&self, kernel: &dyn Entry, form: usize) -> Option<usize> {
        let (lanes, group) = match kernel.tile(form) {
            // Compilers take a second for a tile of 16 x 16, and less than a tenth of that for one of 4 x 4.
            Tile::Registers { rows, cols, lanes, group } if rows * cols >= 32 => (lanes, group),
            Tile::Few { lanes, .. } => (lanes, 1),
            _ => return None,
        };
        let simple = Tile::Registers { rows: 4, cols: 4, lanes, group };
        (0..kernel.forms()).find(|&other| kernel.tile(other) == simple)
    }

    /// Whether forms may be tried: nothing is insisted on, and no branch costs what it guards.
    pub fn may_try(&self) -> bool {
        self.only.is_none() && !self.branches_cost()
    }

    /// Of how many products the fastest form is known by trial.
    pub fn measured(&self) -> usize {
        self.measured.len()
    }

    /// Whether the fastest form for these sizes is known.
    pub fn is_measured(&self, kernel: &'static str, sizes: [u32; 3]) -> bool {
        self.measured.contains_key(&(kernel, sizes))
    }

    /// Forms worth measuring for these sizes, the likeliest first.
    pub fn candidates(&self, kernel: &dyn Entry, sizes: [u32; 3], most: usize) -> Vec<usize> {
        let cost = |form: usize| self.cost(kernel.tile(form), sizes);
        let mut all: Vec<usize> = Vec::new();
        while let Some(form) = (0..kernel.forms())
            .filter(|form| cost(*form).is_some() && !all.contains(form))
            .min_by(|a, b| cost(*a).unwrap_or(f64::MAX).total_cmp(&cost(*b).unwrap_or(f64::MAX)))
            .filter(|_| all.len() < most)
        {
            all.push(form);
        }
        all
    }

    /// Remembers what was measured.
    pub fn learn(&mut self, kernel: &'static str, sizes: [u32; 3], form: usize) {
        self.measured.insert((kernel, sizes), form);
    }

    /// What a form costs by the model, in units that only compare; `None` where it is no choice on this adapter.
    fn cost(&self, tile: Tile, [rows, cols, terms]: [u32; 3]) -> Option<f64> {
        if !self.class.compiles(tile) || !tile.takes(terms) {
            return None;
        }
        let [across, down, _] = tile.cover(rows, cols);
        let tiles = f64::from(across) * f64::from(down);
        let terms = f64::from(terms);
        // A core that has no workgroup left waits for the last one at full speed: it costs as if it worked.
        let spread = |cores: u32| (tiles / f64::from(cores)).ceil() * f64::from(cores) / tiles;
        match (self.class, tile) {
            // Measured on SwiftShader: 13 ns per load of a vector, wherever it comes from, half a nanosecond per
            // multiply-add of a vector, and some to start a workgroup; 110 to clear and keep a vector of sums, by code
            // that is written out for each of them. Shared memory and barriers cost many times that.
            (Class::Software { lanes, cores, .. }, Tile::Registers { rows, cols, lanes: own, group: 1 })
                if own == lanes =>
            {
                let (rows, cols) = (f64::from(rows), f64::from(cols));
                let term = 13.0 * (rows + cols) + 0.55 * rows * cols + 4.0;
                Some(spread(cores) * tiles * (terms * term + 600.0 + KEPT * rows * cols))
            }
            // What a thread keeps is brought for every tile; each row then loads all terms, even where there are fewer.
            (Class::Software { lanes, cores, .. }, Tile::Few { cols, lanes: own, .. }) if own == lanes => {
                let (cols, rows) = (f64::from(cols), f64::from(rows) * f64::from(across));
                let row = f64::from(FEW_TERMS) * (13.0 + 0.55 * cols) + KEPT * cols;
                Some(spread(cores) * (tiles * (600.0 + 30.0 * terms * cols) + rows * row))
            }
            // To start a thread that may have to wait for others costs as much as hundreds of multiplications.
            (Class::Software { lanes, .. }, Tile::Threads(threads)) => Some(tiles * f64::from(threads.abs_diff(lanes))),
            (Class::Software { .. }, Tile::Plain) => Some(1000.0 * tiles),
            // A GPU wants many workgroups first, and each value read often second: bytes per sum, and a price for
            // workgroups that are too few to fill it.
            (Class::Hardware, Tile::Shared { edge }) => {
                let edge = 8.0 * f64::from(edge);
                Some((tiles.max(64.0)) * (terms * edge * (1.0 + 16.0 / edge) + 2000.0))
            }
            (Class::Hardware, Tile::Slim) => Some(tiles.max(64.0) * (terms / 64.0 * 96.0 + 900.0)),
            (Class::Hardware, Tile::Plain) => Some(tiles),
            // Possible, and sometimes the fastest: only a measurement tells.
            (Class::Hardware, Tile::Registers { group: 8, .. }) => {
                let [high, wide] = tile.size();
                Some(4.0 * tiles.max(64.0) * (terms * f64::from(high.max(wide)) + 2000.0))
            }
            _ => None,
        }
    }
}
