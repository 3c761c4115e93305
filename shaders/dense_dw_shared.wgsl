// g = dy [rows, outputs]^T · x [rows, inputs], and for the bias the sum of dy over the rows; then at once the
// optimiser: weights -= update(g), so that no gradient is ever stored.
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on, their moments likewise.
// A workgroup makes a tile of EDGE * ROWS by EDGE * COLS sums: DEPTH terms at a time, its threads bring what the tile
// needs into memory that they share, where each value is read many times.

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

const EDGE = 8u;
const ROWS = 4u;
const COLS = 4u;
const DEPTH = 16u;
// One more than a tile is high or wide, so that threads that write below each other use different banks.
const HIGH = EDGE * ROWS + 1u;
const WIDE = EDGE * COLS + 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;

var<workgroup> left: array<f32, DEPTH * HIGH>;
var<workgroup> right: array<f32, DEPTH * WIDE>;

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

@compute @workgroup_size(EDGE, EDGE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
    let top = (group.y + params.skip) * EDGE * ROWS;
    let side = group.x * EDGE * COLS;
    var sum: array<f32, ROWS * COLS>;
    var bias = 0.0;
    for (var start = 0u; start < params.rows; start += DEPTH) {
        for (var n = thread; n < DEPTH * EDGE * ROWS; n += EDGE * EDGE) {
            let across = n % (EDGE * ROWS);
            let along = n / (EDGE * ROWS);
            var value = 0.0;
            if top + across < params.outputs && start + along < params.rows {
                value = dy[(start + along) * params.outputs + top + across];
            }
            left[along * HIGH + across] = value;
        }
        for (var n = thread; n < DEPTH * EDGE * COLS; n += EDGE * EDGE) {
            let across = n % (EDGE * COLS);
            let along = n / (EDGE * COLS);
            var value = 0.0;
            if side + across < params.inputs && start + along < params.rows {
                value = x[(start + along) * params.inputs + side + across];
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
        // The biases of this height of outputs, by the first workgroup of the row.
        if group.x == 0u && thread < EDGE * ROWS {
            for (var d = 0u; d < DEPTH; d += 1u) {
                bias += left[d * HIGH + thread];
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
            put(top + local.y + r * EDGE, side + local.x + c * EDGE, sums[r * COLS + c], pace);
        }
    }
    if group.x == 0u && thread < EDGE * ROWS && top + thread < params.outputs {
        update(params.at + params.outputs * params.inputs + top + thread, bias, pace);
    }
}
