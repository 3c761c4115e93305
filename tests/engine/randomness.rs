//! Chance is the same everywhere, and is what it should be.
use hourglass::compute::Device;
use hourglass::kernels::init::{INIT, Init};
use hourglass::kernels::random::{pcg4d, shuffled};
use std::collections::HashSet;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn an_epoch_has_every_input_once() {
    for len in [1, 2, 3, 5, 64, 65, 500, 4096, 60_000] {
        for (epoch, seed) in [(0, [0, 0]), (1, [42, 0]), (7, [1, 9])] {
            let seen: HashSet<u32> = (0..len).map(|i| shuffled(i, len, epoch, seed)).collect();
            assert_eq!(seen.len(), len as usize, "of {len} inputs, epoch {epoch}");
            assert!(seen.iter().all(|&i| i < len));
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn orders_look_random() {
    // In a random order the mean distance of neighbours is a third of the length, and about one place in `len` keeps
    // its own. 6 standard errors are allowed: sqrt(1/18 / 60,000) = 0.00096 of the length.
    let len = 60_000;
    for epoch in 0..3 {
        let order: Vec<f64> = (0..len).map(|i| f64::from(shuffled(i, len, epoch, [42, 0]))).collect();
        let distance = order.windows(2).map(|pair| (pair[0] - pair[1]).abs()).sum::<f64>() / f64::from(len).powi(2);
        assert!((distance - 1.0 / 3.0).abs() < 0.006, "neighbours are {distance} of the length apart");
        let kept = order.iter().zip(0..).filter(|&(&at, i)| at == f64::from(i)).count();
        assert!(kept < 10, "{kept} inputs kept their place");
    }
    let same = (0..len).filter(|&i| shuffled(i, len, 0, [42, 0]) == shuffled(i, len, 1, [42, 0])).count();
    assert!(same < 10, "two epochs agree in {same} places");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_hash_is_the_published_one() {
    // By hand from the paper's listing, in Python with & 0xffffffff after each line, for (1, 2, 3, 4):
    //   v = v * 1664525 + 1013904223; x += y*w; y += z*x; z += x*y; w += y*z; v ^= v >> 16; and the four again.
    assert_eq!(pcg4d([1, 2, 3, 4]), PCG4D_1234);
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn first_weights_are_uniform_and_depend_on_the_whole_seed() {
    let draw = async |seed: u64, stream: u32| {
        let device = Device::Processor;
        let weights = device.zeros(100_000);
        let params = device.uniform(Init::uniform(0, 100_000, stream, seed, 2.0));
        device.run(&device.plan(vec![INIT.call(&params, [], [&weights])]), 1);
        device.read(&weights).await.unwrap()
    };
    let weights = draw(42, 16).await;
    let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / 1e5;
    let square = weights.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / 1e5;
    // Uniform in ±2: mean 0 with standard error 0.0037, mean square 4/3 with 0.0038; four of each.
    assert!(mean.abs() < 0.015 && (square - 4.0 / 3.0).abs() < 0.016, "mean {mean}, mean square {square}");
    assert!(weights.iter().all(|w| w.abs() <= 2.0));
    // A seed is 64 bits: one that differs in the high word only is another.
    for other in [draw(42 + (1 << 32), 16).await, draw(43, 16).await, draw(42, 17).await] {
        assert_ne!(weights, other);
    }
}

const PCG4D_1234: [u32; 4] = [0x3622cd16, 0xf11471d8, 0xe1109b3f, 0x2b94c2f];
