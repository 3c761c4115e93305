// g = dy [rows, outputs]^T · x [rows, inputs], and for the bias the sum of dy over the rows; then at once the
// optimiser: weights -= update(g), so that no gradient is ever stored.
// W [outputs, inputs] and then b [outputs] lie in `weights` from `at` on, their moments likewise.
// A thread makes 4 outputs x 4 inputs in registers; those of the first inputs also make the bias.

struct Params {
    rows: u32,
    inputs: u32,
    outputs: u32,
    at: u32,
    optimiser: u32,
    beta1: f32,
    beta2: f32,
    rest1: f32,
    rest2: f32,
    epsilon: f32,
}

const SIZE = 3u;
const ROOT = 4u;
const RATE = 8u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;

fn update(i: u32, gradient: f32) {
    switch params.optimiser {
        // No update: the gradient is kept, to be looked at.
        case 0u: { first[i] = gradient; }
        case 1u: { weights[i] -= clock[RATE] * gradient; }
        // PyTorch's momentum: the rate is outside.
        case 2u: {
            let m = params.beta1 * first[i] + gradient;
            first[i] = m;
            weights[i] -= clock[RATE] * m;
        }
        // Adam (Kingma and Ba, 2015), with PyTorch's place for epsilon; the clock holds both bias corrections.
        default: {
            let m = params.beta1 * first[i] + params.rest1 * gradient;
            let v = params.beta2 * second[i] + params.rest2 * gradient * gradient;
            first[i] = m;
            second[i] = v;
            weights[i] -= clock[SIZE] * m / (sqrt(v) / clock[ROOT] + params.epsilon);
        }
    }
}

fn put(row: u32, col: u32, sum: f32) {
    if row < params.outputs && col < params.inputs {
        update(params.at + row * params.inputs + col, sum);
    }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let row = global.y * 4u;
    let col = global.x * 4u;
    if row >= params.outputs || col >= params.inputs {
        return;
    }
    // Past the edge a thread repeats the last output or input, and stores nothing.
    let last_row = vec4<u32>(params.outputs - 1u);
    let last_col = vec4<u32>(params.inputs - 1u);
    var i = min(vec4<u32>(row, row + 1u, row + 2u, row + 3u), last_row);
    var j = min(vec4<u32>(col, col + 1u, col + 2u, col + 3u), last_col);
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    var bias = vec4<f32>();
    for (var k = 0u; k < params.rows; k++) {
        let d = vec4<f32>(dy[i.x], dy[i.y], dy[i.z], dy[i.w]);
        let v = vec4<f32>(x[j.x], x[j.y], x[j.z], x[j.w]);
        sum0 += d.x * v;
        sum1 += d.y * v;
        sum2 += d.z * v;
        sum3 += d.w * v;
        bias += d;
        i += params.outputs;
        j += params.inputs;
    }
    for (var c = 0u; c < 4u; c++) {
        put(row, col + c, sum0[c]);
        put(row + 1u, col + c, sum1[c]);
        put(row + 2u, col + c, sum2[c]);
        put(row + 3u, col + c, sum3[c]);
    }
    if col == 0u {
        for (var r = 0u; r < 4u; r++) {
            if row + r < params.outputs {
                update(params.at + params.outputs * params.inputs + row + r, bias[r]);
            }
        }
    }
}
