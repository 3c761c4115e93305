//! Each kernel, at the sizes where kernels go wrong, on every device, against its twin in f64.
use crate::check::{Case, U, check, check_forms, check_some, exact, product};
use crate::wave;
use hourglass::compute::Tile;
use hourglass::kernels::add::{ADD, Add};
use hourglass::kernels::corrupt::{CORRUPT, Corrupt};
use hourglass::kernels::dense::{DENSE, DENSE_DW, DENSE_DX, Dense, DenseDw, DenseDx};
use hourglass::kernels::distances::{DISTANCES, Distances, MOST};
use hourglass::kernels::gather::{GATHER, Gather};
use hourglass::kernels::init::{INIT, Init};
use hourglass::kernels::loss::{LOSS, Loss};
use hourglass::kernels::nearest::{MOST_KEPT, NEAREST, Nearest};
use hourglass::kernels::sample::{SAMPLE, SAMPLE_DZ, Sample, SampleDz};
use hourglass::kernels::tick::{TICK, Tick};
use hourglass::kernels::{clock, random};
use wasm_bindgen_test::wasm_bindgen_test;

/// One element; a tile of a thread; one off a workgroup's tile each way; long and thin; the lecture's.
const SHAPES: [(u32, u32, u32); 9] = [
    (1, 1, 1),
    (4, 4, 4),
    (31, 5, 33),
    (32, 32, 32),
    (33, 31, 2),
    (3, 100, 2),
    (2, 3, 130),
    (32, 784, 20),
    (7, 10, 97),
];

