// y [i] = the sum of eight chains of multiply-adds, four links in a round: nothing but arithmetic, to see how fast it can
// be at most.

struct Params {
    len: u32,
    rounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

// Four links of a chain that tends to 2: x / 2 + 1, again and again.
fn links(x: f32) -> f32 {
    return fma(fma(fma(fma(x, 0.5, 1.0), 0.5, 1.0), 0.5, 1.0), 0.5, 1.0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    if global.x >= params.len {
        return;
    }
    let x = f32(global.x % 64u);
    var a = x;
    var b = x + 1.0;
    var c = x + 2.0;
    var d = x + 3.0;
    var e = x + 4.0;
    var f = x + 5.0;
    var g = x + 6.0;
    var h = x + 7.0;
    for (var round = 0u; round < params.rounds; round++) {
        a = links(a);
        b = links(b);
        c = links(c);
        d = links(d);
        e = links(e);
        f = links(f);
        g = links(g);
        h = links(h);
    }
    y[global.x] = a + b + c + d + e + f + g + h;
}
