// Whole steps of a small autoencoder in one dispatch, as in whole.wgsl, by vectors of four: for software, to which an
// access of four floats beside each other costs three quarters of four accesses. The batch and every layer's width are
// multiples of four, and so are all places in memory: they are counted in vectors here.
// One team of LANES threads, as wide as software's vectors, so that waiting for each other costs it little.
// A loop whose test is at its head makes software run its body once more than it counts, with all lanes masked: most
// loops end with their test, then. Those of the sums keep it at the head: a sum that leaves a loop at its end is kept
// twice there, and costs more than the round.

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
    // What this dispatch does, 0 for all of a step; and rows of a workgroup's own.
    part: u32,
    span: u32,
    kind: u32,
    // The activations in all layers but the last, as bits by their codes; and the last one's code.
    inner: u32,
    outer: u32,
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

// Vectors of rows, and rows, in a tile of any product.
const HIGH = 4u;
const ROWS = 4u * HIGH;
// Inputs of the batch that a thread takes through a layer at once: its columns, LANES apart.
const COLS = 16u;
// Vectors of columns of a thread where weights learn: in a wide layer (140 is 35 vectors, and all of a row), or a slim.
const WIDE = 9u;
const SLIM = 2u;
// Terms at once: a vector's, or rows of the batch.
const DEPTH = 4u;
// Sums of a vector of columns.
const PATCH = 4u * ROWS;
const LANES = 4u;
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
@group(0) @binding(4) var<storage, read_write> weights: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> second: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> signals: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> losses: array<f32>;

var<workgroup> order: array<u32, MOST>;
var<workgroup> parts: array<f32, LANES>;
var<workgroup> bad: array<u32, LANES>;
// A thread's sums of a tile, column by column, so that what is done with them is compiled once.
var<private> sums: array<f32, PATCH * WIDE>;

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

// What no layer of the network has is left out where the parameters are constants.
fn activated_quad(x: vec4<f32>, activation: u32, all: u32) -> vec4<f32> {
    var y = x;
    if (all & 2u) != 0u { y = select(y, max(x, vec4(0.0)), activation == 1u); }
    if (all & 4u) != 0u { y = select(y, max(x, 0.01 * x), activation == 2u); }
    if (all & 8u) != 0u { y = select(y, tanh(clamp(x, vec4(-15.0), vec4(15.0))), activation == 3u); }
    if (all & 16u) != 0u { y = select(y, 1.0 / (1.0 + exp(clamp(-x, vec4(-80.0), vec4(80.0)))), activation == 4u); }
    return select(y, x, (bitcast<vec4<u32>>(x) & vec4(INFINITE)) == vec4(INFINITE));
}

fn sloped_quad(y: vec4<f32>, activation: u32, all: u32) -> vec4<f32> {
    var slope = vec4(1.0);
    if (all & 2u) != 0u { slope = select(slope, select(vec4(1.0), vec4(0.0), y <= vec4(0.0)), activation == 1u); }
    if (all & 4u) != 0u { slope = select(slope, select(vec4(1.0), vec4(0.01), y <= vec4(0.0)), activation == 2u); }
    if (all & 8u) != 0u { slope = select(slope, 1.0 - y * y, activation == 3u); }
    if (all & 16u) != 0u { slope = select(slope, y * (1.0 - y), activation == 4u); }
    return slope;
}

// The clock's values for this step, read once per thread.
struct Pace { size: f32, root: f32, rate: f32 }

fn update_quad(i: u32, gradient: vec4<f32>, pace: Pace) {
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

// A layer, in vectors; its biases stand behind its weights.
struct Quads { inputs: u32, outputs: u32, at: u32, biases: u32, x: u32, y: u32, dy: u32, activation: u32 }

fn quads(i: u32) -> Quads {
    let at = i * 6u;
    let inputs = layers[at] / 4u;
    let outputs = layers[at + 1u] / 4u;
    let start = layers[at + 2u] / 4u;
    // What enters is the y of the layer below, or x, which is where everything starts.
    let x = select(layers[max(at, 6u) - 3u] / 4u, 0u, i == 0u);
    let biases = start + 4u * inputs * outputs;
    return Quads(inputs, outputs, start, biases, x, layers[at + 3u] / 4u, layers[at + 4u] / 4u, layers[at + 5u]);
}

// The sums of four rows, which lie beside each other, or `step` apart.
fn four(n: u32, step: u32) -> vec4<f32> {
    return vec4(sums[n], sums[n + step], sums[n + 2u * step], sums[n + 3u * step]);
}

// So many of a thread's vectors (or columns), LANES apart from this one on, are among all.
fn among(start: u32, all: u32, most: u32) -> u32 { return min(most, (max(all, start) - start + LANES - 1u) / LANES); }

// W · x^T: rows are outputs from vector `row` on, columns inputs of the batch.
fn with_outputs(l: Quads, row: u32, col: u32) {
    // Past the edge the last row or column is repeated, and nothing stored.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = l.at + min(4u * row + r, 4u * l.outputs - 1u) * l.inputs;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = l.x + min(col + c * LANES, params.rows - 1u) * l.inputs;
    }
    var sum: array<f32, ROWS * COLS>;
    for (var k = 0u; k < l.inputs; k += 1u) {
        var v: array<vec4<f32>, ROWS>;
        var w: array<vec4<f32>, COLS>;
        for (var r = 0u; r < ROWS; r++) {
            v[r] = weights[i[r] + k];
        }
        for (var c = 0u; c < COLS; c++) {
            w[c] = signals[j[c] + k];
            for (var r = 0u; r < ROWS; r++) {
                for (var d = 0u; d < DEPTH; d++) {
                    sum[c * ROWS + r] = fma(v[r][d], w[c][d], sum[c * ROWS + r]);
                }
            }
        }
    }
    for (var n = 0u; n < ROWS * COLS; n++) {
        sums[n] = sum[n];
    }
}

