//! A part of a network, or one that is trained already, where it only computes.
use super::network::{Weights, offsets};
use super::spec::NetworkSpec;
use crate::compute::Device;

/// Weights on a device that no training changes: without the optimiser's moments, a third of the memory.
pub fn still(device: &Device, spec: &NetworkSpec, values: &[f32]) -> Weights {
    let none = device.zeros(1);
    let at = offsets(spec);
    Weights { spec: spec.clone(), at, values: device.buffer(values), first: none.clone(), second: none, beside: None }
}

/// The encoder of a network as one of its own.
pub fn encoder(spec: &NetworkSpec) -> NetworkSpec {
    NetworkSpec { layers: spec.layers[..spec.encoder].to_vec(), encoder: spec.encoder }
}

/// Its part of the weights, which are the first.
pub fn encoder_values<'a>(spec: &NetworkSpec, values: &'a [f32]) -> &'a [f32] {
    &values[..encoder(spec).parameters()]
}

/// The decoder of a network as one of its own, from z to x̂, with its part of the weights. What training has beside the
/// network comes after them.
pub fn decoder<'a>(spec: &NetworkSpec, values: &'a [f32]) -> (NetworkSpec, &'a [f32]) {
    let layers = spec.layers[spec.encoder..].to_vec();
    let own: usize = layers.iter().map(|layer| layer.parameters()).sum();
    let end = spec.parameters();
    (NetworkSpec { layers, encoder: 0 }, &values[end - own..end])
}
