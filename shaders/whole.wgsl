// Whole steps of a small autoencoder in one dispatch: gather, forward, loss, clock, backward with the update; `steps`
// times. One workgroup, whose threads wait for each other where the other kernels would begin a dispatch. Or a step in
// two dispatches: first each workgroup takes `span` rows through the network and back, then they share the weights out.
// `signals` holds x [rows, cols], then each layer's y, then each layer's dy, then the loss of every `span` rows;
// `layers` holds six words for each layer: inputs, outputs, where its weights, its y and its dy start, the code of its
// activation.
// LANES threads work on ROWS rows x COLS * LANES columns of a product: each makes ROWS x COLS sums in registers, its
// columns LANES apart, its neighbours' between them. There are GROUP such teams.

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

const ROWS = 4u;
const COLS = 4u;
const DEPTH = 4u;
const LANES = 4u;
const GROUP = 64u;
const THREADS = LANES * GROUP;
const PASS = 1u;
const LEARN = 2u;
// Sums that are dealt with in one go at the end.
const FEW = 4u;
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
fn activated(x: f32, activation: u32, all: u32) -> f32 {
    var y = x;
    if (all & 2u) != 0u { y = select(y, max(x, 0.0), activation == 1u); }
    if (all & 4u) != 0u { y = select(y, max(x, 0.01 * x), activation == 2u); }
    if (all & 8u) != 0u { y = select(y, tanh(clamp(x, -15.0, 15.0)), activation == 3u); }
    if (all & 16u) != 0u { y = select(y, 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0))), activation == 4u); }
    return select(y, x, (bitcast<u32>(x) & INFINITE) == INFINITE);
}

fn sloped(y: f32, activation: u32, all: u32) -> f32 {
    var slope = 1.0;
    if (all & 2u) != 0u { slope = select(slope, select(1.0, 0.0, y <= 0.0), activation == 1u); }
    if (all & 4u) != 0u { slope = select(slope, select(1.0, 0.01, y <= 0.0), activation == 2u); }
    if (all & 8u) != 0u { slope = select(slope, 1.0 - y * y, activation == 3u); }
    if (all & 16u) != 0u { slope = select(slope, y * (1.0 - y), activation == 4u); }
    return slope;
}

// The clock's values for this step, read once per thread.
struct Pace { size: f32, root: f32, rate: f32 }

// What is a thread's to do: rows from `begin` to `end` with its workgroup, every `teams`th tile of weights.
struct Share { thread: u32, begin: u32, end: u32, group: u32, groups: u32 }

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

struct Layer { inputs: u32, outputs: u32, at: u32, y: u32, dy: u32, activation: u32 }

fn layer(i: u32) -> Layer {
    let at = i * 6u;
    return Layer(layers[at], layers[at + 1u], layers[at + 2u], layers[at + 3u], layers[at + 4u], layers[at + 5u]);
}

// Where the signal that enters a layer starts: the y of the layer below, or x.
fn below(i: u32) -> u32 {
    if i == 0u { return 0u; }
    return layers[i * 6u - 3u];
}

// A factor of a product, A [rows, terms] or B [cols, terms]: where it starts, how many rows (or columns) it has, how far
// apart these are, and how far apart their terms.
struct Factor { start: u32, count: u32, stride: u32, step: u32 }

// So many tiles cover a result of these columns side by side, or of these rows below each other.
fn wide(cols: u32) -> u32 { return (cols + COLS * LANES - 1u) / (COLS * LANES); }
fn high(rows: u32) -> u32 { return (rows + ROWS - 1u) / ROWS; }

// So many of a thread's columns, from this one on, are within the result: software would run what is masked, too.
fn within(col: u32, cols: u32) -> u32 { return min(COLS, (max(cols, col) - col + LANES - 1u) / LANES); }

// A thread's sums of a tile, in memory, so that what is done with a sum is compiled once and not once per sum.
var<private> sums: array<f32, ROWS * COLS>;