// W^T · dy^T: rows are inputs, of which a vector of weights has four.
fn with_inputs(l: Quads, row: u32, col: u32) {
    var i: array<u32, HIGH>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < HIGH; r++) {
        i[r] = l.at + min(row + r, l.inputs - 1u);
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = l.dy + min(col + c * LANES, params.rows - 1u) * l.outputs;
    }
    var sum: array<f32, ROWS * COLS>;
    for (var k = 0u; k < l.outputs; k += 1u) {
        var v: array<vec4<f32>, HIGH * DEPTH>;
        var w: array<vec4<f32>, COLS>;
        for (var r = 0u; r < HIGH; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = weights[i[r] + (4u * k + d) * l.inputs];
            }
        }
        for (var c = 0u; c < COLS; c++) {
            w[c] = signals[j[c] + k];
            for (var r = 0u; r < HIGH; r++) {
                for (var e = 0u; e < 4u; e++) {
                    for (var d = 0u; d < DEPTH; d++) {
                        sum[c * ROWS + 4u * r + e] = fma(v[r * DEPTH + d][e], w[c][d], sum[c * ROWS + 4u * r + e]);
                    }
                }
            }
        }
    }
    for (var n = 0u; n < ROWS * COLS; n++) {
        sums[n] = sum[n];
    }
}

// A signal of the batch, of which a product over the batch has a tile: where it starts, and how many vectors wide it is.
struct Factor { start: u32, count: u32 }

// A^T · B: rows are A's columns from vector `row` on, columns B's.
fn wide_product(a: Factor, b: Factor, row: u32, col: u32) {
    var i: array<u32, HIGH>;
    var j: array<u32, WIDE>;
    for (var r = 0u; r < HIGH; r++) {
        i[r] = a.start + min(row + r, a.count - 1u);
    }
    for (var c = 0u; c < WIDE; c++) {
        j[c] = b.start + min(col + c * LANES, b.count - 1u);
    }
    var sum: array<f32, PATCH * WIDE>;
    for (var k = 0u; k < params.rows; k += DEPTH) {
        var v: array<vec4<f32>, HIGH * DEPTH>;
        var w: array<vec4<f32>, WIDE * DEPTH>;
        for (var r = 0u; r < HIGH; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = signals[i[r] + (k + d) * a.count];
            }
        }
        for (var c = 0u; c < WIDE; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                w[c * DEPTH + d] = signals[j[c] + (k + d) * b.count];
            }
            for (var f = 0u; f < 4u; f++) {
                for (var r = 0u; r < HIGH; r++) {
                    for (var e = 0u; e < 4u; e++) {
                        for (var d = 0u; d < DEPTH; d++) {
                            sum[c * PATCH + f * ROWS + 4u * r + e] =
                                fma(v[r * DEPTH + d][e], w[c * DEPTH + d][f], sum[c * PATCH + f * ROWS + 4u * r + e]);
                        }
                    }
                }
            }
        }
    }
    for (var n = 0u; n < PATCH * WIDE; n++) {
        sums[n] = sum[n];
    }
}

