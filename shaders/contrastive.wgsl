// Of pairs of codes z [row] and z [rows + row], d apart: sums [row] = y d² + (1 - y) max(0, m - d)² with y = same [row];
// dz = its gradient by both codes, times scale. At d = 0 different ones have no direction away from each other, and
// their gradient is 0. One workgroup per pair; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
    margin: f32,
    scale: f32,
}

const THREADS = 64u;
const INFINITE = 0x7f800000u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> z: array<f32>;
@group(0) @binding(2) var<storage, read> same: array<f32>;
@group(0) @binding(3) var<storage, read_write> dz: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

var<workgroup> parts: array<f32, THREADS>;
var<workgroup> bad: array<u32, THREADS>;
// What the difference of the codes is multiplied by.
var<workgroup> factor: f32;

// Its bits if it is not finite, else 0.
fn strange(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    return select(0u, bits, (bits & INFINITE) == INFINITE);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    let a = row * params.cols;
    let b = (params.rows + row) * params.cols;
    var sum = 0.0;
    var found = 0u;
    for (var col = local.x; col < params.cols; col += THREADS) {
        let difference = z[a + col] - z[b + col];
        sum += difference * difference;
        found |= strange(z[a + col]) | strange(z[b + col]);
    }
    parts[local.x] = sum;
    bad[local.x] = found;
    workgroupBarrier();
    if local.x == 0u {
        for (var t = 1u; t < THREADS; t += 1u) {
            sum += parts[t];
            found |= bad[t];
        }
        let distance = sqrt(sum);
        let gap = max(params.margin - distance, 0.0);
        let y = same[row];
        var apart = 0.0;
        if distance > 0.0 {
            apart = gap / distance;
        }
        factor = 2.0 * params.scale * (y - (1.0 - y) * apart);
        // A maximum may drop a NaN, and an infinite distance costs different ones nothing: say it here.
        sums[row] = select(y * sum + (1.0 - y) * gap * gap, bitcast<f32>(found), found != 0u);
    }
    workgroupBarrier();
    for (var col = local.x; col < params.cols; col += THREADS) {
        let slope = factor * (z[a + col] - z[b + col]);
        dz[a + col] = slope;
        dz[b + col] = -slope;
    }
}
