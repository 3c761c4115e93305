// g = dy [rows, outputs]^T · x [rows, inputs], and for the bias the sum of dy over the rows; then at once the
// optimiser: weights -= update(g), so that no gradient is ever stored.
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on, their moments likewise.
// A workgroup makes a tile of EDGE * ROWS by EDGE * COLS sums: DEPTH terms at a time, its threads bring what the tile
// needs into memory that they share, where each value is read many times. While one lot is multiplied, the next is on
// its way: a thread asks for all of its part before it waits for any of it.

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
// Terms that are multiplied in one go.
const FEW = 4u;
// Values of either side that a thread brings: DEPTH / EDGE times its own rows or columns.
const LEFT = 2u * ROWS;
const RIGHT = 2u * COLS;
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

// A weight and its moments, as they are before the step.
struct Learned {
    w: f32,
    m: f32,
    v: f32,
}

fn learn_one(i: u32, gradient: f32, old: Learned, pace: Pace) {
    switch params.optimiser {
        // No update: the gradient is kept, to be looked at.
        case 0u: { first[i] = gradient; }
        case 1u: { weights[i] = old.w - pace.rate * gradient; }
        // PyTorch's momentum: the rate is outside.
        case 2u: {
            let m = params.beta1 * old.m + gradient;
            first[i] = m;
            weights[i] = old.w - pace.rate * m;
        }
        // Adam (Kingma and Ba, 2015), with PyTorch's place for epsilon; the clock holds both bias corrections.
        default: {
            let m = params.beta1 * old.m + params.rest1 * gradient;
            let v = params.beta2 * old.v + params.rest2 * gradient * gradient;
            first[i] = m;
            second[i] = v;
            weights[i] = old.w - pace.size * m / (sqrt(v) / pace.root + params.epsilon);
        }
    }
}

// Where a weight is; past the edge, the last one.
fn place_of_weight(row: u32, col: u32) -> u32 {
    return params.at + min(row, params.outputs - 1u) * params.inputs + min(col, params.inputs - 1u);
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
    // Past the edge the last output or input is repeated, and nothing stored.
    let left_to = thread / (EDGE * ROWS) * HIGH + thread % (EDGE * ROWS);
    let left_at = min(top + thread % (EDGE * ROWS), params.outputs - 1u);
    let right_to = thread / (EDGE * COLS) * WIDE + thread % (EDGE * COLS);
    let right_at = min(side + thread % (EDGE * COLS), params.inputs - 1u);
    var sum: array<f32, ROWS * COLS>;
    var bias = 0.0;
    // Each round asks for a lot and multiplies the one before: there is one round more than lots.
    for (var start = 0u; start < params.rows + DEPTH; start += DEPTH) {
        var new_left: array<f32, LEFT>;
        var new_right: array<f32, RIGHT>;
        var along_left: array<u32, LEFT>;
        for (var n = 0u; n < LEFT; n++) {
            along_left[n] = start + thread / (EDGE * ROWS) + n * (DEPTH / LEFT);
            new_left[n] = dy[left_at + min(along_left[n], params.rows - 1u) * params.outputs];
        }
        var along_right: array<u32, RIGHT>;
        for (var n = 0u; n < RIGHT; n++) {
            along_right[n] = start + thread / (EDGE * COLS) + n * (DEPTH / RIGHT);
            new_right[n] = x[right_at + min(along_right[n], params.rows - 1u) * params.inputs];
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
            // The biases of this height of outputs, by the first workgroup of the row.
            if group.x == 0u && thread < EDGE * ROWS {
                for (var d = 0u; d < DEPTH; d++) {
                    bias += left[d * HIGH + thread];
                }
            }
        }
        workgroupBarrier();
        for (var n = 0u; n < LEFT; n++) {
            left[left_to + n * (DEPTH / LEFT) * HIGH] = select(0.0, new_left[n], along_left[n] < params.rows);
        }
        for (var n = 0u; n < RIGHT; n++) {
            right[right_to + n * (DEPTH / RIGHT) * WIDE] = select(0.0, new_right[n], along_right[n] < params.rows);
        }
        workgroupBarrier();
    }
    // Through memory, so that what is done with a sum is compiled once and not once per sum; what it needs all at once.
    var sums: array<f32, ROWS * COLS>;
    var w: array<f32, ROWS * COLS>;
    var m: array<f32, ROWS * COLS>;
    var v: array<f32, ROWS * COLS>;
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
            w[r * COLS + c] = weights[place_of_weight(top + local.y + r * EDGE, side + local.x + c * EDGE)];
            m[r * COLS + c] = first[place_of_weight(top + local.y + r * EDGE, side + local.x + c * EDGE)];
            v[r * COLS + c] = second[place_of_weight(top + local.y + r * EDGE, side + local.x + c * EDGE)];
        }
    }
    for (var r = 0u; r < ROWS; r += 1u) {
        for (var c = 0u; c < COLS; c += 1u) {
            let row = top + local.y + r * EDGE;
            let col = side + local.x + c * EDGE;
            let n = r * COLS + c;
            if row < params.outputs && col < params.inputs {
                learn_one(place_of_weight(row, col), sums[n], Learned(w[n], m[n], v[n]), pace);
            }
        }
    }
    if group.x == 0u && thread < EDGE * ROWS && top + thread < params.outputs {
        let at = params.at + params.outputs * params.inputs + top + thread;
        learn_one(at, bias, Learned(weights[at], first[at], second[at]), pace);
    }
}
