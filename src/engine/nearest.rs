//! Exact neighbours: candidates from a device, in rounded arithmetic, sorted again here.
use crate::compute::{Device, GpuError};
use crate::lessons::neighbours::{CANDIDATES, Metric, Near, Rows};
use crate::nn::{Among, Search};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::Cell;
use std::rc::Rc;
use web_time::Instant;

/// Milliseconds that one piece of work should take: of a GPU, of the processor (which does nothing else meanwhile).
const PIECE: [f64; 2] = [8.0, 8.0];
/// A GPU's queue is kept this short, in milliseconds.
const QUEUE: std::ops::Range<f64> = 40.0..60.0;
/// Rows of the set per piece: at least, and at most of inputs and of codes, which bounds the memory.
const LEAST: u32 = 64;
const MOST: [u32; 2] = [4096, 16_384];
/// Rows that an exact scan looks at between two rests.
const SCANNED: usize = 2000;

/// How many pieces of work a device is given before it is waited for: more while that is quick, fewer when it is slow.
pub struct Pace(Cell<u32>);

impl Default for Pace {
    fn default() -> Self {
        Self(Cell::new(1))
    }
}

impl Pace {
    /// Runs `count` pieces. `wait` waits until the device is through, `rest` lets others work.
    ///
    /// # Errors
    /// The device failed.
    pub async fn run<'a>(
        &self,
        count: u32,
        piece: &dyn Fn(u32),
        wait: &dyn Fn() -> LocalBoxFuture<'a, Result<(), GpuError>>,
        rest: &dyn Fn(u32) -> LocalBoxFuture<'a, ()>,
    ) -> Result<(), GpuError> {
        let mut done = 0;
        while done < count {
            let burst = self.0.get().min(count - done);
            let since = Instant::now();
            (done..done + burst).for_each(piece);
            wait().await?;
            let ms = since.elapsed().as_secs_f64() * 1e3;
            // A last burst that is short says nothing of longer ones.
            if ms > QUEUE.end {
                self.0.set((burst / 2).max(1));
            } else if ms < QUEUE.start && burst == self.0.get() {
                self.0.set(burst * 2);
            }
            done += burst;
            rest(done).await;
        }
        Ok(())
    }
}

/// A search in pieces that are short on this device.
pub struct Lookup {
    search: Search,
    metric: Metric,
    pace: Pace,
    on_gpu: bool,
}

impl Lookup {
    /// For `queries` rows at once among the first `len`; the size of a piece is found by trying.
    ///
    /// # Errors
    /// The device failed.
    pub async fn new(
        device: &Rc<Device>,
        among: Among<'_>,
        len: u32,
        queries: u32,
        metric: Metric,
    ) -> Result<Self, GpuError> {
        let on_gpu = matches!(**device, Device::Gpu(_));
        let keep = CANDIDATES.min(len.max(1));
        let make = |tile| Search::new(device, among, len, queries, keep, tile, metric == Metric::Cosine);
        let most = MOST[usize::from(matches!(among, Among::Codes { .. }))].min(len.max(1));
        let mut search = make(512.min(most));
        // The first time a kernel is compiled, which says nothing of later times.
        search.run(0);
        search.done().await?;
        for _ in 0..3 {
            let since = Instant::now();
            search.run(0);
            search.done().await?;
            let ms = since.elapsed().as_secs_f64() * 1e3;
            let change = (PIECE[usize::from(!on_gpu)] / ms.max(0.01)).clamp(0.1, 8.0);
            let tile = ((f64::from(search.tile) * change) as u32).clamp(LEAST.min(most), most);
            if tile == search.tile || (0.6..1.6).contains(&change) {
                break;
            }
            search = make(tile);
        }
        Ok(Self { search, metric, pace: Pace::default(), on_gpu })
    }

    /// How many rows are searched for at once.
    pub fn queries(&self) -> usize {
        self.search.rows as usize
    }

    /// The `k` nearest of each of these rows, which are the values of [`Lookup::queries`] rows or fewer; `rows` are what
    /// is searched, as it is stored, and `exact` are the questions likewise. Equal distances go by place.
    ///
    /// # Errors
    /// The device failed.
    pub fn nearest<'a>(
        &'a self,
        rows: Rows<'a>,
        queries: &'a [f32],
        exact: &'a dyn Fn(usize) -> Vec<f64>,
        k: usize,
        rest: &'a dyn Fn() -> LocalBoxFuture<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<Vec<Vec<Near>>, GpuError>> {
        async move {
            let search = &self.search;
            search.begin(queries);
            let wait = || async { if self.on_gpu { search.done().await } else { Ok(()) } }.boxed_local();
            self.pace.run(search.tiles, &|tile| search.run(tile), &wait, &|_| rest()).await?;
            let k = k.min(rows.len());
            let mut lists = Vec::new();
            for (i, found) in search.found().await?.iter().take(queries.len() / rows.width.max(1)).enumerate() {
                let query = exact(i);
                let list = match rows.exactly(self.metric, &query, found, k) {
                    Some(list) => list,
                    // Rounding leaves a doubt: look at every row.
                    None => {
                        let mut best = Vec::new();
                        for from in (0..rows.len()).step_by(SCANNED) {
                            let part = from..(from + SCANNED).min(rows.len());
                            rows.scan(self.metric, &query, part, k, &mut best);
                            rest().await;
                        }
                        rows.read(self.metric, &best)
                    }
                };
                lists.push(list);
                rest().await;
            }
            Ok(lists)
        }
        .boxed_local()
    }
}
