//! Plans that do nothing but arithmetic, nothing but moving memory, and nothing at all: an adapter's limits.
use crate::compute::{Device, Plan};
use crate::kernels::limits::{PEAK, Peak, STREAM, Stream};

/// A plan of one call of arithmetic, and its multiplications and additions.
pub fn arithmetic(device: &Device, len: u32, rounds: u32) -> (Plan, f64) {
    let params = Peak { len, rounds };
    let flops = params.flops();
    (device.plan(vec![PEAK.call(&device.uniform(params), [], [&device.zeros(len as usize)])]), flops)
}

/// A plan of one call that copies so many values, a multiple of 4, and the bytes that it reads and writes.
pub fn memory(device: &Device, len: u32) -> (Plan, f64) {
    let (x, y) = (device.zeros(len as usize), device.zeros(len as usize));
    (device.plan(vec![STREAM.call(&device.uniform(Stream { len }), [&x], [&y])]), 8.0 * f64::from(len))
}

/// A plan of one call that does next to nothing.
pub fn nothing(device: &Device) -> Plan {
    arithmetic(device, 1, 0).0
}
