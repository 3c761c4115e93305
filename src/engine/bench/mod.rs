//! How fast this machine is: the workloads' steps, single inputs, plain products. Results are checked before they are
//! timed. For the bench page, the command line and the native bench alike.
pub mod limits;
pub mod report;
pub mod workloads;

pub use crate::nn::Whole;

use crate::compute::{Device, GpuError};
use crate::nn::trainer::SLOTS;
use crate::nn::{Pass, Resident, ResidentError, Rows, Trainer, Training, multiply, signals};
use std::rc::Rc;
use web_time::Instant;
use workloads::{Product, ROWS, Workload, matrix};

/// Milliseconds over which a single call is timed at least.
const CALLED: f64 = 20.0;
/// Steps after which a loss is compared with other programs' at least.
const CHECKED: u32 = 24;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The device failed.
    #[error(transparent)]
    Device(#[from] GpuError),
    /// The data do not fit on it.
    #[error(transparent)]
    Data(#[from] ResidentError),
    /// What came out is wrong, so its speed means nothing.
    #[error("{what} is off by {error:.1e}: it would be timed for nothing")]
    Wrong {
        /// What was calculated.
        what: String,
        /// The largest difference to f64.
        error: f64,
    },
}

/// A workload in training.
pub struct Steps {
    trainer: Trainer,
    batch: u32,
    /// The loss of the first batch, by the first weights.
    pub loss_first: f32,
}

/// A call of a step, and what it takes.
#[derive(Clone, Copy, Debug)]
pub struct CallTime {
    /// Its kernel.
    pub kernel: &'static str,
    /// The form that was chosen for it, on a GPU.
    pub tile: Option<crate::compute::Tile>,
    /// Rows and columns of its result, terms per sum; ones where it is no product.
    pub sizes: [u32; 3],
    /// Milliseconds.
    pub ms: f64,
}

impl CallTime {
    /// Multiplications and additions; 0 for what is no product.
    pub fn flops(&self) -> f64 {
        match self.sizes {
            [1, 1, 1] => 0.0,
            sizes => 2.0 * sizes.map(f64::from).iter().product::<f64>(),
        }
    }

    /// Bytes that a product has to read and write at least: both operands and the result, and where the optimiser works in
    /// place, the weights and both moments there and back.
    pub fn bytes(&self) -> f64 {
        let [rows, cols, terms] = self.sizes.map(f64::from);
        let result = if self.kernel == "dense_dw" { 6.0 } else { 1.0 };
        match self.sizes {
            [1, 1, 1] => 0.0,
            _ => 4.0 * (rows * terms + terms * cols + result * rows * cols),
        }
    }
}

/// The middle one of several times, which it sorts; NaN of none.
pub fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds since.
fn since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

impl Steps {
    /// Makes one step: the kernels are compiled, and the first loss is known. `whole` says whether a step is one call.
    ///
    /// # Errors
    /// See [`BenchError`].
    pub async fn new(device: &Rc<Device>, workload: &Workload, whole: Whole) -> Result<Self, BenchError> {
        let data = Resident::new(device, Rows::Floats(&workload.data()), workload.widths[0])?;
        let training = Training { batch: workload.batch, epsilon: 1e-7, shuffle: false, whole, ..Training::default() };
        let mut trainer = Trainer::new(device.clone(), &workload.network(), training, &data);
        trainer.load(&workload.weights());
        trainer.run(1);
        let loss_first = trainer.snapshot(false).await?.losses.first().copied().unwrap_or(f32::NAN);
        Ok(Self { trainer, batch: workload.batch, loss_first })
    }

    /// Finds out how long a step takes, roughly, and how many fit into `ms` milliseconds.
    ///
    /// # Errors
    /// The device failed.
    pub async fn calibrate(&mut self, ms: f64) -> Result<u32, BenchError> {
        // Pipelines that are still being compiled would be timed too. Most are there within seconds.
        let start = Instant::now();
        while !self.trainer.settled && since(start) < 60_000.0 {
            self.run(1).await?;
        }
        while self.trainer.wants_weighing() {
            self.trainer.weigh().await?;
        }
        let mut steps = 1;
        let each = loop {
            let took = self.run(steps).await?;
            if took > ms / 8.0 || steps >= 512 {
                break took / f64::from(steps);
            }
            steps *= 2;
        };
        Ok((ms / each).ceil().clamp(2.0, 20_000.0) as u32)
    }

    /// Makes so many steps, waits for the last, and returns the milliseconds that all took.
    ///
    /// # Errors
    /// The device failed.
    pub async fn run(&mut self, steps: u32) -> Result<f64, BenchError> {
        let start = Instant::now();
        let mut left = steps;
        while left > 0 {
            let now = left.min(SLOTS / 2);
            self.trainer.run(now);
            left -= now;
        }
        self.trainer.snapshot(false).await?;
        Ok(since(start))
    }

    /// What each call of a step takes, in milliseconds: each alone, many times in one submit.
    ///
    /// # Errors
    /// The device failed.
    pub async fn profile(&mut self) -> Result<Vec<CallTime>, BenchError> {
        let device = self.trainer.device().clone();
        let mut all = Vec::new();
        for call in 0..self.trainer.plan().len() {
            let mut times = 1;
            let ms = loop {
                let start = Instant::now();
                device.run_part(self.trainer.plan(), call..call + 1, times);
                device.finish().await?;
                let ms = since(start);
                if ms > CALLED || times >= 4096 {
                    break ms / f64::from(times);
                }
                times *= 4;
            };
            let (kernel, tile, sizes) = self.trainer.plan().describe(call);
            all.push(CallTime { kernel, tile, sizes, ms });
        }
        Ok(all)
    }

    /// Kernel calls per step: on a GPU, dispatches.
    pub fn calls_per_step(&self) -> usize {
        self.trainer.calls_per_step()
    }

    /// Steps made so far.
    pub fn steps(&self) -> u32 {
        self.trainer.steps()
    }

    /// Goes on to the first batch again, after at least 24 steps in all: its loss there.
    ///
    /// # Errors
    /// The device failed.
    pub async fn loss_last(&mut self) -> Result<f32, BenchError> {
        let batches = ROWS / self.batch;
        let wanted = self.trainer.steps().max(CHECKED);
        let steps = wanted.next_multiple_of(batches) - self.trainer.steps();
        if steps > 0 {
            self.run(steps).await?;
        }
        self.trainer.run(1);
        Ok(self.trainer.snapshot(false).await?.losses.last().copied().unwrap_or(f32::NAN))
    }
}

/// One input through the whole network and back into this process: the faster of two ways, as drawings take it.
pub struct Single {
    workload: Workload,
    weights: Vec<f32>,
    input: Vec<f32>,
    pass: Pass,
}

impl Single {
    /// Gets both ways ready.
    ///
    /// # Errors
    /// See [`BenchError`].
    pub async fn new(device: &Rc<Device>, workload: &Workload) -> Result<Self, BenchError> {
        let weights = workload.weights();
        let input: Vec<f32> = workload.data().into_iter().take(workload.widths[0] as usize).collect();
        let spec = workload.network();
        let here = crate::nn::Weights::new(device, &spec);
        device.write(&here.values, &weights);
        let data = Resident::new(device, Rows::Floats(&input), workload.widths[0])?;
        let pass = Pass::new(device, &here, &data, spec.layers.len(), 1, 1);
        let single = Self { workload: *workload, weights, input, pass };
        let (a, b) = (single.on_processor(), single.on_device().await?);
        let error = a.iter().zip(&b).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
        // A NaN is no match either.
        if error.is_nan() || error > 1e-4 {
            return Err(BenchError::Wrong { what: format!("the reconstruction of {}", workload.name), error });
        }
        Ok(single)
    }

    /// The reconstruction, on this processor.
    pub fn on_processor(&self) -> Vec<f32> {
        let spec = self.workload.network();
        let layers = 0..spec.layers.len();
        signals(&spec, &self.weights, layers, 1, self.input.clone()).pop().unwrap_or_default()
    }

    /// The reconstruction, on the device and back.
    ///
    /// # Errors
    /// The device failed.
    pub async fn on_device(&self) -> Result<Vec<f32>, GpuError> {
        self.pass.run(0);
        self.pass.outputs().await
    }
}

/// A product on the device, by the kernel whose operands lie the same way.
pub struct Multiply {
    device: Rc<Device>,
    plan: crate::compute::Plan,
    /// The largest difference to f64, over some of its values.
    pub error: f64,
    ms: f64,
}

impl Multiply {
    /// Calculates it once and compares.
    ///
    /// # Errors
    /// See [`BenchError`].
    pub async fn new(device: &Rc<Device>, product: &Product) -> Result<Self, BenchError> {
        let [m, k, n] = product.sizes;
        let (a, b) = (matrix((m * k) as usize, 3), matrix((k * n) as usize, 4));
        let d = &**device;
        let (call, c) = match (product.a_transposed, product.b_transposed) {
            (false, false) => multiply::plain(d, product.sizes, &a, &b),
            (false, true) => multiply::b_transposed(d, product.sizes, &a, &b),
            (true, _) => multiply::a_transposed(d, product.sizes, &a, &b),
        };
        let plan = d.plan(vec![call]);
        let start = Instant::now();
        d.run(&plan, 1);
        let c = d.read(&c).await?;
        let ms = since(start);
        let error = largest_error(product, &a, &b, &c);
        // A NaN is no match either.
        if error.is_nan() || error > 1e-3 {
            return Err(BenchError::Wrong { what: format!("the product {}", product.name), error });
        }
        Ok(Self { device: device.clone(), plan, error, ms })
    }

    /// Milliseconds that one product takes, over at least so many milliseconds of them.
    ///
    /// # Errors
    /// The device failed.
    pub async fn ms(&mut self, at_least: f64) -> Result<f64, BenchError> {
        for _ in 0..2 {
            let times = (at_least / 4.0 / self.ms).ceil().clamp(1.0, 5000.0) as u32;
            self.ms = self.time(times).await?;
        }
        let times = (at_least / self.ms).ceil().clamp(1.0, 5000.0) as u32;
        self.time(times).await
    }

    async fn time(&self, times: u32) -> Result<f64, BenchError> {
        let start = Instant::now();
        self.device.run(&self.plan, times);
        self.device.finish().await?;
        Ok(since(start) / f64::from(times))
    }
}

/// To a product in f64, over values all over the result.
fn largest_error(product: &Product, a: &[f32], b: &[f32], c: &[f32]) -> f64 {
    let [m, k, n] = product.sizes.map(|size| size as usize);
    let value = |i: usize, j: usize| {
        let a = |t: usize| a[if product.a_transposed { t * m + i } else { i * k + t }];
        let b = |t: usize| b[if product.b_transposed { j * k + t } else { t * n + j }];
        (0..k).map(|t| f64::from(a(t)) * f64::from(b(t))).sum::<f64>()
    };
    let places = (0..20).map(|q| (q * 37 % m, q * 101 % n)).chain([(m - 1, n - 1)]);
    places.map(|(i, j)| (value(i, j) - f64::from(c[i * n + j])).abs()).fold(0.0, f64::max)
}
