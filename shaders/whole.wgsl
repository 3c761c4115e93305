// Whole steps of a small autoencoder in one dispatch: gather, forward, loss, clock, backward with the update; `steps`
// times. One workgroup, whose threads wait for each other where the other kernels would begin a dispatch.
// `signals` holds x [rows, cols], then each layer's y, then each layer's dy; `layers` holds six words for each layer:
// inputs, outputs, where its weights, its y and its dy start, the code of its activation.

struct Params {
    rows: u32,
    cols: u32,
    len: u32,
    bytes: u32,
    shuffle: u32,
    seed_low: u32,
    seed_high: u32,
    count: u32,
    steps: u32,
    kind: u32,
    slots: u32,
    scale: f32,
    rate: f32,
    optimiser: u32,
    beta1: f32,
    beta2: f32,
    rest1: f32,
    rest2: f32,
    epsilon: f32,
}

const THREADS = 256u;
const STEPS = 0u;
const EPOCH = 1u;
const START = 2u;
const SIZE = 3u;
const ROOT = 4u;
const REST1 = 5u;
const REST2 = 6u;
const BAD = 7u;
const RATE = 8u;
const ORDER = 1u;
const LEAST = 1e-7;
const INFINITE = 0x7f800000u;
// Rows of a batch at most.
const MOST = 256u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> data: array<u32>;
@group(0) @binding(2) var<storage, read> layers: array<u32>;
@group(0) @binding(3) var<storage, read_write> clock: array<f32>;
@group(0) @binding(4) var<storage, read_write> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> first: array<f32>;
@group(0) @binding(6) var<storage, read_write> second: array<f32>;
@group(0) @binding(7) var<storage, read_write> signals: array<f32>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;

var<workgroup> order: array<u32, MOST>;
var<workgroup> parts: array<f32, THREADS>;
var<workgroup> bad: array<u32, THREADS>;

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
        for (var round = 0u; round < 4u; round++) {
            let key = keys[round];
            a ^= mixed(b, key) & low;
            b ^= mixed(a, key ^ 0x9e3779b9u) & high;
        }
        at = (b << half) | a;
    }
    return at;
}

fn activated(x: f32, activation: u32) -> f32 {
    if (bitcast<u32>(x) & INFINITE) == INFINITE {
        return x;
    }
    switch activation {
        case 1u: { return max(x, 0.0); }
        case 2u: { return max(x, 0.01 * x); }
        case 3u: { return tanh(clamp(x, -15.0, 15.0)); }
        case 4u: { return 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0))); }
        default: { return x; }
    }
}

fn sloped(y: f32, activation: u32) -> f32 {
    switch activation {
        case 1u: { return select(1.0, 0.0, y <= 0.0); }
        case 2u: { return select(1.0, 0.01, y <= 0.0); }
        case 3u: { return 1.0 - y * y; }
        case 4u: { return y * (1.0 - y); }
        default: { return 1.0; }
    }
}

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

struct Layer {
    inputs: u32,
    outputs: u32,
    at: u32,
    y: u32,
    dy: u32,
    activation: u32,
}

fn layer(i: u32) -> Layer {
    let at = i * 6u;
    return Layer(
        layers[at], layers[at + 1u], layers[at + 2u], layers[at + 3u], layers[at + 4u], layers[at + 5u],
    );
}

// Where the signal that enters a layer starts: the y of the layer below, or x.
fn below(i: u32) -> u32 {
    if i == 0u {
        return 0u;
    }
    return layers[i * 6u - 3u];
}

// Four places from `first` on, the last one repeated past the end.
fn four(start: u32, end: u32) -> vec4<u32> {
    return min(vec4<u32>(start, start + 1u, start + 2u, start + 3u), vec4<u32>(end - 1u));
}

