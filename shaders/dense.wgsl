// y [rows, outputs] = activate(x [rows, inputs] · W^T + b).
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on.
// A thread makes 4 rows x 4 outputs in registers: 16 products for 8 loads.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    activation: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// What is not finite stays so, that a diverged network shows in its loss. The exponent is tested because x != x may
// be optimised away.
fn activate(x: f32) -> f32 {
    if (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u {
        return x;
    }
    switch params.activation {
        case 1u: { return max(x, 0.0); }
        case 2u: { return max(x, 0.01 * x); }
        // Beyond 15 tanh is 1 in f32, and some drivers give NaN from 44.
        case 3u: { return tanh(clamp(x, -15.0, 15.0)); }
        case 4u: { return 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0))); }
        default: { return x; }
    }
}

fn put(row: u32, col: u32, sum: f32) {
    if row < params.rows && col < params.outputs {
        let b = weights[params.at + params.inputs * params.outputs + col];
        y[row * params.outputs + col] = activate(sum + b);
    }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let row = global.y * 4u;
    let col = global.x * 4u;
    if row >= params.rows || col >= params.outputs {
        return;
    }
    // Past the edge a thread repeats the last row or column, and stores nothing.
    let last_row = vec4<u32>(params.rows - 1u);
    let last_col = vec4<u32>(params.outputs - 1u);
    var i = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), last_row) * params.inputs;
    var j = min(vec4<u32>(col, col + 1u, col + 2u, col + 3u), last_col) * params.inputs + params.at;
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    for (var k = 0u; k < params.inputs; k++) {
        let w = vec4<f32>(weights[j.x], weights[j.y], weights[j.z], weights[j.w]);
        sum0 += x[i.x] * w;
        sum1 += x[i.y] * w;
        sum2 += x[i.z] * w;
        sum3 += x[i.w] * w;
        i += 1u;
        j += 1u;
    }
    for (var c = 0u; c < 4u; c++) {
        put(row, col + c, sum0[c]);
        put(row + 1u, col + c, sum1[c]);
        put(row + 2u, col + c, sum2[c]);
        put(row + 3u, col + c, sum3[c]);
    }
}
