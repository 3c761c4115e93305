// d [rows, cols] = the distances of a [rows, width] to b, as in distances.wgsl.
// A thread makes ROWS rows x COLS columns in registers, and the squared lengths beside them; its columns are LANES
// apart, its neighbours' between them. For software, where loads cost most.

struct Params {
    rows: u32,
    cols: u32,
    width: u32,
    len: u32,
    whole: u32,
    metric: u32,
}

const ROWS = 4u;
const COLS = 4u;
const LANES = 8u;
const GROUP = 8u;
const START = 2u;
const MOST = 0x1.fffffep+127f;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> d: array<f32>;

fn put(row: u32, col: u32, product: f32, aa: f32, bb: f32, left: u32) {
    if row >= params.rows || col >= params.cols {
        return;
    }
    var distance = aa + bb - 2.0 * product;
    if params.metric == 1u {
        // A row of zeros has no direction: it is as far from all others as one at a right angle.
        let size = sqrt(aa) * sqrt(bb);
        distance = select(1.0, 1.0 - product / size, size > 0.0);
    }
    // Rounding may leave a little less than nothing.
    d[row * params.cols + col] = select(max(distance, 0.0), MOST, col >= left);
}

@compute @workgroup_size(LANES, GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = (group.y * GROUP + local.y) * ROWS;
    let col = group.x * LANES * COLS + local.x;
    if row >= params.rows || col >= params.cols {
        return;
    }
    let start = u32(clock[START]);
    // How many of these columns the set still has.
    let left = params.len - min(start, params.len);
    let first = select(0u, start, params.whole != 0u);
    // Past the edge a thread repeats the last row or column, and stores nothing of it.
    let last = max(min(params.cols, left), 1u) - 1u;
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = min(row + r, params.rows - 1u) * params.width;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = (min(col + c * LANES, last) + first) * params.width;
    }
    var sum: array<f32, ROWS * COLS>;
    var aa: array<f32, ROWS>;
    var bb: array<f32, COLS>;
    for (var k = 0u; k < params.width; k += 1u) {
        var x: array<f32, ROWS>;
        var y: array<f32, COLS>;
        for (var r = 0u; r < ROWS; r++) {
            x[r] = a[i[r] + k];
            aa[r] = fma(x[r], x[r], aa[r]);
        }
        for (var c = 0u; c < COLS; c++) {
            y[c] = b[j[c] + k];
            bb[c] = fma(y[c], y[c], bb[c]);
        }
        for (var r = 0u; r < ROWS; r++) {
            for (var c = 0u; c < COLS; c++) {
                sum[r * COLS + c] = fma(x[r], y[c], sum[r * COLS + c]);
            }
        }
    }
    // Through memory, so that what is done with a sum is compiled once and not once per sum.
    var sums: array<f32, ROWS * COLS>;
    var aas: array<f32, ROWS>;
    var bbs: array<f32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        aas[r] = aa[r];
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
        }
    }
    for (var c = 0u; c < COLS; c++) {
        bbs[c] = bb[c];
    }
    for (var r = 0u; r < ROWS; r += 1u) {
        for (var c = 0u; c < COLS; c += 1u) {
            put(row + r, col + c * LANES, sums[r * COLS + c], aas[r], bbs[c], left);
        }
    }
}
