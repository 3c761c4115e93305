// sums [row] = the loss of y [rows, cols] against target, summed over cols;
// dy = its gradient by what stood before the last activation, times scale.
// kind 0: squared error. kind 1: binary cross-entropy after a sigmoid. One workgroup per row.

struct Params {
    rows: u32,
    cols: u32,
    kind: u32,
    activation: u32,
    spread: u32,
    len: u32,
    scale: f32,
}

const THREADS = 64u;
const START = 2u;
const LEAST = 1e-7;
const INFINITE = 0x7f800000u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> goal: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<f32>;

var<workgroup> parts: array<f32, THREADS>;
var<workgroup> bad: array<u32, THREADS>;

// The derivative of the activation, from its output y.
fn slope(y: f32) -> f32 {
    switch params.activation {
        case 1u: { return select(1.0, 0.0, y <= 0.0); }
        case 2u: { return select(1.0, 0.01, y <= 0.0); }
        case 3u: { return 1.0 - y * y; }
        case 4u: { return y * (1.0 - y); }
        default: { return 1.0; }
    }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    var sum = 0.0;
    // Bits of y that are not finite: a maximum below may drop a NaN.
    var found = 0u;
    for (var col = local.x; col < params.cols; col += THREADS) {
        let i = row * params.cols + col;
        let value = y[i];
        let wanted = goal[i];
        let difference = value - wanted;
        let bits = bitcast<u32>(value);
        found = select(found, bits, (bits & INFINITE) == INFINITE);
        if params.kind == 0u {
            sum += difference * difference;
            dy[i] = 2.0 * difference * slope(value) * params.scale;
        } else {
            sum -= wanted * log(max(value, LEAST)) + (1.0 - wanted) * log(max(1.0 - value, LEAST));
            // Sigmoid and cross-entropy together: the slope cancels.
            dy[i] = difference * params.scale;
        }
    }
    parts[local.x] = sum;
    bad[local.x] = found;
    workgroupBarrier();
    if local.x == 0u {
        for (var t = 1u; t < THREADS; t += 1u) {
            sum += parts[t];
            found |= bad[t];
        }
        var at = row;
        if params.spread != 0u {
            at += u32(clock[START]);
        }
        if at < params.len {
            sums[at] = select(sum, bitcast<f32>(found), found != 0u);
        }
    }
}
