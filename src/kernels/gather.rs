//! A batch out of the data set that lies on the device.
use super::{clock, random, size};
use crate::compute::{Kernel, Real};
use crate::{kernel, params};

params! {
    /// x [rows, cols] = the next `rows` inputs of a data set of `len`, in file order or shuffled anew each epoch.
    pub struct Gather {
        /// Inputs in the batch.
        pub rows: u32,
        /// Values per input.
        pub cols: u32,
        /// Inputs in the data set.
        pub len: u32,
        /// 1: four values per word, each a byte for value · 255. 0: one float per word.
        pub bytes: u32,
        /// 1: another order each epoch. 0: the order of the file.
        pub shuffle: u32,
        /// Low word of the seed.
        pub seed_low: u32,
        /// High word of the seed.
        pub seed_high: u32,
    }
}

/// Reads the data set's words and the clock; writes x.
pub static GATHER: Kernel<Gather, 1, 1, 1> = kernel!("gather", gather, workgroups, choices: &["bytes", "shuffle"]);

pub(super) fn gather<T: Real>(p: &Gather, [data]: [&[u32]; 1], [clock]: [&[T]; 1], [x]: [&mut [T]; 1]) {
    let (epoch, start) = (clock[clock::EPOCH].f64() as u32, clock[clock::START].f64() as u32);
    for (row, x) in (0..p.rows).zip(x.chunks_mut(size(p.cols))) {
        // The batch goes on in the next epoch where this one ends.
        let place = start + row;
        let index = match p.shuffle {
            0 => place % p.len,
            _ => random::shuffled(place % p.len, p.len, epoch + place / p.len, [p.seed_low, p.seed_high]),
        };
        for (col, x) in (0..p.cols).zip(x) {
            let at = index * p.cols + col;
            *x = match p.bytes {
                0 => T::of(f32::from_bits(data[size(at)]).into()),
                _ => T::of(f64::from(f32::from((data[size(at / 4)] >> (at % 4 * 8)) as u8) * (1.0 / 255.0))),
            };
        }
    }
}

fn workgroups(p: &Gather) -> [u32; 3] {
    [p.rows, 1, 1]
}
