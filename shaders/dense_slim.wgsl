// y [rows, outputs] = activate(x [rows, inputs] · W^T + b).
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on.
// A workgroup makes ROWS by COLS sums, of which each thread adds up every 64th term: for products with few sums of
// many terms.

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
const THREADS = 64u;
// Threads that add the parts of one sum up, each a few of them.
const PARTS = 4u;
const WIDE = COLS;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

var<workgroup> terms: array<f32, ROWS * WIDE * THREADS>;
var<workgroup> parts: array<f32, ROWS * WIDE * PARTS>;

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

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let top = (group.y + params.skip) * ROWS;
    let side = group.x * COLS;
    // Past the edge the last row or column is repeated, and nothing stored.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(top + r, params.rows - 1u) * params.inputs;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = min(side + c, params.outputs - 1u) * params.inputs + params.at;
    }
    var sum: array<f32, ROWS * WIDE>;
    for (var k = local.x; k < params.inputs; k += THREADS) {
        var a: array<f32, ROWS>;
        var b: array<f32, COLS>;
        for (var r = 0u; r < ROWS; r++) {
            a[r] = x[i[r] + k];
        }
        for (var c = 0u; c < COLS; c++) {
            b[c] = weights[j[c] + k];
        }
        for (var r = 0u; r < ROWS; r++) {
            for (var c = 0u; c < COLS; c++) {
                sum[r * WIDE + c] = fma(a[r], b[c], sum[r * WIDE + c]);
            }
        }
    }
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < WIDE; c++) {
            terms[(r * WIDE + c) * THREADS + local.x] = sum[r * WIDE + c];
        }
    }
    workgroupBarrier();
    for (var n = local.x; n < ROWS * WIDE * PARTS; n += THREADS) {
        var part = 0.0;
        for (var t = 0u; t < THREADS / PARTS; t += 1u) {
            part += terms[n * (THREADS / PARTS) + t];
        }
        parts[n] = part;
    }
    workgroupBarrier();
    for (var n = local.x; n < ROWS * WIDE; n += THREADS) {
        var whole = 0.0;
        for (var p = 0u; p < PARTS; p += 1u) {
            whole += parts[n * PARTS + p];
        }
        put(top + n / WIDE, side + n % WIDE, whole);
    }
}
