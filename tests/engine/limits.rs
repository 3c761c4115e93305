//! The kernels by which an adapter's limits are measured do all the work that is counted.
use crate::wave;
use hourglass::compute::Device;
use hourglass::kernels::limits::{PEAK, Peak, STREAM, Stream};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_chain_has_all_its_links() {
    for (len, rounds) in [(1, 0), (64, 1), (100, 3)] {
        let expected = peak(&Rc::new(Device::Exact), len, rounds).await;
        for device in crate::devices().await {
            for (i, (got, expected)) in peak(&device, len, rounds).await.iter().zip(&expected).enumerate() {
                let close = (got - expected).abs() <= 1e-5 * expected.abs();
                assert!(close, "value {i} of {len} after {rounds} rounds on {}: {got}, not {expected}", device.name());
            }
        }
    }
}

async fn peak(device: &Rc<Device>, len: u32, rounds: u32) -> Vec<f32> {
    // One more than it may write.
    let y = device.buffer(&vec![-1.0; len as usize + 1]);
    device.run(&device.plan(vec![PEAK.call(&device.uniform(Peak { len, rounds }), [], [&y])]), 1);
    let y = device.read(&y).await.unwrap();
    assert_eq!(y[len as usize], -1.0, "{} wrote past the end", device.name());
    y
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_value_is_copied() {
    for device in crate::devices().await {
        for len in [4, 256, 260] {
            let x = wave(len, 1);
            let y = device.buffer(&wave(len + 4, 2));
            let call = STREAM.call(&device.uniform(Stream { len }), [&device.buffer(&x)], [&y]);
            device.run(&device.plan(vec![call]), 1);
            let y = device.read(&y).await.unwrap();
            assert_eq!(y[..len as usize], x, "{len} on {}", device.name());
            assert_eq!(y[len as usize..], wave(len + 4, 2)[len as usize..], "{} wrote past the end", device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn more_is_read_at_once_than_one_buffer_holds() {
    // 3 x 90 MiB: no buffer of WebGPU's default limits has more than 256.
    const LEN: usize = 90 << 18;
    for device in crate::devices().await {
        let buffers: Vec<_> = (0..4).map(|i| device.zeros(if i == 3 { 2 } else { LEN })).collect();
        for (i, buffer) in buffers.iter().enumerate() {
            device.write(buffer, &[i as f32, 7.0]);
        }
        let read = device.read_all(&buffers.iter().collect::<Vec<_>>()).await.unwrap();
        for (i, values) in read.iter().enumerate() {
            assert_eq!((values.len(), &values[..2]), (if i == 3 { 2 } else { LEN }, &[i as f32, 7.0][..]));
        }
    }
}
