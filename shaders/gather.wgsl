// x [rows, cols] = the next `rows` inputs of a data set of `len`, in file order or shuffled anew each epoch.
// One workgroup per row; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
    len: u32,
    bytes: u32,
    shuffle: u32,
    seed_low: u32,
    seed_high: u32,
}

const EPOCH = 1u;
const START = 2u;
const ORDER = 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> data: array<u32>;
@group(0) @binding(2) var<storage, read> clock: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

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

// A short hash: multiply and shift (after MurmurHash3's last step).
fn mixed(value: u32, key: u32) -> u32 {
    var h = (value ^ key) * 0x85ebca6bu;
    h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
    return h ^ (h >> 16u);
}

// Where place i of an epoch is in the file: a permutation of 0..len without a table, by a Feistel network over as
// many bits as len - 1 has. What falls outside goes through again.
fn shuffled(i: u32, epoch: u32) -> u32 {
    let bits = max(32u - countLeadingZeros(params.len - 1u), 2u);
    let half = bits / 2u;
    let low = (1u << half) - 1u;
    let high = (1u << (bits - half)) - 1u;
    let keys = pcg4d(vec4<u32>(epoch, ORDER, params.seed_low, params.seed_high));
    var at = i;
    // Once at least, and again while it falls outside.
    for (var outside = true; outside; outside = at >= params.len) {
        var a = at & low;
        var b = at >> half;
        for (var round = 0u; round < 4u; round += 1u) {
            let key = keys[round];
            a ^= mixed(b, key) & low;
            b ^= mixed(a, key ^ 0x9e3779b9u) & high;
        }
        at = (b << half) | a;
    }
    return at;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    // The batch goes on in the next epoch where this one ends.
    let place = u32(clock[START]) + row;
    var index = place % params.len;
    if params.shuffle != 0u {
        index = shuffled(index, u32(clock[EPOCH]) + place / params.len);
    }
    for (var col = local.x; col < params.cols; col += 64u) {
        let at = index * params.cols + col;
        var value: f32;
        if params.bytes != 0u {
            value = f32((data[at / 4u] >> (at % 4u * 8u)) & 255u) * (1.0 / 255.0);
        } else {
            value = bitcast<f32>(data[at]);
        }
        x[row * params.cols + col] = value;
    }
}
