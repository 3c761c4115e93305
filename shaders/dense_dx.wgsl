// dx [rows, inputs] = (dy [rows, outputs] · W) * slope(x), where x is the output of the layer below.
// W [outputs, inputs] lies in `weights` from `at` on. A thread makes 4 rows x 4 inputs in registers.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    activation: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

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

fn put(row: u32, col: u32, sum: f32) {
    if row < params.rows && col < params.inputs {
        let at = row * params.inputs + col;
        dx[at] = sum * slope(x[at]);
    }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let row = global.y * 4u;
    let col = global.x * 4u;
    if row >= params.rows || col >= params.inputs {
        return;
    }
    // Past the edge a thread repeats the last row or column, and stores nothing.
    let last_row = vec4<u32>(params.rows - 1u);
    let last_col = vec4<u32>(params.inputs - 1u);
    var i = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), last_row) * params.outputs;
    var j = min(vec4<u32>(col, col + 1u, col + 2u, col + 3u), last_col) + params.at;
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    for (var k = 0u; k < params.outputs; k++) {
        let w = vec4<f32>(weights[j.x], weights[j.y], weights[j.z], weights[j.w]);
        sum0 += dy[i.x] * w;
        sum1 += dy[i.y] * w;
        sum2 += dy[i.z] * w;
        sum3 += dy[i.w] * w;
        i += 1u;
        j += params.inputs;
    }
    for (var c = 0u; c < 4u; c++) {
        put(row, col + c, sum0[c]);
        put(row + 1u, col + c, sum1[c]);
        put(row + 2u, col + c, sum2[c]);
        put(row + 3u, col + c, sum3[c]);
    }
}
