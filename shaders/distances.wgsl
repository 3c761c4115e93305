// d [rows, cols] = the distances of a [rows, width] to b: metric 0 is the squared Euclidean one, |a|^2 + |b|^2 - 2 a·b,
// metric 1 the cosine one, 1 - a·b / |a||b|. Column c is row START + c of a set of `len`; `whole` says that b holds all
// of that set, else b holds just these columns' rows. Columns past the end of the set are MOST away.
// A thread makes 4 rows x 4 columns in registers, and the squared lengths beside them.

struct Params {
    rows: u32,
    cols: u32,
    width: u32,
    len: u32,
    whole: u32,
    metric: u32,
}

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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let row = global.y * 4u;
    let col = global.x * 4u;
    if row >= params.rows || col >= params.cols {
        return;
    }
    let start = u32(clock[START]);
    // How many of these columns the set still has.
    let left = params.len - min(start, params.len);
    let first = select(0u, start, params.whole != 0u);
    // Past the edge a thread repeats the last row or column, and stores nothing of it.
    let last_row = vec4<u32>(params.rows - 1u);
    let last_col = vec4<u32>(max(min(params.cols, left), 1u) - 1u);
    var i = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), last_row) * params.width;
    var j = (min(vec4<u32>(col, col + 1u, col + 2u, col + 3u), last_col) + first) * params.width;
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    var aa = vec4<f32>();
    var bb = vec4<f32>();
    for (var k = 0u; k < params.width; k++) {
        let x = vec4<f32>(a[i.x], a[i.y], a[i.z], a[i.w]);
        let y = vec4<f32>(b[j.x], b[j.y], b[j.z], b[j.w]);
        sum0 += x.x * y;
        sum1 += x.y * y;
        sum2 += x.z * y;
        sum3 += x.w * y;
        aa += x * x;
        bb += y * y;
        i += 1u;
        j += 1u;
    }
    for (var c = 0u; c < 4u; c++) {
        put(row, col + c, sum0[c], aa.x, bb[c], left);
        put(row + 1u, col + c, sum1[c], aa.y, bb[c], left);
        put(row + 2u, col + c, sum2[c], aa.z, bb[c], left);
        put(row + 3u, col + c, sum3[c], aa.w, bb[c], left);
    }
}
