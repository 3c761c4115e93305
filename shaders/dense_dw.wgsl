// g = dy [rows, outputs]^T · x [rows, inputs], and for the bias the sum of dy over the rows; then at once the
// optimiser: weights -= update(g), so that no gradient is ever stored.
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on, their moments likewise.
// A thread makes ROWS outputs x COLS inputs in registers; its inputs are LANES apart, its neighbours' between them.
// The threads of the first inputs also make the biases.

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
const DEPTH = 4u;
const LANES = 8u;
const GROUP = 8u;
// Sums that are dealt with in one go at the end.
const FEW = 4u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;

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

// A thread's sums, in memory, so that what is done with a sum is compiled once and not once per sum.
var<private> sums: array<f32, ROWS * COLS>;

@compute @workgroup_size(LANES, GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
    let row = ((group.y + params.skip) * GROUP + local.y) * ROWS;
    let col = group.x * LANES * COLS + local.x;
    if row >= params.outputs || col >= params.inputs {
        return;
    }
    // Past the edge a thread repeats the last output or input, and stores nothing.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(row + r, params.outputs - 1u);
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = min(col + c * LANES, params.inputs - 1u);
    }
    // z is 0. Without it Mesa would unroll loops of few rounds by the value of `params`, at every dispatch anew.
    let rows = params.rows + group.z;
    var sum: array<f32, ROWS * COLS>;
    var k = 0u;
    for (; k + DEPTH <= rows; k += DEPTH) {
        var a: array<f32, ROWS * DEPTH>;
        var b: array<f32, COLS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                a[r * DEPTH + d] = dy[i[r] + d * params.outputs];
            }
            i[r] += DEPTH * params.outputs;
        }
        for (var c = 0u; c < COLS; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                b[c * DEPTH + d] = x[j[c] + d * params.inputs];
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
    let high = min(ROWS, params.outputs - row);
    let wide = min(COLS, (params.inputs - col + LANES - 1u) / LANES);
    for (; k < rows; k += 1u) {
        for (var r = 0u; r < high; r += 1u) {
            let a = dy[row + r + k * params.outputs];
            for (var c = 0u; c < wide; c += 1u) {
                sums[r * COLS + c] = fma(a, x[col + c * LANES + k * params.inputs], sums[r * COLS + c]);
            }
        }
    }
    for (var r = 0u; r < high; r += 1u) {
        let at = params.at + (row + r) * params.inputs + col;
        var c = 0u;
        for (; c + FEW <= wide; c += FEW) {
            for (var e = 0u; e < FEW; e++) {
                update(at + (c + e) * LANES, sums[r * COLS + c + e], pace);
            }
        }
        for (; c < wide; c += 1u) {
            update(at + c * LANES, sums[r * COLS + c], pace);
        }
    }
    // Each of the first inputs' threads makes some of the biases.
    let team = min(LANES, params.inputs);
    if group.x == 0u {
        for (var n = row + local.x; n < min(row + ROWS, params.outputs); n += team) {
            var bias = 0.0;
            for (k = 0u; k < rows; k += 1u) {
                bias += dy[n + k * params.outputs];
            }
            update(params.at + params.outputs * params.inputs + n, bias, pace);
        }
    }
}