// The same where B is slim.
fn slim_product(a: Factor, b: Factor, row: u32, col: u32) {
    var i: array<u32, HIGH>;
    var j: array<u32, SLIM>;
    for (var r = 0u; r < HIGH; r++) {
        i[r] = a.start + min(row + r, a.count - 1u);
    }
    for (var c = 0u; c < SLIM; c++) {
        j[c] = b.start + min(col + c * LANES, b.count - 1u);
    }
    var sum: array<f32, PATCH * SLIM>;
    for (var k = 0u; k < params.rows; k += DEPTH) {
        var v: array<vec4<f32>, HIGH * DEPTH>;
        var w: array<vec4<f32>, SLIM * DEPTH>;
        for (var r = 0u; r < HIGH; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = signals[i[r] + (k + d) * a.count];
            }
        }
        for (var c = 0u; c < SLIM; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                w[c * DEPTH + d] = signals[j[c] + (k + d) * b.count];
            }
            for (var f = 0u; f < 4u; f++) {
                for (var r = 0u; r < HIGH; r++) {
                    for (var e = 0u; e < 4u; e++) {
                        for (var d = 0u; d < DEPTH; d++) {
                            sum[c * PATCH + f * ROWS + 4u * r + e] =
                                fma(v[r * DEPTH + d][e], w[c * DEPTH + d][f], sum[c * PATCH + f * ROWS + 4u * r + e]);
                        }
                    }
                }
            }
        }
    }
    for (var n = 0u; n < PATCH * SLIM; n++) {
        sums[n] = sum[n];
    }
}

fn bring(thread: u32) {
    let start = u32(clock[START]);
    let epoch = u32(clock[EPOCH]);
    var place = thread;
    loop {
        // The batch goes on in the next epoch where this one ends.
        var index = (start + place) % params.len;
        if params.shuffle != 0u { index = shuffled(index, epoch + (start + place) / params.len); }
        order[place] = index;
        place += LANES;
        if place >= params.rows { break; }
    }
    workgroupBarrier();
    let across = params.cols / 4u;
    var row = 0u;
    loop {
        var col = thread;
        if col < across {
            loop {
                let at = order[row] * across + col;
                var value = vec4(0.0);
                if params.bytes != 0u {
                    let bytes = (vec4(data[at]) >> vec4(0u, 8u, 16u, 24u)) & vec4(255u);
                    value = vec4<f32>(bytes) * (1.0 / 255.0);
                }
                if params.bytes == 0u {
                    let n = 4u * at;
                    value = bitcast<vec4<f32>>(vec4(data[n], data[n + 1u], data[n + 2u], data[n + 3u]));
                }
                signals[row * across + col] = value;
                col += LANES;
                if col >= across { break; }
            }
        }
        row += 1u;
        if row >= params.rows { break; }
    }
}

// y = activated(x · W^T + b); the last layer's activation comes with the loss.
fn go_forward(thread: u32, number: u32) {
    let l = quads(number);
    let activation = select(l.activation, 0u, number + 1u == params.count);
    var row = 0u;
    loop {
        var col = thread;
        loop {
            with_outputs(l, row, col);
            let cols = among(col, params.rows, COLS);
            var r = 0u;
            loop {
                let b = weights[l.biases + row + r];
                let at = l.y + col * l.outputs + row + r;
                var c = 0u;
                loop {
                    let sum = four(c * ROWS + 4u * r, 1u) + b;
                    signals[at + c * LANES * l.outputs] = activated_quad(sum, activation, params.inner);
                    c += 1u;
                    if c >= cols { break; }
                }
                r += 1u;
                if r >= min(HIGH, l.outputs - row) { break; }
            }
            col += COLS * LANES;
            if col >= params.rows { break; }
        }
        row += HIGH;
        if row >= l.outputs { break; }
    }
}

// The loss, as a part for each thread, and dy of the last layer.
fn lose(thread: u32) {
    let l = quads(params.count - 1u);
    var sum = vec4(0.0);
    var found = vec4(0u);
    var n = thread;
    loop {
        let value = activated_quad(signals[l.y + n], params.outer, 1u << min(params.outer, 4u));
        let wanted = signals[n];
        let difference = value - wanted;
        let bits = bitcast<vec4<u32>>(value);
        found = select(found, bits, (bits & vec4(INFINITE)) == vec4(INFINITE));
        if params.kind == 0u {
            sum += difference * difference;
            let slope = sloped_quad(value, params.outer, 1u << min(params.outer, 4u));
            signals[l.dy + n] = 2.0 * difference * slope * params.scale;
        } else {
            sum -= wanted * log(max(value, vec4(LEAST))) + (1.0 - wanted) * log(max(1.0 - value, vec4(LEAST)));
            // Sigmoid and cross-entropy together: the slope cancels.
            signals[l.dy + n] = difference * params.scale;
        }
        n += LANES;
        if n >= params.rows * params.cols / 4u { break; }
    }
    parts[thread] = sum.x + sum.y + sum.z + sum.w;
    bad[thread] = found.x | found.y | found.z | found.w;
}

