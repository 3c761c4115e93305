//! Plain products C [m, n] = op(A) · op(B) on a device, by the kernels of a dense layer whose operands lie the same way.
use crate::compute::{Buffer, Call, Device};
use crate::kernels::clock;
use crate::kernels::dense::{DENSE, DENSE_DW, DENSE_DX, Dense, DenseDw, DenseDx};

/// A [m, k] · B [k, n], as an input's gradient. Returns the call and C.
pub fn plain(device: &Device, [m, k, n]: [u32; 3], a: &[f32], b: &[f32]) -> (Call, Buffer) {
    let (dy, weights) = (device.buffer(a), device.buffer(b));
    let (x, dx) = (device.zeros((m * n) as usize), device.zeros((m * n) as usize));
    let params = device.uniform(DenseDx { rows: m, inputs: n, outputs: k, at: 0, activation: 0, skip: 0 });
    (DENSE_DX.call(&params, [&dy, &weights, &x], [&dx]), dx)
}

/// A [m, k] · Bᵀ, with B stored [n, k], as a layer's output. Returns the call and C.
pub fn b_transposed(device: &Device, [m, k, n]: [u32; 3], a: &[f32], b: &[f32]) -> (Call, Buffer) {
    let biases = vec![0.0; n as usize];
    let (x, weights) = (device.buffer(a), device.buffer(&[b, &biases].concat()));
    let y = device.zeros((m * n) as usize);
    let params = device.uniform(Dense { rows: m, inputs: k, outputs: n, at: 0, activation: 0, skip: 0 });
    (DENSE.call(&params, [&x, &weights], [&y]), y)
}

/// Aᵀ · B [k, n], with A stored [k, m], as a weight's gradient. Returns the call and C, behind which the sums over A's
/// rows lie, as biases' gradients do.
pub fn a_transposed(device: &Device, [m, k, n]: [u32; 3], a: &[f32], b: &[f32]) -> (Call, Buffer) {
    let (dy, x) = (device.buffer(a), device.buffer(b));
    let len = ((n + 1) * m) as usize;
    let (weights, gradient, unused) = (device.zeros(len), device.zeros(len), device.zeros(len));
    let (beta1, beta2, rest1, rest2, epsilon) = (0.0, 0.0, 0.0, 0.0, 0.0);
    // No optimiser: the gradient is kept.
    let params =
        DenseDw { rows: k, inputs: n, outputs: m, at: 0, optimiser: 0, beta1, beta2, rest1, rest2, epsilon, skip: 0 };
    let call =
        DENSE_DW.call(&device.uniform(params), [&dy, &x, &device.zeros(clock::LEN)], [&weights, &gradient, &unused]);
    (call, gradient)
}
