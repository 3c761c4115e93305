// y [rows, outputs] = activate(x [rows, inputs] · W^T + b).
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on.
// A workgroup makes a tile of EDGE * ROWS by EDGE * COLS sums: DEPTH terms at a time, its threads bring what the tile
// needs into memory that they share, where each value is read many times.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    activation: u32,
    // So many rows of workgroups are other dispatches of the same call.
    skip: u32,
}

const EDGE = 8u;
const ROWS = 4u;
const COLS = 4u;
const DEPTH = 16u;
// One more than a tile is high or wide, so that threads that write below each other use different banks.
const HIGH = EDGE * ROWS + 1u;
const WIDE = EDGE * COLS + 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

var<workgroup> left: array<f32, DEPTH * HIGH>;
var<workgroup> right: array<f32, DEPTH * WIDE>;

// What is not finite stays so, that a diverged network shows in its loss. The exponent is tested because x != x may
// be optimised away.
fn activate(x: f32) -> f32 {
    if (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u {
        return x;
    }
    switch params.activation {
        case 1u: { return max(x, 0.0); }
        case 2u: { return max(x, 0.01 * x); }
        // Beyond 15 tanh is 1 in f32, and some drivers give NaN from 44.
        case 3u: { return tanh(clamp(x, -15.0, 15.0)); }
        case 4u: { return 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0))); }
        default: { return x; }
    }
}

fn put(row: u32, col: u32, sum: f32) {
    if row < params.rows && col < params.outputs {
        let b = weights[params.at + params.inputs * params.outputs + col];
        y[row * params.outputs + col] = activate(sum + b);
    }
}

@compute @workgroup_size(EDGE, EDGE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let top = (group.y + params.skip) * EDGE * ROWS;
    let side = group.x * EDGE * COLS;
    var sum: array<f32, ROWS * COLS>;
    for (var start = 0u; start < params.inputs; start += DEPTH) {
        for (var n = thread; n < DEPTH * EDGE * ROWS; n += EDGE * EDGE) {
            let across = n / DEPTH;
            let along = n % DEPTH;
            var value = 0.0;
            if top + across < params.rows && start + along < params.inputs {
                value = x[(top + across) * params.inputs + start + along];
            }
            left[along * HIGH + across] = value;
        }
        for (var n = thread; n < DEPTH * EDGE * COLS; n += EDGE * EDGE) {
            let across = n / DEPTH;
            let along = n % DEPTH;
            var value = 0.0;
            if side + across < params.outputs && start + along < params.inputs {
                value = weights[params.at + (side + across) * params.inputs + start + along];
            }
            right[along * WIDE + across] = value;
        }
        workgroupBarrier();
        for (var d = 0u; d < DEPTH; d += 1u) {
            var a: array<f32, ROWS>;
            var b: array<f32, COLS>;
            for (var r = 0u; r < ROWS; r++) {
                a[r] = left[d * HIGH + local.y + r * EDGE];
            }
            for (var c = 0u; c < COLS; c++) {
                b[c] = right[d * WIDE + local.x + c * EDGE];
            }
            for (var r = 0u; r < ROWS; r++) {
                for (var c = 0u; c < COLS; c++) {
                    sum[r * COLS + c] = fma(a[r], b[c], sum[r * COLS + c]);
                }
            }
        }
        workgroupBarrier();
    }
    // Through memory, so that what is done with a sum is compiled once and not once per sum.
    var sums: array<f32, ROWS * COLS>;
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
        }
    }
    for (var r = 0u; r < ROWS; r += 1u) {
        for (var c = 0u; c < COLS; c += 1u) {
            put(top + local.y + r * EDGE, side + local.x + c * EDGE, sums[r * COLS + c]);
        }
    }
}