// One more term of each sum.
fn add(a: Factor, b: Factor, k: u32, row: u32, col: u32, by_weights: bool) {
    for (var r = 0u; r < min(ROWS, a.count - row); r += 1u) {
        let value = signals[a.start + (row + r) * a.stride + k * a.step];
        for (var c = 0u; c < within(col, b.count); c += 1u) {
            let at = b.start + (col + c * LANES) * b.stride + k * b.step;
            var other = 0.0;
            if by_weights { other = weights[at]; } else { other = signals[at]; }
            sums[r * COLS + c] = fma(value, other, sums[r * COLS + c]);
        }
    }
}

// sums = A · B^T from this row and column on, A in the signals, B in the weights.
fn with_weights(a: Factor, b: Factor, terms: u32, row: u32, col: u32) {
    // Past the edge the last row or column is repeated, and nothing stored.
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = a.start + min(row + r, a.count - 1u) * a.stride;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = b.start + min(col + c * LANES, b.count - 1u) * b.stride;
    }
    var sum: array<f32, ROWS * COLS>;
    var k = 0u;
    for (; k + DEPTH <= terms; k += DEPTH) {
        var v: array<f32, ROWS * DEPTH>;
        var w: array<f32, COLS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = signals[i[r] + d * a.step];
            }
            i[r] += DEPTH * a.step;
        }
        for (var c = 0u; c < COLS; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                w[c * DEPTH + d] = weights[j[c] + d * b.step];
            }
            j[c] += DEPTH * b.step;
            for (var r = 0u; r < ROWS; r++) {
                for (var d = 0u; d < DEPTH; d++) {
                    sum[r * COLS + c] = fma(v[r * DEPTH + d], w[c * DEPTH + d], sum[r * COLS + c]);
                }
            }
        }
    }
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
        }
    }
    for (; k < terms; k += 1u) { add(a, b, k, row, col, true); }
}

// The same where B, too, is in the signals.
fn with_signals(a: Factor, b: Factor, terms: u32, row: u32, col: u32) {
    var i: array<u32, ROWS>;
    var j: array<u32, COLS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = a.start + min(row + r, a.count - 1u) * a.stride;
    }
    for (var c = 0u; c < COLS; c++) {
        j[c] = b.start + min(col + c * LANES, b.count - 1u) * b.stride;
    }
    var sum: array<f32, ROWS * COLS>;
    var k = 0u;
    for (; k + DEPTH <= terms; k += DEPTH) {
        var v: array<f32, ROWS * DEPTH>;
        var w: array<f32, COLS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = signals[i[r] + d * a.step];
            }
            i[r] += DEPTH * a.step;
        }
        for (var c = 0u; c < COLS; c++) {
            for (var d = 0u; d < DEPTH; d++) {
                w[c * DEPTH + d] = signals[j[c] + d * b.step];
            }
            j[c] += DEPTH * b.step;
            for (var r = 0u; r < ROWS; r++) {
                for (var d = 0u; d < DEPTH; d++) {
                    sum[r * COLS + c] = fma(v[r * DEPTH + d], w[c * DEPTH + d], sum[r * COLS + c]);
                }
            }
        }
    }
    for (var r = 0u; r < ROWS; r++) {
        for (var c = 0u; c < COLS; c++) {
            sums[r * COLS + c] = sum[r * COLS + c];
        }
    }
    for (; k < terms; k += 1u) { add(a, b, k, row, col, false); }
}

fn gather(s: Share) {
    let start = u32(clock[START]);
    let epoch = u32(clock[EPOCH]);
    for (var row = s.begin + s.thread; row < s.end; row += THREADS) {
        // The batch goes on in the next epoch where this one ends.
        let place = start + row;
        var index = place % params.len;
        if params.shuffle != 0u { index = shuffled(index, epoch + place / params.len); }
        order[row] = index;
    }
    workgroupBarrier();
    for (var row = s.begin + s.thread / LANES; row < s.end; row += GROUP) {
        let first_of_row = order[row] * params.cols;
        for (var col = s.thread % LANES; col < params.cols; col += LANES) {
            let at = first_of_row + col;
            var value = 0.0;
            if params.bytes != 0u { value = f32((data[at / 4u] >> (at % 4u * 8u)) & 255u) * (1.0 / 255.0); }
            if params.bytes == 0u { value = bitcast<f32>(data[at]); }
            signals[row * params.cols + col] = value;
        }
    }
}

fn answer(at: u32, sum: f32, activation: u32) { signals[at] = activated(sum, activation, params.inner); }

