// g = dy [rows, outputs]^T · x [rows, inputs], and for the bias the sum of dy over the rows; then at once the
// optimiser: weights -= update(g), so that no gradient is ever stored.
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on, their moments likewise.
// A workgroup makes ROWS by COLS sums, of which each thread adds up every 64th term: for products with few sums of
// many terms.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    optimiser: u32,
    beta1: f32,
    beta2: f32,
    rest1: f32,
    rest2: f32,
    epsilon: f32,
    // So many rows of workgroups are other dispatches of the same call.
    skip: u32,
}

const SIZE = 3u;
const ROOT = 4u;
const RATE = 8u;

const ROWS = 4u;
const COLS = 4u;
const THREADS = 64u;
// Threads that add the parts of one sum up, each a few of them.
const PARTS = 4u;
// The bias is the weight of an input that is always 1: one more column.
const WIDE = COLS + 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;

var<workgroup> terms: array<f32, ROWS * WIDE * THREADS>;
var<workgroup> parts: array<f32, ROWS * WIDE * PARTS>;

// The clock's values for this step, read once per thread.
struct Pace {
    size: f32,
    root: f32,
    rate: f32,
}

fn update(i: u32, gradient: f32, pace: Pace) {
    switch params.optimiser {
        // No update: the gradient is kept, to be looked at.
        case 0u: { first[i] = gradient; }
        case 1u: { weights[i] -= pace.rate * gradient; }
        // PyTorch's momentum: the rate is outside.
        case 2u: {
            let m = params.beta1 * first[i] + gradient;
            first[i] = m;
            weights[i] -= pace.rate * m;
        }
        // Adam (Kingma and Ba, 2015), with PyTorch's place for epsilon; the clock holds both bias corrections.
        default: {
            let m = params.beta1 * first[i] + params.rest1 * gradient;
            let v = params.beta2 * second[i] + params.rest2 * gradient * gradient;
            first[i] = m;
            second[i] = v;
            weights[i] -= pace.size * m / (sqrt(v) / pace.root + params.epsilon);
        }
    }
}

fn put(row: u32, col: u32, sum: f32, pace: Pace) {
    if row < params.outputs && col < params.inputs {
        update(params.at + row * params.inputs + col, sum, pace);
    }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
    let top = (group.y + params.skip) * ROWS;
    let side = group.x * COLS;
    // Past the edge the last row or column is repeated, and nothing stored.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(top + r, params.outputs - 1u);
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = min(side + c, params.inputs - 1u);
    }
    var sum: array<f32, ROWS * WIDE>;
    for (var k = local.x; k < params.rows; k += THREADS) {
        var a: array<f32, ROWS>;
        var b: array<f32, COLS>;
        for (var r = 0u; r < ROWS; r++) {
            a[r] = dy[i[r] + k * params.outputs];
        }
        for (var c = 0u; c < COLS; c++) {
            b[c] = x[j[c] + k * params.inputs];
        }
        for (var r = 0u; r < ROWS; r++) {
            for (var c = 0u; c < COLS; c++) {
                sum[r * WIDE + c] = fma(a[r], b[c], sum[r * WIDE + c]);
            }
        }
        for (var r = 0u; r < ROWS; r++) {
            sum[r * WIDE + COLS] = sum[r * WIDE + COLS] + a[r];
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
        if n % WIDE < COLS {
            put(top + n / WIDE, side + n % WIDE, whole, pace);
        } else if group.x == 0u && top + n / WIDE < params.outputs {
            update(params.at + params.outputs * params.inputs + top + n / WIDE, whole, pace);
        }
    }
}
