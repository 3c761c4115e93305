// dx [rows, inputs] = (dy [rows, outputs] · W) * slope(x), where x is the output of the layer below.
// W [outputs, inputs] lies in `weights` from `at` on.
// A thread makes ROWS rows x COLS inputs in registers; its inputs are LANES apart, its neighbours' between them.

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
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

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

fn finish_dx(row: u32, col: u32, sum: f32) {
    let at = row * params.inputs + col;
    dx[at] = sum * slope(x[at]);
}

// A thread's sums, in memory, so that what is done with a sum is compiled once and not once per sum.
var<private> sums: array<f32, ROWS * COLS>;

@compute @workgroup_size(LANES, GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = ((group.y + params.skip) * GROUP + local.y) * ROWS;
    let col = group.x * LANES * COLS + local.x;
    if row >= params.rows || col >= params.inputs {
        return;
    }
    // Past the edge a thread repeats the last row or input, and stores nothing.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(row + r, params.rows - 1u) * params.outputs;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = min(col + c * LANES, params.inputs - 1u) + params.at;
    }
    var sum: array<f32, ROWS * COLS>;
    var k = 0u;
    for (; k + DEPTH <= params.outputs; k += DEPTH) {
        var a: array<f32, ROWS * DEPTH>;
        var b: array<f32, COLS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                a[r * DEPTH + d] = dy[i[r] + d];
            }
            i[r] += DEPTH;
        }
        for (var c = 0u; c < COLS; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                b[c * DEPTH + d] = weights[j[c] + d * params.inputs];
            }
            j[c] += DEPTH * params.inputs;
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
    let wide = min(COLS, (params.inputs - col + LANES - 1u) / LANES);
    for (; k < params.outputs; k += 1u) {
        for (var r = 0u; r < high; r += 1u) {
            let a = dy[(row + r) * params.outputs + k];
            for (var c = 0u; c < wide; c += 1u) {
                sums[r * COLS + c] = fma(a, weights[params.at + k * params.inputs + col + c * LANES], sums[r * COLS + c]);
            }
        }
    }
    for (var r = 0u; r < high; r += 1u) {
        var c = 0u;
        for (; c + FEW <= wide; c += FEW) {
            for (var e = 0u; e < FEW; e++) {
                finish_dx(row + r, col + (c + e) * LANES, sums[r * COLS + c + e]);
            }
        }
        for (; c < wide; c += 1u) {
            finish_dx(row + r, col + c * LANES, sums[r * COLS + c]);
        }
    }
}
