//! Some of a network's layers over a whole data set: codes, or reconstructions, of every input.
use super::network::Weights;
use super::resident::Resident;
use crate::compute::{Buffer, Device, GpuError, Plan};
use crate::kernels::clock;
use std::ops::Range;
use std::rc::Rc;

/// A forward pass over the inputs of a data set, in file order, in pieces.
pub struct Pass {
    device: Rc<Device>,
    plan: Plan,
    clock: Buffer,
    /// The last layer's output of one piece, and of all inputs.
    y: Buffer,
    all: Buffer,
    rows: u32,
    width: u32,
    len: u32,
    /// Pieces that the whole takes.
    pub pieces: u32,
}

impl Pass {
    /// The first `layers` layers (all of them, or the encoder's) over the first `len` inputs of `data`, `rows` at a time.
    pub fn new(device: &Rc<Device>, weights: &Weights, data: &Resident, layers: usize, len: u32, rows: u32) -> Self {
        let d = &**device;
        let len = len.min(data.len);
        let rows = rows.clamp(1, len.max(1));
        let width = weights.spec.layers[..layers].last().map_or(data.cols, |layer| layer.outputs);
        let clock = d.zeros(clock::LEN);
        let (x, ys) = (d.zeros((rows * data.cols) as usize), weights.signals(d, rows));
        let mut calls = vec![data.gather(d, rows, None, &clock, &x)];
        let range: Range<usize> = 0..layers;
        weights.forward_through(d, range, rows, &x, &ys, &mut calls);
        let y = layers.checked_sub(1).map_or(x, |last| ys[last].clone());
        let all = d.zeros((len * width) as usize);
        let plan = d.plan(calls);
        Self { device: device.clone(), plan, clock, y, all, rows, width, len, pieces: len.div_ceil(rows) }
    }

    /// Enqueues one piece.
    pub fn run(&self, piece: u32) {
        let first = piece * self.rows;
        let mut clock = [0.0; clock::LEN];
        clock[clock::START] = first as f32;
        self.device.write(&self.clock, &clock);
        self.device.run(&self.plan, 1);
        // The last piece wraps around to the first inputs, whose outputs are there already.
        let rows = self.rows.min(self.len - first);
        let (at, len) = ((first * self.width) as usize, (rows * self.width) as usize);
        self.device.copy(&self.y, &self.all, at, len);
    }

    /// The outputs, where they lie on the device.
    pub fn all(&self) -> &Buffer {
        &self.all
    }

    /// After all pieces: the outputs, row by row.
    ///
    /// # Errors
    /// The device failed.
    pub async fn outputs(&self) -> Result<Vec<f32>, GpuError> {
        self.device.read(&self.all).await
    }
}
