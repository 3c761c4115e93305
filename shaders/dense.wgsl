// y [rows, outputs] = activate(x [rows, inputs] · W^T + b).
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on.
// A thread makes ROWS rows x COLS outputs in registers; its outputs are LANES apart, its neighbours' between them.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    activation: u32,
    // So many rows of workgroups are other dispatches of the same call.
    skip: u32,
}

const ROWS = 4u;
const COLS = 4u;
const DEPTH = 4u;
const LANES = 8u;
const GROUP = 8u;
// Sums that are dealt with in one go at the end.
const FEW = 4u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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

fn finish_y(row: u32, col: u32, sum: f32) {
    let b = weights[params.at + params.inputs * params.outputs + col];
    y[row * params.outputs + col] = activate(sum + b);
}

// A thread's sums, in memory, so that what is done with a sum is compiled once and not once per sum.
var<private> sums: array<f32, ROWS * COLS>;

@compute @workgroup_size(LANES, GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = ((group.y + params.skip) * GROUP + local.y) * ROWS;
    let col = group.x * LANES * COLS + local.x;
    if row >= params.rows || col >= params.outputs {
        return;
    }
    // Past the edge a thread repeats the last row or output, and stores nothing.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(row + r, params.rows - 1u) * params.inputs;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = min(col + c * LANES, params.outputs - 1u) * params.inputs + params.at;
    }
    var sum: array<f32, ROWS * COLS>;
    var k = 0u;
    for (; k + DEPTH <= params.inputs; k += DEPTH) {
        var a: array<f32, ROWS * DEPTH>;
        var b: array<f32, COLS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                a[r * DEPTH + d] = x[i[r] + d];
            }
            i[r] += DEPTH;
        }
        for (var c = 0u; c < COLS; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                b[c * DEPTH + d] = weights[j[c] + d];
            }
            j[c] += DEPTH;
            for (var r = 0u; r < ROWS; r++) {
                for (var d = 0u; d < DEPTH; d++) {
                    sum[r * COLS + c] = fma(a[r * DEPTH + d], b[c * DEPTH + d], sum[r * COLS + c]);
                }
            }
        }
    }
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
        }
    }
    // No more than there is of the result: software runs what is masked, too.
    let high = min(ROWS, params.rows - row);
    let wide = min(COLS, (params.outputs - col + LANES - 1u) / LANES);
    for (; k < params.inputs; k += 1u) {
        for (var r = 0u; r < high; r += 1u) {
            let a = x[(row + r) * params.inputs + k];
            for (var c = 0u; c < wide; c += 1u) {
                sums[r * COLS + c] = fma(a, weights[params.at + (col + c * LANES) * params.inputs + k], sums[r * COLS + c]);
            }
        }
    }
    for (var r = 0u; r < high; r += 1u) {
        var c = 0u;
        for (; c + FEW <= wide; c += FEW) {
            for (var e = 0u; e < FEW; e++) {
                finish_y(row + r, col + (c + e) * LANES, sums[r * COLS + c + e]);
            }
        }
        for (; c < wide; c += 1u) {
            finish_y(row + r, col + c * LANES, sums[r * COLS + c]);
        }
    }
}
