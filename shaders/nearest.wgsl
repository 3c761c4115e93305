// best [rows, keep], places [rows, keep] = the `keep` smallest of themselves and of d [rows, cols], smallest first, and
// which they are: column c is place START + c. Of equal ones the lower place comes first. At START 0 the lists begin
// empty; an empty entry is MOST at place -1.
// One workgroup per row. Each thread knows the smallest of every 64th value; whose value was taken looks for its next.

struct Params {
    rows: u32,
    cols: u32,
    keep: u32,
}

const START = 2u;
const MOST = 0x1.fffffep+127f;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> d: array<f32>;
@group(0) @binding(2) var<storage, read> clock: array<f32>;
@group(0) @binding(3) var<storage, read_write> best: array<f32>;
@group(0) @binding(4) var<storage, read_write> places: array<f32>;

// A value and its place.
var<workgroup> heads: array<vec2<f32>, 64>;

fn before(one: vec2<f32>, other: vec2<f32>) -> bool {
    return one.x < other.x || (one.x == other.x && one.y < other.y);
}

// The smallest of a thread's values after `last`; `kept` is its entry of the list so far.
fn next(row: u32, thread: u32, start: f32, kept: vec2<f32>, last: vec2<f32>) -> vec2<f32> {
    var head = vec2<f32>(MOST, -1.0);
    if kept.x < MOST && before(last, kept) {
        head = kept;
    }
    for (var col = thread; col < params.cols; col += 64u) {
        let one = vec2<f32>(d[row * params.cols + col], start + f32(col));
        if one.x < MOST && before(one, head) && before(last, one) {
            head = one;
        }
    }
    return head;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let row = group.x;
    let thread = local.x;
    let start = clock[START];
    let entry = row * params.keep + thread;
    var kept = vec2<f32>(MOST, -1.0);
    // The host keeps no more than there are threads.
    if start > 0.0 && thread < params.keep {
        kept = vec2<f32>(best[entry], places[entry]);
    }
    // Distances are never below 0, so that all of them come after this.
    var head = next(row, thread, start, kept, vec2<f32>(-1.0, -1.0));
    for (var i = 0u; i < params.keep; i++) {
        heads[thread] = head;
        workgroupBarrier();
        for (var half = 32u; half > 0u; half /= 2u) {
            if thread < half && before(heads[thread + half], heads[thread]) {
                heads[thread] = heads[thread + half];
            }
            workgroupBarrier();
        }
        let taken = heads[0];
        // All have read it before the next round overwrites it.
        workgroupBarrier();
        if thread == 0u {
            best[row * params.keep + i] = taken.x;
            places[row * params.keep + i] = taken.y;
        }
        if taken.x < MOST && head.y == taken.y {
            head = next(row, thread, start, kept, taken);
        }
    }
}
