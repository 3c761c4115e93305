// losses [t mod slots] = scale * the sum of sums [rows]; the clock's step, epoch, start and Adam's bias corrections
// move on. One workgroup.

struct Params {
    rows: u32,
    len: u32,
    slots: u32,
    scale: f32,
    rate: f32,
    beta1: f32,
    beta2: f32,
    rest1: f32,
    rest2: f32,
}

const THREADS = 64u;
const STEPS = 0u;
const EPOCH = 1u;
const START = 2u;
const SIZE = 3u;
const ROOT = 4u;
const REST1 = 5u;
const REST2 = 6u;
const BAD = 7u;
const RATE = 8u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> clock: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

var<workgroup> parts: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_id) local: vec3<u32>) {
    var sum = 0.0;
    for (var row = local.x; row < params.rows; row += THREADS) {
        sum += sums[row];
    }
    parts[local.x] = sum;
    workgroupBarrier();
    if local.x != 0u {
        return;
    }
    for (var t = 1u; t < THREADS; t += 1u) {
        sum += parts[t];
    }
    let loss = sum * params.scale;
    let step = clock[STEPS] + 1.0;
    losses[u32(step) % params.slots] = loss;
    clock[STEPS] = step;
    if (bitcast<u32>(loss) & 0x7f800000u) == 0x7f800000u && clock[BAD] == 0.0 {
        clock[BAD] = step;
    }
    let place = u32(clock[START]) + params.rows;
    clock[START] = f32(place % params.len);
    clock[EPOCH] += f32(place / params.len);
    // 1 - beta^t, from that of t - 1: all terms are positive, so that no digits cancel.
    let rest1 = clock[REST1] * params.beta1 + params.rest1;
    let rest2 = clock[REST2] * params.beta2 + params.rest2;
    clock[REST1] = rest1;
    clock[REST2] = rest2;
    clock[SIZE] = params.rate / rest1;
    clock[ROOT] = sqrt(rest2);
    clock[RATE] = params.rate;
}
