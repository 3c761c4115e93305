// weights [at .. at + len] = uniform in plus or minus 2^23 * step.
// One thread takes every so many values: as many as there are threads.

struct Params {
    at: u32,
    len: u32,
    stream: u32,
    seed_low: u32,
    seed_high: u32,
    step: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;

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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) global: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var i = global.x; i < params.len; i += groups.x * 64u) {
        let bits = pcg4d(vec4<u32>(i, params.stream, params.seed_low, params.seed_high)).x;
        // 24 bits with a sign fit a float exactly, so that one rounding is left, and devices agree to the bit.
        let whole = i32(bits >> 8u) - 8388608;
        weights[params.at + i] = f32(whole) * params.step;
    }
}