fn gather(thread: u32) {
    let start = u32(clock[START]);
    let epoch = u32(clock[EPOCH]);
    for (var row = thread; row < params.rows; row += THREADS) {
        // The batch goes on in the next epoch where this one ends.
        let place = start + row;
        var index = place % params.len;
        if params.shuffle != 0u {
            index = shuffled(index, epoch + place / params.len);
        }
        order[row] = index;
    }
    workgroupBarrier();
    for (var n = thread; n < params.rows * params.cols; n += THREADS) {
        let at = order[n / params.cols] * params.cols + n % params.cols;
        var value: f32;
        if params.bytes != 0u {
            value = f32((data[at / 4u] >> (at % 4u * 8u)) & 255u) * (1.0 / 255.0);
        } else {
            value = bitcast<f32>(data[at]);
        }
        signals[n] = value;
    }
}

// y = activated(x · W^T + b), a tile of 4 x 4 at a time. The sums are set to 0 by hand: SwiftShader leaves a variable
// without an initial value as the last round of the loop left it.
fn forward(thread: u32, number: u32) {
    let l = layer(number);
    let x = below(number);
    let across = (l.outputs + 3u) / 4u;
    for (var tile = thread; tile < across * ((params.rows + 3u) / 4u); tile += THREADS) {
        let row = tile / across * 4u;
        let col = tile % across * 4u;
        var i = x + four(row, params.rows) * l.inputs;
        var j = l.at + four(col, l.outputs) * l.inputs;
        var sum = array<vec4<f32>, 4>();
        for (var k = 0u; k < l.inputs; k++) {
            let w = vec4<f32>(weights[j.x], weights[j.y], weights[j.z], weights[j.w]);
            sum[0] = fma(vec4<f32>(signals[i.x]), w, sum[0]);
            sum[1] = fma(vec4<f32>(signals[i.y]), w, sum[1]);
            sum[2] = fma(vec4<f32>(signals[i.z]), w, sum[2]);
            sum[3] = fma(vec4<f32>(signals[i.w]), w, sum[3]);
            i += 1u;
            j += 1u;
        }
        for (var r = 0u; r < 4u; r++) {
            for (var c = 0u; c < 4u; c++) {
                if row + r < params.rows && col + c < l.outputs {
                    let b = weights[l.at + l.inputs * l.outputs + col + c];
                    signals[l.y + (row + r) * l.outputs + col + c] = activated(sum[r][c] + b, l.activation);
                }
            }
        }
    }
}

// The loss of the whole batch, as a part for each thread, and dy of the last layer.
fn loss(thread: u32) {
    let l = layer(params.count - 1u);
    var sum = 0.0;
    var found = 0u;
    for (var n = thread; n < params.rows * params.cols; n += THREADS) {
        let value = signals[l.y + n];
        let wanted = signals[n];
        let difference = value - wanted;
        let bits = bitcast<u32>(value);
        found = select(found, bits, (bits & INFINITE) == INFINITE);
        if params.kind == 0u {
            sum += difference * difference;
            signals[l.dy + n] = 2.0 * difference * sloped(value, l.activation) * params.scale;
        } else {
            sum -= wanted * log(max(value, LEAST)) + (1.0 - wanted) * log(max(1.0 - value, LEAST));
            // Sigmoid and cross-entropy together: the slope cancels.
            signals[l.dy + n] = difference * params.scale;
        }
    }
    parts[thread] = sum;
    bad[thread] = found;
}

// The batch's loss is written down, and the clock moves on.
fn tick() {
    var sum = 0.0;
    var found = 0u;
    for (var t = 0u; t < THREADS; t += 1u) {
        sum += parts[t];
        found |= bad[t];
    }
    let loss = select(sum * params.scale, bitcast<f32>(found), found != 0u);
    let step = clock[STEPS] + 1.0;
    losses[u32(step) % params.slots] = loss;
    clock[STEPS] = step;
    if (bitcast<u32>(loss) & INFINITE) == INFINITE && clock[BAD] == 0.0 {
        clock[BAD] = step;
    }
    let place = u32(clock[START]) + params.rows;
    clock[START] = f32(place % params.len);
    clock[EPOCH] += f32(place / params.len);
    // 1 - beta^t, from that of t - 1: all terms are positive, so that no digits cancel.
    let rest1 = clock[REST1] * params.beta1 + params.rest1;
    let rest2 = clock[REST2] * params.beta2 + params.rest2;
    clock[REST1] = rest1;
    clock[REST2] = rest2;
    clock[SIZE] = params.rate / rest1;
    clock[ROOT] = sqrt(rest2);
    clock[RATE] = params.rate;
}

