// As dense_dw.wgsl, for sums of up to TERMS terms and no more: in software, where memory costs more than arithmetic.
// Sums of few terms are soon made; what takes time there is to keep a large tile of them until they are learned from.
// Here a thread keeps its COLS inputs of the whole batch, and takes ROWS outputs through them one after the other.

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
    // So many rows of workgroups are other dispatches of the same call.
    skip: u32,
}

const SIZE = 3u;
const ROOT = 4u;
const RATE = 8u;

const ROWS = 16u;
const COLS = 4u;
const TERMS = 32u;
const LANES = 4u;
// Sums that are dealt with in one go at the end.
const FEW = 4u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;

// The clock's values for this step, read once per thread.
struct Pace {
    size: f32,
    root: f32,
    rate: f32,
}

fn update(i: u32, gradient: f32, pace: Pace) {
    switch params.optimiser {
        // No update: the gradient is kept, to be looked at.
        case 0u: { first[i] = gradient; }
        case 1u: { weights[i] -= pace.rate * gradient; }
        // PyTorch's momentum: the rate is outside.
        case 2u: {
            let m = params.beta1 * first[i] + gradient;
            first[i] = m;
            weights[i] -= pace.rate * m;
        }
        // Adam (Kingma and Ba, 2015), with PyTorch's place for epsilon; the clock holds both bias corrections.
        default: {
            let m = params.beta1 * first[i] + params.rest1 * gradient;
            let v = params.beta2 * second[i] + params.rest2 * gradient * gradient;
            first[i] = m;
            second[i] = v;
            weights[i] -= pace.size * m / (sqrt(v) / pace.root + params.epsilon);
        }
    }
}

// The values of a thread's inputs, COLS for each row of the batch; 0 past its end.
var<private> panel: array<f32, TERMS * COLS>;
// An output's sums, in memory, so that what is done with a sum is compiled once and not once per sum.
var<private> sums: array<f32, COLS>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
    let top = (group.y + params.skip) * ROWS;
    let col = group.x * LANES * COLS + local.x;
    if top >= params.outputs || col >= params.inputs {
        return;
    }
    // z is 0. Without it Mesa would unroll loops of few rounds by the value of `params`, at every dispatch anew.
    let rows = params.rows + group.z;
    // A loop whose test is at its head makes software run its body once more than it counts, masked.
    var k = 0u;
    loop {
        // Past the edge a thread repeats the last input, and stores nothing.
        for (var c = 0u; c < COLS; c++) {
            panel[k * COLS + c] = x[k * params.inputs + min(col + c * LANES, params.inputs - 1u)];
        }
        k += 1u;
        if k >= rows { break; }
    }
    // No more than there is of the result: software runs what is masked, too.
    let wide = min(COLS, (params.inputs - col + LANES - 1u) / LANES);
    let bottom = min(top + ROWS, params.outputs);
    var row = top;
    loop {
        var a: array<f32, TERMS>;
        for (var k = 0u; k < TERMS; k++) {
            // 0 past the end, too: the last row again might not be finite, and 0 times that is no 0.
            a[k] = select(0.0, dy[row + min(k, rows - 1u) * params.outputs], k < rows);
        }
        var sum: array<f32, COLS>;
        for (var c = 0u; c < COLS; c++) {
            for (var k = 0u; k < TERMS; k++) {
                sum[c] = fma(a[k], panel[k * COLS + c], sum[c]);
            }
            sums[c] = sum[c];
        }
        let at = params.at + row * params.inputs + col;
        var c = 0u;
        if FEW <= wide {
            loop {
                for (var e = 0u; e < FEW; e++) {
                    update(at + (c + e) * LANES, sums[c + e], pace);
                }
                c += FEW;
                if c + FEW > wide { break; }
            }
        }
        for (; c < wide; c += 1u) {
            update(at + c * LANES, sums[c], pace);
        }
        row += 1u;
        if row >= bottom { break; }
    }
    // Each of the first inputs' threads makes some of the biases.
    let team = min(LANES, params.inputs);
    if group.x == 0u {
        for (var n = top + local.x; n < bottom; n += team) {
            var bias = 0.0;
            for (var k = 0u; k < rows; k += 1u) {
                bias += dy[n + k * params.outputs];
            }
            update(params.at + params.outputs * params.inputs + n, bias, pace);
        }
    }
}