// y = activated(x · W^T + b); the last layer's activation comes with the loss.
fn forward(s: Share, number: u32) {
    let l = layer(number);
    let activation = select(l.activation, 0u, number + 1u == params.count);
    let x = Factor(below(number), s.end, l.inputs, 1u);
    let w = Factor(l.at, l.outputs, l.inputs, 1u);
    let across = wide(l.outputs);
    for (var tile = s.thread / LANES; tile < across * high(s.end - s.begin); tile += GROUP) {
        let row = s.begin + tile / across * ROWS;
        let left = tile % across * COLS * LANES + s.thread % LANES;
        with_weights(x, w, l.inputs, row, left);
        let rows_here = min(ROWS, s.end - row);
        for (var c = 0u; c < within(left, l.outputs); c += 1u) {
            let col = left + c * LANES;
            let b = weights[l.at + l.inputs * l.outputs + col];
            let at = l.y + row * l.outputs + col;
            var r = 0u;
            for (; r + FEW <= rows_here; r += FEW) {
                for (var e = 0u; e < FEW; e++) {
                    answer(at + (r + e) * l.outputs, sums[(r + e) * COLS + c] + b, activation);
                }
            }
            for (; r < rows_here; r += 1u) { answer(at + r * l.outputs, sums[r * COLS + c] + b, activation); }
        }
    }
}

// The loss of these rows, as a part for each thread, and dy of the last layer.
fn loss(s: Share) {
    let l = layer(params.count - 1u);
    var sum = 0.0;
    var found = 0u;
    for (var row = s.begin + s.thread / LANES; row < s.end; row += GROUP) {
        for (var col = s.thread % LANES; col < params.cols; col += LANES) {
            let n = row * params.cols + col;
            let value = activated(signals[l.y + n], params.outer, 1u << min(params.outer, 4u));
            let wanted = signals[n];
            let difference = value - wanted;
            let bits = bitcast<u32>(value);
            found = select(found, bits, (bits & INFINITE) == INFINITE);
            if params.kind == 0u {
                sum += difference * difference;
                let slope = sloped(value, params.outer, 1u << min(params.outer, 4u));
                signals[l.dy + n] = 2.0 * difference * slope * params.scale;
            } else {
                sum -= wanted * log(max(value, LEAST)) + (1.0 - wanted) * log(max(1.0 - value, LEAST));
                // Sigmoid and cross-entropy together: the slope cancels.
                signals[l.dy + n] = difference * params.scale;
            }
        }
    }
    parts[s.thread] = sum;
    bad[s.thread] = found;
}

// Where the losses of all workgroups' rows are: behind the last dy, of as many values as x.
fn losses_at() -> u32 { return layer(params.count - 1u).dy + params.rows * params.cols; }

// The loss of a workgroup's rows; what is not finite goes before.
fn total(group: u32) {
    var sum = 0.0;
    var found = 0u;
    for (var t = 0u; t < THREADS; t += 1u) {
        sum += parts[t];
        found |= bad[t];
    }
    signals[losses_at() + group] = select(sum, bitcast<f32>(found), found != 0u);
}

// The clock's corrections for this step, which no workgroup reads before the weights learn.
fn advance() {
    // 1 - beta^t, from that of t - 1: all terms are positive, so that no digits cancel.
    clock[REST1] = clock[REST1] * params.beta1 + params.rest1;
    clock[REST2] = clock[REST2] * params.beta2 + params.rest2;
    clock[SIZE] = params.rate / clock[REST1];
    clock[ROOT] = sqrt(clock[REST2]);
    clock[RATE] = params.rate;
}

// The batch's loss is written down, and the clock moves on to the next rows.
fn tick() {
    var sum = 0.0;
    for (var i = 0u; i * params.span < params.rows; i += 1u) { sum += signals[losses_at() + i]; }
    let loss = sum * params.scale;
    let step = clock[STEPS] + 1.0;
    losses[u32(step) % params.slots] = loss;
    clock[STEPS] = step;
    if (bitcast<u32>(loss) & INFINITE) == INFINITE && clock[BAD] == 0.0 { clock[BAD] = step; }
    let place = u32(clock[START]) + params.rows;
    clock[START] = f32(place % params.len);
    clock[EPOCH] += f32(place / params.len);
}

