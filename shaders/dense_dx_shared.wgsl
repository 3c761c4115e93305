// dx [rows, inputs] = (dy [rows, outputs] · W) * slope(x), where x is the output of the layer below.
// W [outputs, inputs] lies in `weights` from `at` on.
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
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

var<workgroup> left: array<f32, DEPTH * HIGH>;
var<workgroup> right: array<f32, DEPTH * WIDE>;

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

// Where a value of x and of dx is; past the edge, the last one.
fn place_of_input(row: u32, col: u32) -> u32 {
    return min(row, params.rows - 1u) * params.inputs + min(col, params.inputs - 1u);
}

fn put_sloped(row: u32, col: u32, sum: f32, under: f32) {
    if row < params.rows && col < params.inputs {
        dx[place_of_input(row, col)] = sum * slope(under);
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
    // Past the edge the last row or input is repeated, and nothing stored.
    var left_at: array<u32, LEFT>;
    for (var n = 0u; n < LEFT; n++) {
        left_at[n] = min(top + line + n * LINES, params.rows - 1u) * params.outputs;
    }
    let right_to = thread / (EDGE * COLS) * WIDE + thread % (EDGE * COLS);
    let right_at = params.at + min(side + thread % (EDGE * COLS), params.inputs - 1u);
    var sum: array<f32, ROWS * COLS>;
    // Each round asks for a lot and multiplies the one before: there is one round more than lots.
    for (var start = 0u; start < params.outputs + DEPTH; start += DEPTH) {
        var new_left: array<f32, LEFT>;
        var new_right: array<f32, RIGHT>;
        let term = start + lane;
        let near = min(term, params.outputs - 1u);
        for (var n = 0u; n < LEFT; n++) {
            new_left[n] = dy[left_at[n] + near];
        }
        var along: array<u32, RIGHT>;
        for (var n = 0u; n < RIGHT; n++) {
            along[n] = start + thread / (EDGE * COLS) + n * (DEPTH / RIGHT);
            new_right[n] = weights[right_at + min(along[n], params.outputs - 1u) * params.inputs];
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
            left[lane * HIGH + line + n * LINES] = select(0.0, new_left[n], term < params.outputs);
        }
        for (var n = 0u; n < RIGHT; n++) {
            right[right_to + n * (DEPTH / RIGHT) * WIDE] = select(0.0, new_right[n], along[n] < params.outputs);
        }
        workgroupBarrier();
    }
    // Through memory, so that what is done with a sum is compiled once and not once per sum; what it needs all at once.
    var sums: array<f32, ROWS * COLS>;
    var under: array<f32, ROWS * COLS>;
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
            under[r * COLS + c] = x[place_of_input(top + local.y + r * EDGE, side + local.x + c * EDGE)];
        }
    }
    for (var r = 0u; r < ROWS; r += 1u) {
        for (var c = 0u; c < COLS; c += 1u) {
            put_sloped(top + local.y + r * EDGE, side + local.x + c * EDGE, sums[r * COLS + c], under[r * COLS + c]);
        }
    }
}
