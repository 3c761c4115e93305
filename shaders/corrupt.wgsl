// noisy [rows, cols] = x with noise: 1 Gaussian, 2 salt and pepper, 3 a square of zeros.
// One workgroup per row; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
    width: u32,
    kind: u32,
    amount: f32,
    seed_low: u32,
    seed_high: u32,
}

const STEPS = 0u;
const NOISE = 2u;
const TAU = 6.283185307179586;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> clock: array<f32>;
@group(0) @binding(3) var<storage, read_write> noisy: array<f32>;

// Four hashes of four words: PCG4D of Jarzynski and Olano, JCGT 9(3), 2020.
fn pcg4d(seed: vec4<u32>) -> vec4<u32> {
    var v = seed * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v ^= v >> vec4<u32>(16u);
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

fn draw(i: u32, low: u32) -> vec4<u32> {
    return pcg4d(vec4<u32>(i, u32(clock[STEPS]), params.seed_low ^ low, params.seed_high ^ (NOISE << 16u)));
}

// From 0 to 1 and never 0, so that its logarithm is finite.
fn unit(bits: u32) -> f32 {
    return (f32(bits >> 8u) + 0.5) * (1.0 / 16777216.0);
}

fn in_block(row: u32, col: u32) -> bool {
    // The place is drawn per row. A square that is larger than the picture covers it.
    let bits = draw(row, 0xb10cu);
    let height = params.cols / params.width;
    let across = min(u32(params.amount), params.width);
    let down = min(u32(params.amount), height);
    let left = bits.x % (params.width - across + 1u);
    let top = bits.y % (height - down + 1u);
    let u = col % params.width;
    let v = col / params.width;
    return u >= left && u < left + across && v >= top && v < top + down;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    for (var col = local.x; col < params.cols; col += 64u) {
        let i = row * params.cols + col;
        var value = x[i];
        switch params.kind {
            case 1u: {
                // Box and Muller, 1958.
                let bits = draw(i, 0u);
                // Near 1 a GPU's logarithm may be a little above 0.
                let radius = sqrt(max(-2.0 * log(unit(bits.x)), 0.0));
                value += params.amount * radius * cos(TAU * unit(bits.y));
            }
            case 2u: {
                let bits = draw(i, 0u);
                if unit(bits.x) < params.amount {
                    value = f32(bits.y >> 31u);
                }
            }
            case 3u: {
                if in_block(row, col) {
                    value = 0.0;
                }
            }
            default: {}
        }
        noisy[i] = value;
    }
}
