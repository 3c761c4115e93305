//! The networks and products that speed is measured on, with their data and first weights: the same numbers for
//! whoever is measured, because all of them are made by formula from a small generator of random numbers.
use crate::nn::spec::{Activation, LayerSpec, NetworkSpec};

/// A network, its batch and its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// Width of every signal from x to x̂.
    pub widths: &'static [u32],
    /// Which of them is z.
    pub z_at: usize,
    /// Inputs per step.
    pub batch: u32,
}

/// Inputs in each workload's data.
pub const ROWS: u32 = 4096;

/// All of them: a large one, one of a classroom's size, a heartbeat's, the lecture's lab.
pub const WORKLOADS: [Workload; 4] = [
    Workload { name: "mnist", widths: &[784, 512, 256, 64, 256, 512, 784], z_at: 3, batch: 256 },
    Workload { name: "class", widths: &[784, 128, 32, 128, 784], z_at: 2, batch: 128 },
    Workload { name: "ecg", widths: &[140, 32, 16, 8, 16, 32, 140], z_at: 3, batch: 64 },
    Workload { name: "lab", widths: &[784, 250, 100, 10, 100, 250, 784], z_at: 3, batch: 32 },
];

impl Workload {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        WORKLOADS.iter().copied().find(|workload| workload.name == name)
    }

    /// ReLU between the layers, a linear z, a sigmoid at the end.
    pub fn network(&self) -> NetworkSpec {
        let last = self.widths.len() - 2;
        let layer = |(i, pair): (usize, &[u32])| LayerSpec {
            inputs: pair[0],
            outputs: pair[1],
            activation: match i {
                i if i == last => Activation::Sigmoid,
                i if i + 1 == self.z_at => Activation::Identity,
                _ => Activation::Relu,
            },
        };
        NetworkSpec { layers: self.widths.windows(2).enumerate().map(layer).collect(), encoder: self.z_at }
    }

    /// Multiplications and additions of a step, per input: forward, and backward but for the first layer's dX.
    pub fn flops_per_input(&self) -> f64 {
        let pairs = self.widths.windows(2).enumerate();
        pairs.map(|(i, pair)| f64::from(pair[0] * pair[1]) * if i == 0 { 4.0 } else { 6.0 }).sum()
    }

    /// Learnable data in 0..1, row after row: eight hidden factors, a random mixing, a sigmoid.
    pub fn data(&self) -> Vec<f32> {
        const FACTORS: usize = 8;
        let width = self.widths[0] as usize;
        let mut random = Mulberry(1);
        let mut draw = |len: usize| (0..len).map(|_| (random.next() * 2.0 - 1.0) * 1.5).collect::<Vec<f64>>();
        let mix = draw(FACTORS * width);
        let factors = draw(ROWS as usize * FACTORS);
        let value = |row: &[f64], col: usize| {
            let sum: f64 = row.iter().enumerate().map(|(k, factor)| factor * mix[k * width + col]).sum();
            (1.0 / (1.0 + (-sum).exp())) as f32
        };
        factors
            .chunks(FACTORS)
            .flat_map(|row| (0..width).map(move |col| (row, col)))
            .map(|(row, col)| value(row, col))
            .collect()
    }

    /// The first weights, laid out as `nn::Weights`: Glorot's limits, drawn input by input, biases 0.
    pub fn weights(&self) -> Vec<f32> {
        let mut random = Mulberry(2);
        let mut all = Vec::new();
        for pair in self.widths.windows(2) {
            let (inputs, outputs) = (pair[0] as usize, pair[1] as usize);
            let limit = (6.0 / (inputs + outputs) as f64).sqrt();
            let drawn: Vec<f32> = (0..inputs * outputs).map(|_| ((random.next() * 2.0 - 1.0) * limit) as f32).collect();
            all.extend(
                (0..outputs)
                    .flat_map(|out| (0..inputs).map(move |input| (input, out)))
                    .map(|(input, out)| drawn[input * outputs + out]),
            );
            all.extend(std::iter::repeat_n(0.0, outputs));
        }
        all
    }
}

/// A product C [m, n] = op(A) · op(B).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name.
    pub name: &'static str,
    /// Rows, terms per sum, columns.
    pub sizes: [u32; 3],
    /// A is stored [k, m].
    pub a_transposed: bool,
    /// B is stored [n, k].
    pub b_transposed: bool,
}

impl Product {
    /// Multiplications and additions.
    pub fn flops(&self) -> f64 {
        2.0 * self.sizes.map(f64::from).iter().product::<f64>()
    }
}

/// All of them: two squares, and the shapes of the large network's steps.
pub const PRODUCTS: [Product; 7] = [
    Product { name: "512^3", sizes: [512, 512, 512], a_transposed: false, b_transposed: false },
    Product { name: "1024^3", sizes: [1024, 1024, 1024], a_transposed: false, b_transposed: false },
    Product { name: "256x784x512 NN", sizes: [256, 784, 512], a_transposed: false, b_transposed: false },
    Product { name: "256x512x256 NN", sizes: [256, 512, 256], a_transposed: false, b_transposed: false },
    Product { name: "256x256x64 NN", sizes: [256, 256, 64], a_transposed: false, b_transposed: false },
    Product { name: "784x256x512 TN", sizes: [784, 256, 512], a_transposed: true, b_transposed: false },
    Product { name: "256x784x512 NT", sizes: [256, 784, 512], a_transposed: false, b_transposed: true },
];

/// A matrix of values around 0.
pub fn matrix(len: usize, seed: u32) -> Vec<f32> {
    let mut random = Mulberry(seed);
    (0..len).map(|_| (random.next() - 0.5) as f32).collect()
}

/// Mulberry32 (T. Ettinger, public domain): 32 bits of state, the same in every language that has 32-bit integers.
struct Mulberry(u32);

impl Mulberry {
    /// From 0 to 1, 1 excluded.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let a = self.0;
        let mut t = (a ^ (a >> 15)).wrapping_mul(1 | a);
        t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(61 | t)) ^ t;
        f64::from(t ^ (t >> 14)) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // In JavaScript: const r = mulberry(1); [r(), r(), r()]
        let mut random = Mulberry(1);
        let got = [random.next(), random.next(), random.next()];
        assert_eq!(got, [0.627_073_940_588_161_3, 0.002_735_721_180_215_478, 0.527_447_039_959_952_2]);
    }

    #[test]
    fn sizes_agree() {
        for workload in WORKLOADS {
            assert_eq!(workload.weights().len(), workload.network().parameters(), "{}", workload.name);
            assert_eq!(workload.data().len(), (ROWS * workload.widths[0]) as usize);
            assert!(workload.data().iter().all(|x| (0.0..=1.0).contains(x)));
            assert_eq!(workload.network().widths(), workload.widths);
        }
        assert_eq!(Workload::named("class").map(|w| w.flops_per_input()), Some(1_052_672.0));
    }
}