// dy of the layer below = (dy · W) * its slope; nothing for the first layer.
fn back(s: Share, number: u32) {
    let l = layer(number);
    let under = layer(max(number, 1u) - 1u);
    let dy = Factor(l.dy, s.end, l.outputs, 1u);
    let w = Factor(l.at, l.inputs, 1u, l.inputs);
    let across = wide(l.inputs);
    let tiles = select(0u, across * high(s.end - s.begin), number > 0u);
    for (var tile = s.thread / LANES; tile < tiles; tile += GROUP) {
        let row = s.begin + tile / across * ROWS;
        let left = tile % across * COLS * LANES + s.thread % LANES;
        with_weights(dy, w, l.outputs, row, left);
        for (var c = 0u; c < within(left, l.inputs); c += 1u) {
            for (var r = 0u; r < min(ROWS, s.end - row); r += 1u) {
                let n = (row + r) * l.inputs + left + c * LANES;
                let slope = sloped(signals[under.y + n], under.activation, params.inner);
                signals[under.dy + n] = sums[r * COLS + c] * slope;
            }
        }
    }
}

// The weights of a layer, and its biases: the weights of an input that is always 1. Tiles are dealt out from where the
// layer above left off, so that small layers are not all the first team's.
fn learn(s: Share, number: u32, dealt: u32, pace: Pace) -> u32 {
    let l = layer(number);
    let dy = Factor(l.dy, l.outputs, 1u, l.outputs);
    let x = Factor(below(number), l.inputs, 1u, l.inputs);
    let across = wide(l.inputs);
    let tiles = across * high(l.outputs);
    let teams = GROUP * s.groups;
    let team = GROUP * s.group + s.thread / LANES;
    for (var tile = (team + teams - dealt % teams) % teams; tile < tiles; tile += teams) {
        let row = tile / across * ROWS;
        let left = tile % across * COLS * LANES + s.thread % LANES;
        with_signals(dy, x, params.rows, row, left);
        let rows_here = min(ROWS, l.outputs - row);
        for (var c = 0u; c < within(left, l.inputs); c += 1u) {
            let at = l.at + row * l.inputs + left + c * LANES;
            var r = 0u;
            for (; r + FEW <= rows_here; r += FEW) {
                for (var e = 0u; e < FEW; e++) {
                    update(at + (r + e) * l.inputs, sums[(r + e) * COLS + c], pace);
                }
            }
            for (; r < rows_here; r += 1u) { update(at + r * l.inputs, sums[r * COLS + c], pace); }
        }
    }
    for (var out = THREADS * s.group + s.thread; out < l.outputs; out += THREADS * s.groups) {
        var bias = 0.0;
        for (var k = 0u; k < params.rows; k += 1u) { bias += signals[l.dy + k * l.outputs + out]; }
        update(l.at + l.inputs * l.outputs + out, bias, pace);
    }
    return dealt + tiles;
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) all: vec3<u32>,
) {
    let begin = min(id.x * params.span, params.rows);
    // Without rows all but the weights' learning is nothing.
    let end = select(min(begin + params.span, params.rows), begin, params.part == LEARN);
    let s = Share(thread, begin, end, id.x, all.x);
    for (var step = 0u; step < params.steps; step++) {
        gather(s);
        storageBarrier();
        for (var i = 0u; i < params.count; i++) {
            forward(s, i);
            storageBarrier();
        }
        loss(s);
        workgroupBarrier();
        if thread == 0u && params.part != LEARN { total(id.x); }
        if thread == 0u && params.part != LEARN && id.x == 0u { advance(); }
        if thread == 0u && params.part != PASS && id.x == 0u { tick(); }
        storageBarrier();
        let pace = Pace(clock[SIZE], clock[ROOT], clock[RATE]);
        var dealt = 0u;
        for (var n = 0u; n < params.count; n++) {
            let i = params.count - 1u - n;
            back(s, i);
            storageBarrier();
            // The layer below reads its own weights: it need not wait for these.
            if params.part != PASS { dealt = learn(s, i, dealt, pace); }
        }
        storageBarrier();
        workgroupBarrier();
    }
}
