// sums [row] = the cross-entropy of softmax(y [rows, cols]) with the class goal [row]: log Σ exp(y) - y[goal];
// dy = its gradient by y, softmax(y) - 1 at the class, times scale. Everything is taken from the row's maximum, so that
// no exponential overflows. One workgroup per row; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
    scale: f32,
}

const THREADS = 64u;
const LEAST = -87.0;
const INFINITE = 0x7f800000u;
const LOWEST = -0x1.fffffep+127f;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> goal: array<f32>;
@group(0) @binding(3) var<storage, read_write> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

var<workgroup> parts: array<f32, THREADS>;
var<workgroup> bad: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    let thread = local.x;
    var most = LOWEST;
    // Bits of y that are not finite: a maximum may drop a NaN.
    var found = 0u;
    for (var col = thread; col < params.cols; col += THREADS) {
        let value = y[row * params.cols + col];
        let bits = bitcast<u32>(value);
        found = select(found, bits, (bits & INFINITE) == INFINITE);
        most = max(most, value);
    }
    parts[thread] = most;
    bad[thread] = found;
    workgroupBarrier();
    for (var t = 0u; t < THREADS; t += 1u) {
        most = max(most, parts[t]);
    }
    // All have read the maxima before sums take their place.
    workgroupBarrier();
    var sum = 0.0;
    for (var col = thread; col < params.cols; col += THREADS) {
        sum += exp(max(y[row * params.cols + col] - most, LEAST));
    }
    parts[thread] = sum;
    workgroupBarrier();
    sum = 0.0;
    for (var t = 0u; t < THREADS; t += 1u) {
        sum += parts[t];
    }
    let class_of_row = u32(goal[row]);
    for (var col = thread; col < params.cols; col += THREADS) {
        let i = row * params.cols + col;
        let share = exp(max(y[i] - most, LEAST)) / sum;
        dy[i] = (share - select(0.0, 1.0, col == class_of_row)) * params.scale;
    }
    if thread == 0u {
        found = 0u;
        for (var t = 0u; t < THREADS; t += 1u) {
            found |= bad[t];
        }
        // The maximum is one of the terms, so that the logarithm is of 1 or more.
        let loss = log(sum) - (y[row * params.cols + class_of_row] - most);
        sums[row] = select(loss, bitcast<f32>(found), found != 0u);
    }
}
