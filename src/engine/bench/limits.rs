//! What this machine can do at most, measured, and what a workload's step would take at that.
use super::workloads::{PRODUCTS, Workload};
use super::{BenchError, Multiply, since};
use crate::compute::{Device, Plan};
use crate::nn::limits::{arithmetic, memory, nothing};
use std::rc::Rc;
use web_time::Instant;

/// A call of arithmetic takes so many times as long as one of nothing, if it can.
const CALLS: f64 = 50.0;
/// Rounds of arithmetic in a call at most.
const MOST_ROUNDS: u32 = 1 << 14;

/// An adapter's limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Thousand million multiplications and additions a second: in chains of multiply-adds, or on a processor in a large
    /// product.
    pub gflops: f64,
    /// Thousand million bytes a second, read and written, by a copy.
    pub gbytes: f64,
    /// Microseconds that a call costs beside its work.
    pub call_us: f64,
}

impl Limits {
    /// Measures them: two seconds or less.
    ///
    /// # Errors
    /// The device failed.
    pub async fn measure(device: &Rc<Device>) -> Result<Self, BenchError> {
        let call = fastest(device, &nothing(device)).await?;
        let gflops = if matches!(&**device, Device::Gpu(_)) {
            let mut rounds = 32;
            loop {
                let (plan, flops) = arithmetic(device, 1 << 16, rounds);
                let ms = fastest(device, &plan).await?;
                // On a fast GPU a short call is mostly its beginning and its end.
                if ms > CALLS * call || rounds >= MOST_ROUNDS {
                    break flops / ms / 1e6;
                }
                rounds *= 8;
            }
        } else {
            // What a processor can do at most is in the library of its products.
            let product = &PRODUCTS[0];
            product.flops() / Multiply::new(device, product).await?.ms(100.0).await? / 1e6
        };
        // 16 MiB twice: beyond most caches, within every limit.
        let (plan, bytes) = memory(device, 1 << 22);
        let copied = fastest(device, &plan).await?;
        // What the call itself costs is no memory's time, but a clock may make it as long as the copy.
        let gbytes = bytes / (copied - call).max(copied / 2.0) / 1e6;
        Ok(Self { gflops, gbytes, call_us: call * 1e3 })
    }

    /// Milliseconds that a step of a workload takes at least here: its arithmetic, the optimiser's memory (weights and
    /// both moments, read and written), and its calls.
    pub fn floor(&self, workload: &Workload, calls: usize) -> f64 {
        let flops = workload.flops_per_input() * f64::from(workload.batch);
        let bytes = 24.0 * workload.network().parameters() as f64;
        flops / self.gflops / 1e6 + bytes / self.gbytes / 1e6 + calls as f64 * self.call_us / 1e3
    }
}

/// Milliseconds of a plan, in the fastest of five rounds of at least 20.
async fn fastest(device: &Rc<Device>, plan: &Plan) -> Result<f64, BenchError> {
    let mut times = 1;
    let mut best = f64::INFINITY;
    for round in 0.. {
        let start = Instant::now();
        device.run(plan, times);
        device.finish().await?;
        let took = since(start);
        if took < 20.0 && times < 1 << 16 {
            times *= 2;
            continue;
        }
        // The first rounds compile and warm up.
        best = best.min(took / f64::from(times));
        if round >= 5 {
            break;
        }
    }
    Ok(best)
}
