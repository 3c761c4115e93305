//! Noise outside of training: on single inputs, and on a whole data set on its way through networks. The same kernel as
//! in training, by another seed.
use super::network::Weights;
use super::resident::Resident;
use super::spec::Noise;
use super::task::noise_params;
use super::trainer::Training;
use crate::compute::{Buffer, Device, GpuError, Plan, Uniform};
use crate::kernels::clock;
use crate::kernels::corrupt::{CORRUPT, Corrupt};
use std::rc::Rc;

/// Tests must not be disturbed by the very noise that was learned from.
const OTHER: u64 = 0x7e57_0000_0000_0000;

/// What decides the noise on `rows` inputs of `cols` values, with lines of `width`.
fn params(noise: Noise, seed: u64, rows: u32, cols: u32, width: u32) -> Option<Corrupt> {
    let training = Training { noise, batch: rows, width, seed: seed ^ OTHER, ..Training::default() };
    noise_params(&training, cols)
}

/// Inputs of `cols` values, with lines of `width`, one after the other, with noise on them. Each `draw` is another.
pub fn corrupted(noise: Noise, seed: u64, draw: u32, x: &[f32], cols: u32, width: u32) -> Vec<f32> {
    let rows = x.len() as u32 / cols.max(1);
    let mut noisy = x.to_vec();
    if let Some(params) = params(noise, seed, rows, cols, width) {
        let mut clock = [0.0; clock::LEN];
        clock[clock::STEPS] = draw as f32;
        (CORRUPT.twin)(&params, [], [x, &clock], [&mut noisy]);
    }
    noisy
}

/// Passes of one data set through several networks, in pieces, with noise on its inputs.
pub struct NoisyPass {
    device: Rc<Device>,
    /// The noise and the first network, then the others: each short enough for one submit.
    plans: Vec<Plan>,
    clock: Buffer,
    noise: Uniform<Corrupt>,
    params: Corrupt,
    /// The noisy inputs of a piece, then what each network makes of them.
    results: Vec<Buffer>,
    len: u32,
    /// Inputs per piece.
    pub rows: u32,
}

impl NoisyPass {
    /// Over the inputs of `data` in file order, `rows` at a time, with noise of this kind; its strength can be changed.
    /// `None` where there is no kind.
    pub fn new(
        device: &Rc<Device>,
        networks: &[&Weights],
        data: &Resident,
        (noise, seed, width): (Noise, u64, u32),
        rows: u32,
    ) -> Option<Self> {
        let d = &**device;
        let rows = rows.clamp(1, data.len.max(1));
        let params = params(noise, seed, rows, data.cols, width)?;
        let uniform = d.uniform(params);
        let clock = d.zeros(clock::LEN);
        let [x, noisy] = [(); 2].map(|()| d.zeros((rows * data.cols) as usize));
        let mut calls = vec![data.gather(d, rows, None, &clock, &x), CORRUPT.call(&uniform, [&x, &clock], [&noisy])];
        let (mut plans, mut results) = (Vec::new(), vec![noisy.clone()]);
        for weights in networks {
            let ys = weights.signals(d, rows);
            weights.forward(d, rows, &noisy, &ys, &mut calls);
            plans.push(d.plan(std::mem::take(&mut calls)));
            results.extend(ys.last().cloned());
        }
        Some(Self { device: device.clone(), plans, clock, noise: uniform, params, results, len: data.len, rows })
    }

    /// Pieces that the whole takes.
    pub fn pieces(&self) -> u32 {
        self.len.div_ceil(self.rows)
    }

    /// Another strength of the same kind, from the next piece on.
    pub fn set_strength(&mut self, strength: f32) {
        self.params.amount = strength;
        self.device.set(&self.noise, self.params);
    }

    /// One piece: its noisy inputs, then what each network makes of them.
    ///
    /// # Errors
    /// The device failed.
    pub async fn piece(&self, piece: u32) -> Result<Vec<Vec<f32>>, GpuError> {
        let first = piece * self.rows;
        let mut clock = [0.0; clock::LEN];
        (clock[clock::START], clock[clock::STEPS]) = (first as f32, piece as f32);
        self.device.write(&self.clock, &clock);
        for plan in &self.plans {
            self.device.run(plan, 1);
        }
        let wanted: Vec<_> = self.results.iter().collect();
        let mut results = self.device.read_all(&wanted).await?;
        // The last piece wraps around to the first inputs, which were there already.
        let values = (self.rows.min(self.len - first) * self.params.cols) as usize;
        results.iter_mut().for_each(|result| result.truncate(values));
        Ok(results)
    }
}
