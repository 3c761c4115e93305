//! Chance, by counting: the same integers on every device.
//!
//! There is no state to carry: each number is a hash of where it is used (element, step, purpose) and of the seed,
//! so any thread can make any of them at any time. Integer arithmetic only: GPU and processor agree to the bit.

/// What a number is drawn for, so that two uses never share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The order of the inputs in an epoch.
    Order = 1,
    /// Noise on the inputs.
    Noise = 2,
    /// Variational codes.
    Codes = 3,
    /// The first weights; biases are one further.
    Weights = 16,
}

/// Four hashes of four words: PCG4D of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
pub fn pcg4d(v: [u32; 4]) -> [u32; 4] {
    let [mut x, mut y, mut z, mut w] = v.map(|v| v.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    for round in 0..2 {
        x = x.wrapping_add(y.wrapping_mul(w));
        y = y.wrapping_add(z.wrapping_mul(x));
        z = z.wrapping_add(x.wrapping_mul(y));
        w = w.wrapping_add(y.wrapping_mul(z));
        if round == 0 {
            [x, y, z, w] = [x, y, z, w].map(|v| v ^ (v >> 16));
        }
    }
    [x, y, z, w]
}

/// The two words of a seed.
pub fn words(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Where place `i` of epoch `epoch` is in the file: a permutation of 0..len, without a table.
///
/// A Feistel network of eight rounds permutes the numbers of as many bits as `len - 1` has; what falls outside is
/// sent through again (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002), less than twice on average.
pub fn shuffled(i: u32, len: u32, epoch: u32, seed: [u32; 2]) -> u32 {
    let bits = (32 - (len - 1).leading_zeros()).max(2);
    let half = bits / 2;
    let (low, high) = ((1u32 << half) - 1, (1u32 << (bits - half)) - 1);
    let keys = pcg4d([epoch, Purpose::Order as u32, seed[0], seed[1]]);
    let mut x = i;
    loop {
        let (mut a, mut b) = (x & low, x >> half);
        for key in keys {
            a ^= mixed(b, key) & low;
            b ^= mixed(a, key ^ 0x9e37_79b9) & high;
        }
        x = (b << half) | a;
        if x < len {
            return x;
        }
    }
}

/// A short hash: multiply and shift (after MurmurHash3's last step, A. Appleby).
fn mixed(value: u32, key: u32) -> u32 {
    let mut h = (value ^ key).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}
