//! The error of every input of a data set, by weights that lie on a device: those of a run in training, say.
use super::network::Weights;
use super::resident::Resident;
use super::spec::Loss;
use super::trainer::loss_params;
use crate::compute::{Buffer, Device, GpuError, Plan};
use crate::kernels::clock;
use crate::kernels::loss::LOSS;
use crate::kernels::tick::{TICK, Tick};
use std::rc::Rc;

/// The mean of so many errors, in double precision.
pub fn mean(errors: &[f32]) -> f64 {
    errors.iter().map(|&e| f64::from(e)).sum::<f64>() / errors.len().max(1) as f64
}

/// A forward pass over the first `len` inputs of a data set, in file order, in pieces.
pub struct Evaluator {
    device: Rc<Device>,
    plan: Plan,
    settled: bool,
    clock: Buffer,
    sums: Buffer,
    cols: u32,
    /// Pieces that the whole takes.
    pub pieces: u32,
}

impl Evaluator {
    /// Measures `loss` over the first `len` inputs of `data`, `rows` at a time.
    pub fn new(device: &Rc<Device>, weights: &Weights, data: &Resident, loss: Loss, len: u32, rows: u32) -> Self {
        let device = device.clone();
        let d = &*device;
        let cols = data.cols;
        let len = len.min(data.len);
        let rows = rows.min(len).max(1);
        let (clock, sums) = (d.zeros(clock::LEN), d.zeros(len as usize));
        let (x, ys, dy) = (d.zeros((rows * cols) as usize), weights.signals(d, rows), d.zeros((rows * cols) as usize));
        let mut calls = vec![data.gather(d, rows, None, &clock, &x)];
        weights.forward(d, rows, &x, &ys, &mut calls);
        let params = d.uniform(loss_params(&weights.spec, loss, rows, 1.0, Some(len)));
        calls.push(LOSS.call(&params, [&ys[ys.len() - 1], &x, &clock], [&dy, &sums]));
        let unused = d.zeros(1);
        // The length is that of a round that never ends, so that the place in the data set simply counts on.
        let tick = Tick {
            rows,
            len: clock::MOST,
            slots: 1,
            scale: 1.0,
            rate: 0.0,
            beta1: 0.0,
            beta2: 0.0,
            rest1: 1.0,
            rest2: 1.0,
        };
        // The tick sums what it is given; here that is a row of no meaning.
        let row = d.zeros(rows as usize);
        calls.push(TICK.call(&d.uniform(tick), [&row], [&clock, &unused]));
        let plan = d.plan(calls);
        Self { plan, settled: false, clock, sums, cols, pieces: len.div_ceil(rows), device }
    }

    /// Starts over, with what better forms of its kernels there are by now.
    pub fn begin(&mut self) {
        self.settled = self.settled || self.device.refine(&mut self.plan);
        self.device.write(&self.clock, &[0.0; clock::LEN]);
    }

    /// Enqueues so many pieces.
    pub fn run(&self, pieces: u32) {
        self.device.run(&self.plan, pieces);
    }

    /// The next piece, in smaller ones where a processor does it: see [`Device::run_resting`].
    pub async fn run_resting(&self, rest: impl AsyncFnMut()) {
        self.device.run_resting(&self.plan, 1, rest).await;
    }

    /// After all pieces: the mean error per value of each input.
    ///
    /// # Errors
    /// The device failed.
    pub async fn errors(&self) -> Result<Vec<f32>, GpuError> {
        let sums = self.device.read(&self.sums).await?;
        Ok(sums.into_iter().map(|sum| sum / self.cols as f32).collect())
    }
}