/// The five activations by their codes.
const CODES: std::ops::Range<u32> = 0..5;

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn dense() {
    let _kept = crate::devices().await;
    for (rows, inputs, outputs) in SHAPES {
        for activation in CODES {
            let at = activation * 3;
            let weights = wave(at + (inputs + 1) * outputs, 1);
            let case = Case {
                kernel: &DENSE,
                params: Dense { rows, inputs, outputs, at, activation, skip: 0 },
                words: [],
                reads: [wave(rows * inputs, 0), weights],
                writes: [wave(rows * outputs, 2)],
                tolerance: product(inputs),
            };
            check_some(case, rows + activation).await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn dense_dx() {
    let _kept = crate::devices().await;
    for (rows, inputs, outputs) in SHAPES {
        for activation in CODES {
            let case = Case {
                kernel: &DENSE_DX,
                params: DenseDx { rows, inputs, outputs, at: 5, activation, skip: 0 },
                words: [],
                reads: [
                    wave(rows * outputs, 0),
                    wave(5 + (inputs + 1) * outputs, 1),
                    outputs_of(activation, rows * inputs),
                ],
                writes: [wave(rows * inputs, 3)],
                tolerance: product(outputs),
            };
            check_some(case, rows + activation).await;
        }
    }
}

/// A layer that learns: from zero moments, by a clock with all that an optimiser reads.
pub fn learning([rows, inputs, outputs]: [u32; 3], at: u32, optimiser: u32) -> Case<DenseDw, 3, 3, 0> {
    let mut clock = vec![0.0; clock::LEN];
    (clock[clock::SIZE], clock[clock::ROOT], clock[clock::RATE]) = (0.01, 0.1, 0.02);
    let weights = wave(at + (inputs + 1) * outputs, 1);
    let zeros = vec![0.0; weights.len()];
    let (beta1, beta2, rest1, rest2, epsilon) = (0.9, 0.99, 0.1, 0.01, 1e-8);
    Case {
        kernel: &DENSE_DW,
        params: DenseDw { rows, inputs, outputs, at, optimiser, beta1, beta2, rest1, rest2, epsilon, skip: 0 },
        words: [],
        reads: [wave(rows * outputs, 0), wave(rows * inputs, 1), clock],
        writes: [weights, zeros.clone(), zeros],
        tolerance: product(rows),
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn dense_dw() {
    let _kept = crate::devices().await;
    for (rows, inputs, outputs) in SHAPES {
        for optimiser in 0..4 {
            let len = 7 + (inputs + 1) * outputs;
            let second = wave(len, 5).iter().map(|v| v * v + 0.01).collect();
            let writes = [wave(len, 3), wave(len, 4), second];
            let case = Case { writes, ..learning([rows, inputs, outputs], 7, optimiser) };
            check_some(case, rows + optimiser).await;
        }
    }
}

/// What an activation may have put out: a sigmoid's lie between 0 and 1.
fn outputs_of(activation: u32, len: u32) -> Vec<f32> {
    let all = wave(len, 2);
    if activation == 4 { all.iter().map(|y| y.abs()).collect() } else { all }
}

/// A thousand shapes per kernel, each by one form of every family: sizes where tiles end, primes, and large ones.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn products_of_random_shapes() {
    let _kept = crate::devices().await;
    const SIDES: [u32; 24] =
        [1, 2, 3, 4, 5, 7, 8, 10, 13, 15, 16, 17, 31, 32, 33, 61, 63, 64, 65, 100, 127, 128, 129, 784];
    // A browser's software compiles each form for each activation, large ones for seconds, and takes as long for small
    // groups: two activations there (`dense` has all of them), and half as much to compute.
    const SUMS: u32 = if cfg!(target_arch = "wasm32") { 20_000 } else { 40_000 };
    let activations = if cfg!(target_arch = "wasm32") { vec![1, 4] } else { CODES.collect::<Vec<_>>() };
    let mut draws = 0..;
    let mut draw = |below: u32| {
        let [hash, ..] = random::pcg4d([draws.next().unwrap_or_default(), 1, 2, 3]);
        hash % below
    };
    for _ in 0..1000 {
        let [rows, inputs, outputs] = loop {
            let sides = [(); 3].map(|()| SIDES[draw(SIDES.len() as u32) as usize]);
            let [a, b, c] = sides;
            if a * b * c <= SUMS * 16 && (a * b).max(b * c).max(a * c) <= SUMS {
                break sides;
            }
        };
        let (at, optimiser, pick) = (draw(9), draw(3), draw(1 << 16));
        let activation = activations[draw(activations.len() as u32) as usize];
        let weights = wave(at + (inputs + 1) * outputs, 1);
        let forward = Case {
            kernel: &DENSE,
            params: Dense { rows, inputs, outputs, at, activation, skip: 0 },
            words: [],
            reads: [wave(rows * inputs, 0), weights.clone()],
            writes: [wave(rows * outputs, 2)],
            tolerance: product(inputs),
        };
        check_some(forward, pick).await;
        let back = Case {
            kernel: &DENSE_DX,
            params: DenseDx { rows, inputs, outputs, at, activation, skip: 0 },
            words: [],
            reads: [wave(rows * outputs, 0), weights, outputs_of(activation, rows * inputs)],
            writes: [wave(rows * inputs, 3)],
            tolerance: product(outputs),
        };
        check_some(back, pick).await;
        check_some(learning([rows, inputs, outputs], at, optimiser), pick).await;
    }
}

/// As many shapes again for the form that only knows sums of few terms.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn products_of_few_terms_of_random_shapes() {
    let _kept = crate::devices().await;
    const SIDES: [u32; 16] = [1, 2, 3, 5, 8, 13, 31, 32, 33, 63, 64, 65, 127, 128, 129, 131];
    let few = |form: &usize| matches!(DENSE_DW.forms[*form].tile, Tile::Few { .. });
    let few: Vec<usize> = (0..DENSE_DW.forms.len()).filter(few).collect();
    for n in 0..1000 {
        let [a, b, c, d] = random::pcg4d([n, 1, 2, 4]);
        let shape = [1 + a % 32, SIDES[b as usize % SIDES.len()], SIDES[c as usize % SIDES.len()]];
        check_forms(learning(shape, d % 9, n % 3), Some(&few), 1 + n % 3).await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn loss() {
    let _kept = crate::devices().await;
    let mut clock = vec![0.0; clock::LEN];
    clock[clock::START] = 3.0;
    for (rows, cols) in [(1, 1), (2, 63), (3, 64), (5, 65), (4, 784)] {
        for (kind, activation) in (0..2).flat_map(|kind| CODES.map(move |activation| (kind, activation))) {
            for spread in 0..2 {
                // A probability for the cross-entropy, sure and wrong ones among them.
                let y = wave(rows * cols, 0).iter().map(|y| if kind == 1 { y.abs() } else { *y }).collect();
                let target = wave(rows * cols, 1).iter().map(|t| t.abs()).collect();
                check(Case {
                    kernel: &LOSS,
                    params: Loss { rows, cols, kind, activation, spread, len: rows + 1, scale: 0.25 },
                    words: [],
                    reads: [y, target, clock.clone()],
                    writes: [wave(rows * cols, 2), wave(rows + 1, 3)],
                    tolerance: product(cols),
                })
                .await;
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn what_is_not_finite_shows_in_the_loss() {
    for device in crate::devices().await {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for kind in 0..2 {
                let mut y = vec![0.5; 70];
                y[66] = bad;
                let params = Loss { rows: 1, cols: 70, kind, activation: 4, spread: 0, len: 1, scale: 1.0 };
                let (dy, sums) = (device.zeros(70), device.zeros(1));
                let reads = [&device.buffer(&y), &device.buffer(&[0.5; 70]), &device.zeros(clock::LEN)];
                device.run(&device.plan(vec![LOSS.call(&device.uniform(params), reads, [&dy, &sums])]), 1);
                let sum = device.read(&sums).await.unwrap()[0];
                assert!(!sum.is_finite(), "{bad} in y gave the loss {sum} on {}", device.name());
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn activations_keep_what_is_not_finite_and_bear_what_is_large() {
    for device in crate::devices().await {
        for activation in CODES {
            for x in [f32::NAN, f32::INFINITY, -1e30, -300.0, -89.0, -44.0, 44.0, 89.0, 300.0, 1e30] {
                let params = Dense { rows: 1, inputs: 1, outputs: 1, at: 0, activation, skip: 0 };
                let y = device.zeros(1);
                let reads = [&device.buffer(&[x]), &device.buffer(&[1.0, 0.0])];
                device.run(&device.plan(vec![DENSE.call(&device.uniform(params), reads, [&y])]), 1);
                let y = device.read(&y).await.unwrap()[0];
                assert_eq!(y.is_finite(), x.is_finite(), "activation {activation} of {x} is {y} on {}", device.name());
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn tick() {
    let _kept = crate::devices().await;
    for rows in [1, 63, 64, 65, 300] {
        let mut clock = vec![0.0; clock::LEN];
        (clock[clock::STEPS], clock[clock::START], clock[clock::EPOCH]) = (6.0, 90.0, 2.0);
        (clock[clock::REST1], clock[clock::REST2]) = (0.19, 0.002);
        check(Case {
            kernel: &TICK,
            params: Tick {
                rows,
                len: 100,
                slots: 4,
                scale: 0.5,
                rate: 0.01,
                beta1: 0.9,
                beta2: 0.999,
                rest1: 0.1,
                rest2: 0.001,
            },
            words: [],
            reads: [wave(rows, 0)],
            writes: [clock, wave(4, 1)],
            tolerance: product(rows),
        })
        .await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn gather() {
    let _kept = crate::devices().await;
    for (rows, cols, len) in [(1, 1, 1), (3, 7, 5), (33, 64, 20), (2, 784, 9), (5, 65, 3)] {
        for (bytes, shuffle) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut clock = vec![0.0; clock::LEN];
            (clock[clock::EPOCH], clock[clock::START]) = (3.0, (len - 1) as f32);
            let words = (0..len * cols).map(|i| match bytes {
                0 => wave(len * cols, 0)[i as usize].to_bits(),
                _ => i.wrapping_mul(0x9e37_79b9),
            });
            check(Case {
                kernel: &GATHER,
                params: Gather { rows, cols, len, bytes, shuffle, seed_low: 7, seed_high: 1 },
                words: [words.collect()],
                reads: [clock],
                writes: [wave(rows * cols, 1)],
                tolerance: exact(),
            })
            .await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn init() {
    let _kept = crate::devices().await;
    for len in [1, 63, 64, 65, 1000] {
        check(Case {
            kernel: &INIT,
            params: Init::uniform(3, len, 17, 42, 0.05),
            words: [],
            reads: [],
            writes: [wave(len + 3, 0)],
            tolerance: exact(),
        })
        .await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn corrupt() {
    let _kept = crate::devices().await;
    let mut clock = vec![0.0; clock::LEN];
    clock[clock::STEPS] = 12.0;
    let [seed_low, seed_high] = random::words(99);
    for (rows, cols, width) in [(1, 1, 1), (3, 140, 140), (5, 784, 28), (4, 65, 13)] {
        for (kind, amount) in [(1, 0.5), (2, 0.3), (3, 8.0), (3, 40.0)] {
            check(Case {
                kernel: &CORRUPT,
                params: Corrupt { rows, cols, width, kind, amount, seed_low, seed_high },
                words: [],
                reads: [wave(rows * cols, 0), clock.clone()],
                writes: [wave(rows * cols, 1)],
                // WGSL promises its cosine to 2⁻¹¹ only, and the radius of a normal number goes up to 6.
                tolerance: if kind == 1 { |_, _| 6.0 * 0.000_488_3 * 0.5 + 1e-5 } else { exact() },
            })
            .await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn distances() {
    let _kept = crate::devices().await;
    for (rows, cols, width) in [(1, 1, 1), (4, 4, 4), (31, 33, 5), (33, 31, 2), (3, 70, 10), (2, 5, 784)] {
        for (metric, whole) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            // The last tile of the set reaches past its end by one; the first is whole.
            for (start, len) in [(0, cols + 3), (6, 6 + cols - 1)] {
                let mut clock = vec![0.0; clock::LEN];
                clock[clock::START] = start as f32;
                let mut a = wave(rows * width, 0);
                // A row without a direction.
                a[..width as usize].fill(0.0);
                check(Case {
                    kernel: &DISTANCES,
                    params: Distances { rows, cols, width, len, whole, metric },
                    words: [],
                    reads: [a, wave(if whole == 1 { len } else { cols } * width, 1), clock],
                    writes: [wave(rows * cols, 2)],
                    // As for a product, of three sums each of which is at most the width. A width of 1 has angles of 0
                    // and 180 degrees only, and wide rows are far apart.
                    tolerance: match width {
                        ..=10 => |_, _| 64.0 * 10.0 * U,
                        _ => |_, _| 112.0 * 3.0 * 784.0 * U,
                    },
                })
                .await;
            }
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn nearest() {
    let _kept = crate::devices().await;
    for (rows, cols, keep) in [(1, 1, 1), (2, 3, 5), (3, 63, 9), (2, 64, 64), (5, 65, 25), (2, 1000, MOST_KEPT)] {
        for start in [0, 7] {
            let mut clock = vec![0.0; clock::LEN];
            clock[clock::START] = start as f32;
            // Rounded, so that many are equal; some past the end of the set, one no number.
            let mut d: Vec<f32> = wave(rows * cols, 0).iter().map(|d| (20.0 * d.abs()).round() / 4.0).collect();
            for (i, d) in d.iter_mut().enumerate() {
                *d = if i % 11 == 4 { MOST } else { *d };
            }
            d[0] = f32::NAN;
            // A sorted list as an earlier tile left it, half empty: places 0, 1, 2, ... below the start.
            let kept = 7.min(keep);
            let list = |of: fn(u32) -> f32, empty: f32| {
                let row = (0..keep).map(move |i| if i < kept { of(i) } else { empty });
                (0..rows).flat_map(|_| row.clone()).collect::<Vec<f32>>()
            };
            check(Case {
                kernel: &NEAREST,
                params: Nearest { rows, cols, keep },
                words: [],
                reads: [d, clock],
                writes: [list(|i| i as f32 / 2.0, MOST), list(|i| i as f32, -1.0)],
                tolerance: exact(),
            })
            .await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn add() {
    let _kept = crate::devices().await;
    for (rows, cols) in [(1, 1), (2, 63), (3, 64), (5, 65), (4, 784)] {
        check(Case {
            kernel: &ADD,
            params: Add { rows, cols },
            words: [],
            reads: [wave(rows * cols, 0)],
            writes: [wave(rows * cols, 1)],
            tolerance: |_, size| U * size,
        })
        .await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn sample() {
    let _kept = crate::devices().await;
    let mut clock = vec![0.0; clock::LEN];
    clock[clock::STEPS] = 12.0;
    let [seed_low, seed_high] = random::words(99);
    for (rows, cols) in [(1, 1), (2, 63), (3, 64), (5, 65), (7, 10)] {
        let [mean, mut log] = [wave(rows * cols, 0), wave(rows * cols, 1)];
        check(Case {
            kernel: &SAMPLE,
            params: Sample { rows, cols, weight: 0.7, seed_low, seed_high },
            words: [],
            reads: [mean.clone(), log.clone(), clock.clone()],
            writes: [wave(rows * cols, 2), wave(rows, 3)],
            // WGSL promises its cosine to 2⁻¹¹ only, and a normal number goes up to 6 standard deviations of at most 1.7;
            // a cost is a sum of a few dozen terms.
            tolerance: |_, size| 6.0 * 1.7 * 0.000_488_3 * 0.5 + 1e-5 + 8.0 * U * size,
        })
        .await;
        // Beyond what e to it can be.
        log[0] = 90.0;
        let (dz, z) = (wave(rows * cols, 3), wave(rows * cols, 4));
        check(Case {
            kernel: &SAMPLE_DZ,
            params: SampleDz { rows, cols, weight: 0.3 },
            words: [],
            reads: [dz, z, mean, log],
            writes: [wave(rows * cols, 5), wave(rows * cols, 6)],
            tolerance: |expected, size| 16.0 * U * (size + expected.abs()) + 1e-6,
        })
        .await;
    }
}
