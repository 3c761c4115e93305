// From the gradient of z = mean + exp(log / 2) · ε to those of mean and log (ln σ²), with the divergence's own.
// One workgroup per row; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
    weight: f32,
}

const MOST = 20.0;
const INFINITE = 0x7f800000u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dz: array<f32>;
@group(0) @binding(2) var<storage, read> z: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> log_variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> dmean: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlog: array<f32>;

fn clamped(value: f32) -> f32 {
    // A NaN is to be seen, and a maximum might drop it.
    let finite = (bitcast<u32>(value) & INFINITE) != INFINITE;
    return select(value, clamp(value, -MOST, MOST), finite);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    for (var col = local.x; col < params.cols; col += 64u) {
        let i = group.x * params.cols + col;
        dmean[i] = dz[i] + params.weight * mean[i];
        // z − mean = σ ε, and its derivative by ln σ² is half of it.
        dlog[i] = 0.5 * (dz[i] * (z[i] - mean[i]) + params.weight * (exp(clamped(log_variance[i])) - 1.0));
    }
}