// dy of the layer below = (dy · W) * its slope.
fn back(thread: u32, number: u32) {
    let l = layer(number);
    let under = layer(number - 1u);
    let across = (l.inputs + 3u) / 4u;
    for (var tile = thread; tile < across * ((params.rows + 3u) / 4u); tile += THREADS) {
        let row = tile / across * 4u;
        let col = tile % across * 4u;
        var i = l.dy + four(row, params.rows) * l.outputs;
        var j = l.at + four(col, l.inputs);
        var sum = array<vec4<f32>, 4>();
        for (var k = 0u; k < l.outputs; k++) {
            let w = vec4<f32>(weights[j.x], weights[j.y], weights[j.z], weights[j.w]);
            sum[0] = fma(vec4<f32>(signals[i.x]), w, sum[0]);
            sum[1] = fma(vec4<f32>(signals[i.y]), w, sum[1]);
            sum[2] = fma(vec4<f32>(signals[i.z]), w, sum[2]);
            sum[3] = fma(vec4<f32>(signals[i.w]), w, sum[3]);
            i += 1u;
            j += l.inputs;
        }
        for (var r = 0u; r < 4u; r++) {
            for (var c = 0u; c < 4u; c++) {
                if row + r < params.rows && col + c < l.inputs {
                    let at = (row + r) * l.inputs + col + c;
                    signals[under.dy + at] = sum[r][c] * sloped(signals[under.y + at], under.activation);
                }
            }
        }
    }
}

// The weights of a layer, and its biases: the weights of an input that is always 1.
fn learn(thread: u32, number: u32, pace: Pace) {
    let l = layer(number);
    let x = below(number);
    let across = (l.inputs + 3u) / 4u;
    let down = (l.outputs + 3u) / 4u;
    for (var tile = thread; tile < across * down; tile += THREADS) {
        let row = tile / across * 4u;
        let col = tile % across * 4u;
        var i = l.dy + four(row, l.outputs);
        var j = x + four(col, l.inputs);
        var sum = array<vec4<f32>, 4>();
        for (var k = 0u; k < params.rows; k++) {
            let v = vec4<f32>(signals[j.x], signals[j.y], signals[j.z], signals[j.w]);
            sum[0] = fma(vec4<f32>(signals[i.x]), v, sum[0]);
            sum[1] = fma(vec4<f32>(signals[i.y]), v, sum[1]);
            sum[2] = fma(vec4<f32>(signals[i.z]), v, sum[2]);
            sum[3] = fma(vec4<f32>(signals[i.w]), v, sum[3]);
            i += l.outputs;
            j += l.inputs;
        }
        for (var r = 0u; r < 4u; r++) {
            for (var c = 0u; c < 4u; c++) {
                if row + r < l.outputs && col + c < l.inputs {
                    update(l.at + (row + r) * l.inputs + col + c, sum[r][c], pace);
                }
            }
        }
    }
    for (var out = thread; out < l.outputs; out += THREADS) {
        var bias = 0.0;
        for (var k = 0u; k < params.rows; k++) {
            bias += signals[l.dy + k * l.outputs + out];
        }
        update(l.at + l.inputs * l.outputs + out, bias, pace);
    }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
    for (var step = 0u; step < params.steps; step++) {
        gather(thread);
        storageBarrier();
        for (var i = 0u; i < params.count; i++) {
            forward(thread, i);
            storageBarrier();
        }
        loss(thread);
        workgroupBarrier();
        if thread == 0u {
            tick();
        }
        storageBarrier();
        let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
        for (var i = params.count - 1u; i > 0u; i--) {
            back(thread, i);
            storageBarrier();
            // The layer below reads its own weights: it need not wait for these.
            learn(thread, i, pace);
        }
        learn(thread, 0u, pace);
        storageBarrier();
        workgroupBarrier();
    }
}