// The batch's loss is written down, and the clock moves on: to this step's corrections, and to the next rows.
fn go_on() {
    var sum = 0.0;
    var found = 0u;
    for (var t = 0u; t < LANES; t += 1u) {
        sum += parts[t];
        found |= bad[t];
    }
    // What is not finite goes before.
    let loss = select(sum, bitcast<f32>(found), found != 0u) * params.scale;
    let step = clock[STEPS] + 1.0;
    losses[u32(step) % params.slots] = loss;
    clock[STEPS] = step;
    if (bitcast<u32>(loss) & INFINITE) == INFINITE && clock[BAD] == 0.0 { clock[BAD] = step; }
    // 1 - beta^t, from that of t - 1: all terms are positive, so that no digits cancel.
    clock[REST1] = clock[REST1] * params.beta1 + params.rest1;
    clock[REST2] = clock[REST2] * params.beta2 + params.rest2;
    clock[SIZE] = params.rate / clock[REST1];
    clock[ROOT] = sqrt(clock[REST2]);
    clock[RATE] = params.rate;
    let place = u32(clock[START]) + params.rows;
    clock[START] = f32(place % params.len);
    clock[EPOCH] += f32(place / params.len);
}

// dy of the layer below = (dy · W) * its slope.
fn go_back(thread: u32, number: u32) {
    let l = quads(number);
    let under = quads(number - 1u);
    var row = 0u;
    loop {
        var col = thread;
        loop {
            with_inputs(l, row, col);
            let cols = among(col, params.rows, COLS);
            var r = 0u;
            loop {
                var c = 0u;
                loop {
                    let n = (col + c * LANES) * l.inputs + row + r;
                    let slope = sloped_quad(signals[under.y + n], under.activation, params.inner);
                    signals[under.dy + n] = four(c * ROWS + 4u * r, 1u) * slope;
                    c += 1u;
                    if c >= cols { break; }
                }
                r += 1u;
                if r >= min(HIGH, l.inputs - row) { break; }
            }
            col += COLS * LANES;
            if col >= params.rows { break; }
        }
        row += HIGH;
        if row >= l.inputs { break; }
    }
}

// What a tile's weights learn, a vector of inputs at a time: of each row if rows are outputs, else of each column.
fn teach(l: Quads, row: u32, col: u32, rows: u32, cols: u32, turned: bool, pace: Pace) {
    let step = select(ROWS, 1u, turned);
    var one = 0u;
    loop {
        var t = 0u;
        loop {
            let output = select(4u * row + one, 4u * (col + one / 4u * LANES) + one % 4u, turned);
            let at = l.at + output * l.inputs + select(col + t * LANES, row + t, turned);
            let n = select(t * PATCH + one, one * ROWS + 4u * t, turned);
            update_quad(at, four(n, step), pace);
            t += 1u;
            if t >= select(cols, rows, turned) { break; }
        }
        one += 1u;
        if one >= 4u * select(rows, cols, turned) { break; }
    }
}

// The weights of a layer, and its biases: the weights of an input that is always 1. The wider side is a thread's columns.
fn learn_quads(thread: u32, number: u32, pace: Pace) {
    let l = quads(number);
    let turned = l.outputs > l.inputs;
    let a = Factor(select(l.dy, l.x, turned), min(l.outputs, l.inputs));
    let b = Factor(select(l.x, l.dy, turned), max(l.outputs, l.inputs));
    let slim = b.count <= SLIM * LANES;
    var row = 0u;
    // Of a narrow layer some threads have nothing.
    if slim && thread < b.count {
        loop {
            slim_product(a, b, row, thread);
            teach(l, row, thread, min(HIGH, a.count - row), among(thread, b.count, SLIM), turned, pace);
            row += HIGH;
            if row >= a.count { break; }
        }
    }
    if !slim {
        loop {
            var col = thread;
            loop {
                wide_product(a, b, row, col);
                teach(l, row, col, min(HIGH, a.count - row), among(col, b.count, WIDE), turned, pace);
                col += WIDE * LANES;
                if col >= b.count { break; }
            }
            row += HIGH;
            if row >= a.count { break; }
        }
    }
    var n = thread;
    if n < l.outputs {
        loop {
            var gradient = vec4(0.0);
            for (var k = 0u; k < params.rows; k += 1u) { gradient += signals[l.dy + k * l.outputs + n]; }
            update_quad(l.biases + n, gradient, pace);
            n += LANES;
            if n >= l.outputs { break; }
        }
    }
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) thread: u32) {
    for (var step = 0u; step < params.steps; step += 1u) {
        bring(thread);
        storageBarrier();
        for (var i = 0u; i < params.count; i += 1u) {
            go_forward(thread, i);
            storageBarrier();
        }
        lose(thread);
        workgroupBarrier();
        if thread == 0u { go_on(); }
        storageBarrier();
        let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
        for (var n = 1u; n < params.count; n += 1u) {
            go_back(thread, params.count - n);
            storageBarrier();
        }
        for (var i = 0u; i < params.count; i += 1u) { learn_quads(thread, i, pace); }
        storageBarrier();
        workgroupBarrier();
    }
}
