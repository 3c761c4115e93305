// best [rows, keep], places [rows, keep] = the `keep` smallest of themselves and of d [rows, cols], smallest first, and
// which they are, as in nearest.wgsl. A thread per row, for software, where threads that wait for each other cost more
// than all comparisons.

struct Params {
    rows: u32,
    cols: u32,
    keep: u32,
}

const THREADS = 64u;
const START = 2u;
const MOST = 0x1.fffffep+127f;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> d: array<f32>;
@group(0) @binding(2) var<storage, read> clock: array<f32>;
@group(0) @binding(3) var<storage, read_write> best: array<f32>;
@group(0) @binding(4) var<storage, read_write> places: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let row = global.x;
    if row >= params.rows {
        return;
    }
    let start = clock[START];
    let first = row * params.keep;
    let end = first + params.keep - 1u;
    if start == 0.0 {
        for (var i = first; i <= end; i++) {
            best[i] = MOST;
            places[i] = -1.0;
        }
    }
    var last = best[end];
    for (var col = 0u; col < params.cols; col++) {
        let one = d[row * params.cols + col];
        // Most are not; one that is no number never is.
        if one < last {
            var at = end;
            while at > first && best[at - 1u] > one {
                best[at] = best[at - 1u];
                places[at] = places[at - 1u];
                at -= 1u;
            }
            best[at] = one;
            places[at] = start + f32(col);
            last = best[end];
        }
    }
}
