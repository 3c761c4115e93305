//! The rows of a set that are nearest to some others: distances by a product and the smallest few of them, tile by
//! tile on a device.
use super::resident::{BINDING, Resident};
use crate::compute::{Buffer, Device, GpuError, Plan};
use crate::kernels::clock;
use crate::kernels::distances::{DISTANCES, Distances, MOST};
use crate::kernels::nearest::{MOST_KEPT, NEAREST, Nearest};
use std::rc::Rc;

/// What is searched.
#[derive(Clone, Copy)]
pub enum Among<'a> {
    /// Rows that lie on the device as they are: codes, \[len, width\].
    Codes {
        /// The values.
        values: &'a Buffer,
        /// Values per row.
        width: u32,
    },
    /// The inputs of a data set, unpacked a tile at a time.
    Inputs(&'a Resident),
}

/// A search for several rows at once, compiled once. Distances are rounded: whoever needs the exact order asks for a
/// few more than needed and sorts them again.
pub struct Search {
    device: Rc<Device>,
    plan: Plan,
    clock: Buffer,
    queries: Buffer,
    best: Buffer,
    places: Buffer,
    /// Rows that are searched for at once.
    pub rows: u32,
    /// How many of the nearest are found.
    pub keep: u32,
    /// Rows of the set that are looked at in one piece.
    pub tile: u32,
    /// Pieces that the whole set takes.
    pub tiles: u32,
}

/// Floats in one binding under WebGPU's default limits.
const VALUES: u32 = (BINDING / 4) as u32;

impl Search {
    /// For `rows` rows at once, the `keep` nearest among the first `len` rows, `tile` of them per piece. Nearest by the
    /// squared Euclidean distance, or by the cosine one.
    pub fn new(device: &Rc<Device>, among: Among, len: u32, rows: u32, keep: u32, tile: u32, cosine: bool) -> Self {
        let d = &**device;
        let width = match among {
            Among::Codes { width, .. } => width,
            Among::Inputs(set) => set.cols,
        };
        let (rows, keep) = (rows.max(1), keep.clamp(1, MOST_KEPT));
        // Neither the distances nor the unpacked rows may be more than a binding holds.
        let most = (VALUES / rows).min(VALUES / width.max(1)).max(1);
        let tile = tile.clamp(1, most).min(len.max(1));
        let (clock, queries) = (d.zeros(clock::LEN), d.zeros((rows * width) as usize));
        let (best, places) = (d.zeros((rows * keep) as usize), d.zeros((rows * keep) as usize));
        let distances = d.zeros((rows * tile) as usize);
        let mut calls = Vec::new();
        let (values, whole) = match among {
            Among::Codes { values, .. } => (values.clone(), 1),
            Among::Inputs(set) => {
                let unpacked = d.zeros((tile * width) as usize);
                calls.push(set.gather(d, tile, None, &clock, &unpacked));
                (unpacked, 0)
            }
        };
        let params = Distances { rows, cols: tile, width, len, whole, metric: cosine.into() };
        calls.push(DISTANCES.call(&d.uniform(params), [&queries, &values, &clock], [&distances]));
        let params = Nearest { rows, cols: tile, keep };
        calls.push(NEAREST.call(&d.uniform(params), [&distances, &clock], [&best, &places]));
        let plan = d.plan(calls);
        let tiles = len.div_ceil(tile);
        Self { device: device.clone(), plan, clock, queries, best, places, rows, keep, tile, tiles }
    }

    /// What is searched for next: [`Search::rows`] rows, or fewer.
    pub fn begin(&self, queries: &[f32]) {
        self.device.write(&self.queries, queries);
    }

    /// Enqueues one piece. They go from the first to the last.
    pub fn run(&self, piece: u32) {
        let mut clock = [0.0; clock::LEN];
        clock[clock::START] = (piece * self.tile) as f32;
        self.device.write(&self.clock, &clock);
        self.device.run(&self.plan, 1);
    }

    /// Waits until what was enqueued is done.
    ///
    /// # Errors
    /// The device failed.
    pub async fn done(&self) -> Result<(), GpuError> {
        self.device.read(&self.clock).await.map(|_| ())
    }

    /// After all pieces: of each row the nearest, with their distances, nearest first.
    ///
    /// # Errors
    /// The device failed.
    pub async fn found(&self) -> Result<Vec<Vec<(f32, u32)>>, GpuError> {
        let mut read = self.device.read_all(&[&self.best, &self.places]).await?.into_iter();
        let (best, places) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
        let keep = self.keep as usize;
        let list = |(best, places): (&[f32], &[f32])| {
            let pairs = best.iter().zip(places).filter(|&(&distance, _)| distance < MOST);
            pairs.map(|(&distance, &place)| (distance, place as u32)).collect()
        };
        Ok(best.chunks(keep).zip(places.chunks(keep)).map(list).collect())
    }
}
