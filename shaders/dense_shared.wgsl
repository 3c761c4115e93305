// y [rows, outputs] = activate(x [rows, inputs] · W^T + b).
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on.
// A workgroup makes a tile of EDGE * ROWS by EDGE * COLS sums: DEPTH terms at a time, its threads bring what the tile
// needs into memory that they share, where each value is read many times. While one lot is multiplied, the next is on
// its way: a thread asks for all of its part before it waits for any of it.

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
// Terms that are multiplied in one go.
const FEW = 4u;
// Values of either side that a thread brings: DEPTH / EDGE times its own rows or columns.
const LEFT = 2u * ROWS;
const RIGHT = 2u * COLS;
// Rows or columns that all threads bring at once.
const LINES = EDGE * EDGE / DEPTH;
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

fn put_biased(row: u32, col: u32, sum: f32) {
    if row < params.rows && col < params.outputs {
        y[row * params.outputs + col] = activate(sum);
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
    let lane = thread % DEPTH;
    let line = thread / DEPTH;
    // Past the edge the last row or output is repeated, and nothing stored.
    var left_at: array<u32, LEFT>;
    var right_at: array<u32, RIGHT>;
    for (var n = 0u; n < LEFT; n++) {
        left_at[n] = min(top + line + n * LINES, params.rows - 1u) * params.inputs;
    }
    for (var n = 0u; n < RIGHT; n++) {
        right_at[n] = min(side + line + n * LINES, params.outputs - 1u) * params.inputs;
    }
    var sum: array<f32, ROWS * COLS>;
    // Each round asks for a lot and multiplies the one before: there is one round more than lots.
    for (var start = 0u; start < params.inputs + DEPTH; start += DEPTH) {
        var new_left: array<f32, LEFT>;
        var new_right: array<f32, RIGHT>;
        let term = start + lane;
        let near = min(term, params.inputs - 1u);
        for (var n = 0u; n < LEFT; n++) {
            new_left[n] = x[left_at[n] + near];
        }
        for (var n = 0u; n < RIGHT; n++) {
            new_right[n] = weights[params.at + right_at[n] + near];
        }
        if start > 0u {
            for (var d = 0u; d < DEPTH; d += FEW) {
                var a: array<f32, ROWS * FEW>;
                var b: array<f32, COLS * FEW>;
                for (var e = 0u; e < FEW; e++) {
                    for (var r = 0u; r < ROWS; r++) {
                        a[r * FEW + e] = left[(d + e) * HIGH + local.y + r * EDGE];
                    }
                    for (var c = 0u; c < COLS; c++) {
                        b[c * FEW + e] = right[(d + e) * WIDE + local.x + c * EDGE];
                    }
                }
                for (var e = 0u; e < FEW; e++) {
                    for (var r = 0u; r < ROWS; r++) {
                        for (var c = 0u; c < COLS; c++) {
                            sum[r * COLS + c] = fma(a[r * FEW + e], b[c * FEW + e], sum[r * COLS + c]);
                        }
                    }
                }
            }
        }
        workgroupBarrier();
        for (var n = 0u; n < LEFT; n++) {
            left[lane * HIGH + line + n * LINES] = select(0.0, new_left[n], term < params.inputs);
        }
        for (var n = 0u; n < RIGHT; n++) {
            right[lane * WIDE + line + n * LINES] = select(0.0, new_right[n], term < params.inputs);
        }
        workgroupBarrier();
    }
    // Through memory, so that what is done with a sum is compiled once and not once per sum; its biases all at once.
    let biases = params.at + params.inputs * params.outputs;
    var bias: array<f32, COLS>;
    for (var c = 0u; c < COLS; c++) {
        bias[c] = weights[biases + min(side + local.x + c * EDGE, params.outputs - 1u)];
    }
    var sums: array<f32, ROWS * COLS>;
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c] + bias[c];
        }
    }
    for (var r = 0u; r < ROWS; r += 1u) {
        for (var c = 0u; c < COLS; c += 1u) {
            put_biased(top + local.y + r * EDGE, side + local.x + c * EDGE, sums[r * COLS + c]);
        }
    }
}
