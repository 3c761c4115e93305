// z [rows, cols] = mean + exp(log / 2) · ε, where log is ln σ² and ε is drawn from N(0, 1), another each step;
// costs [row] = weight · ½ Σ (mean² + σ² − 1 − ln σ²): Kingma and Welling, 2014. One workgroup per row.

struct Params {
    rows: u32,
    cols: u32,
    weight: f32,
    seed_low: u32,
    seed_high: u32,
}

const THREADS = 64u;
const STEPS = 0u;
const CODES = 3u;
const TAU = 6.283185307179586;
const MOST = 20.0;
const INFINITE = 0x7f800000u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> log_variance: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;
@group(0) @binding(5) var<storage, read_write> costs: array<f32>;

var<workgroup> parts: array<f32, THREADS>;

// Four hashes of four words: PCG4D of Jarzynski and Olano, JCGT 9(3), 2020.
fn pcg4d(seed: vec4<u32>) -> vec4<u32> {
    var v = seed * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v ^= v >> vec4<u32>(16u);
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

// From 0 to 1 and never 0, so that its logarithm is finite.
fn unit(bits: u32) -> f32 {
    return (f32(bits >> 8u) + 0.5) * (1.0 / 16777216.0);
}

fn clamped(value: f32) -> f32 {
    // A NaN is to be seen, and a maximum might drop it.
    let finite = (bitcast<u32>(value) & INFINITE) != INFINITE;
    return select(value, clamp(value, -MOST, MOST), finite);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    var cost = 0.0;
    for (var col = local.x; col < params.cols; col += THREADS) {
        let i = group.x * params.cols + col;
        let value = mean[i];
        let spread = clamped(log_variance[i]);
        let seed = vec4<u32>(i, u32(clock[STEPS]), params.seed_low, params.seed_high ^ (CODES << 16u));
        let bits = pcg4d(seed);
        // Box and Muller, 1958.
        // Near 1 a GPU's logarithm may be a little above 0.
        let normal = sqrt(max(-2.0 * log(unit(bits.x)), 0.0)) * cos(TAU * unit(bits.y));
        z[i] = value + exp(0.5 * spread) * normal;
        cost += value * value + exp(spread) - 1.0 - spread;
    }
    parts[local.x] = cost;
    workgroupBarrier();
    if local.x == 0u {
        for (var t = 1u; t < THREADS; t += 1u) {
            cost += parts[t];
        }
        costs[group.x] = params.weight * 0.5 * cost;
    }
}
