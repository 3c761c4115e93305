// sum [rows, cols] += x. One workgroup per row; its threads take every 64th value.

struct Params {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    for (var col = local.x; col < params.cols; col += 64u) {
        sum[group.x * params.cols + col] += x[group.x * params.cols + col];
    }
}
