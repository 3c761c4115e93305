//! Weights as safetensors, with the names and shapes that PyTorch's `load_state_dict(strict=True)` takes for
//! `encoder = nn.Sequential(nn.Linear(..), nn.ReLU(), ..)` and `decoder` likewise: `encoder.0.weight` [out, in],
//! `encoder.0.bias` [out], `encoder.2.weight`, ...
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::spec::NetworkSpec;
use crate::words;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};
use std::collections::HashMap;

/// Bytes of a file that are read at most.
pub const MOST_BYTES: usize = 64 << 20;
/// Bytes of its header.
const MOST_HEADER: u64 = 1 << 20;
/// Its tensors: more than any network of the page has.
const MOST_TENSORS: usize = 256;
/// Letters of a name from a file, and names, that a message shows.
const MOST_SHOWN: usize = 40;

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    F32,
    /// Half of the size, for weights that ship with the page.
    F16 {
        /// Bits of the mantissa that are kept, 1 to 10. The others are zeros, which a server's compression removes.
        bits: u32,
    },
}

/// Why a file holds no weights for a network.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// More than any network of the page needs.
    #[error("{}", words!("the file has {got} bytes, at most {MOST_BYTES} are read"))]
    TooLarge {
        /// Its size.
        got: usize,
    },
    /// A header that would take longer to read than any that was written for a network.
    #[error("{}", words!("the file's header has {got} bytes, at most {MOST_HEADER} are read"))]
    Header {
        /// Its size, as the file says it.
        got: u64,
    },
    /// More tensors than any network has.
    #[error("{}", words!("the file has {got} tensors, at most {MOST_TENSORS} are read"))]
    Many {
        /// How many.
        got: usize,
    },
    /// Not safetensors, or damaged.
    #[error("{}", words!("this is no readable safetensors file: {_0}"))]
    Unreadable(#[from] SafeTensorError),
    /// A tensor that the network needs.
    #[error("{}", words!("the file has no tensor {name}; it has {has}"))]
    Missing {
        /// The name.
        name: String,
        /// The names that are there.
        has: String,
    },
    /// Tensors that the network has no place for.
    #[error("{}", words!("the file has {got} tensors, this network has {expected}: it belongs to another network"))]
    Surplus {
        /// In the file.
        got: usize,
        /// In the network.
        expected: usize,
    },
    /// A tensor of another network.
    #[error("{}", words!("tensor {name} has shape {got:?}, this network needs {expected:?}"))]
    Shape {
        /// The name.
        name: String,
        /// In the file.
        got: Vec<usize>,
        /// In the network.
        expected: Vec<usize>,
    },
    /// A type that is not read.
    #[error("{}", words!("tensor {name} holds {got:?}; F32 and F16 are read"))]
    Type {
        /// The name.
        name: String,
        /// Its type.
        got: Dtype,
    },
    /// NaN or infinity.
    #[error("{}", words!("tensor {name} has a value that is not finite at place {place}"))]
    NotFinite {
        /// The name.
        name: String,
        /// Its index, row by row.
        place: usize,
    },
}

/// Name, shape and place of every tensor of a network, in the order of the flat weights.
pub fn tensors(spec: &NetworkSpec) -> Vec<(String, Vec<usize>)> {
    let mut all = Vec::new();
    for (i, layer) in spec.layers.iter().enumerate() {
        // Sequential counts the activations too.
        let (part, at) = if i < spec.encoder { ("encoder", 2 * i) } else { ("decoder", 2 * (i - spec.encoder)) };
        let (outputs, inputs) = (layer.outputs as usize, layer.inputs as usize);
        all.push((format!("{part}.{at}.weight"), vec![outputs, inputs]));
        all.push((format!("{part}.{at}.bias"), vec![outputs]));
    }
    all
}

/// A file of these weights (laid out as in [`super::Weights`]), with `metadata` in its header.
///
/// # Errors
/// Only if the weights do not fit the network.
pub fn write(
    spec: &NetworkSpec,
    weights: &[f32],
    precision: Precision,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, CheckpointError> {
    let (bytes, dtype, size): (Vec<u8>, _, _) = match precision {
        Precision::F32 => (weights.iter().flat_map(|w| w.to_le_bytes()).collect(), Dtype::F32, 4),
        Precision::F16 { bits } => {
            (weights.iter().flat_map(|&w| rounded(w, bits).to_le_bytes()).collect(), Dtype::F16, 2)
        }
    };
    let mut at = 0;
    let mut views = Vec::new();
    for (name, shape) in tensors(spec) {
        let end = at + shape.iter().product::<usize>() * size;
        let data = bytes.get(at..end).unwrap_or_default();
        views.push((name, TensorView::new(dtype, shape, data)?));
        at = end;
    }
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// The nearest f16 with a mantissa of so many bits.
fn rounded(weight: f32, bits: u32) -> f16 {
    let dropped = 10_u32.saturating_sub(bits);
    let half = f16::from_f32(weight).to_bits();
    // Adding half of the last place carries into the exponent where it must, as rounding does.
    let up = half.saturating_add((1 << dropped) >> 1);
    f16::from_bits(up & (u16::MAX << dropped))
}

/// The sizes, before the header is read. A header that is longer than its file is no header: another kind of file.
fn check(bytes: &[u8]) -> Result<(), CheckpointError> {
    if bytes.len() > MOST_BYTES {
        return Err(CheckpointError::TooLarge { got: bytes.len() });
    }
    match bytes.first_chunk().map(|&len| u64::from_le_bytes(len)) {
        Some(got) if got > MOST_HEADER && got < bytes.len() as u64 => Err(CheckpointError::Header { got }),
        _ => Ok(()),
    }
}

fn opened(bytes: &[u8]) -> Result<SafeTensors<'_>, CheckpointError> {
    check(bytes)?;
    let file = SafeTensors::deserialize(bytes)?;
    if file.len() > MOST_TENSORS {
        return Err(CheckpointError::Many { got: file.len() });
    }
    Ok(file)
}

/// What a file has in place of this tensor. Its names are a stranger's: only some are shown, and the start of each.
fn missing(file: &SafeTensors<'_>, name: String) -> CheckpointError {
    let mut has = file.names();
    has.sort_unstable();
    let shown: Vec<String> = has.iter().take(MOST_SHOWN).map(|name| name.chars().take(MOST_SHOWN).collect()).collect();
    let more = if has.len() > shown.len() { ", …" } else { "" };
    CheckpointError::Missing { name, has: shown.join(", ") + more }
}

/// A shape for a message: a stranger's may be of any rank.
fn shown_shape(tensor: &TensorView<'_>) -> Vec<usize> {
    tensor.shape().iter().copied().take(MOST_SHOWN).collect()
}

/// The header's metadata.
///
/// # Errors
/// The file is too large or no safetensors.
pub fn metadata(bytes: &[u8]) -> Result<HashMap<String, String>, CheckpointError> {
    check(bytes)?;
    Ok(SafeTensors::read_metadata(bytes)?.1.metadata().clone().unwrap_or_default())
}

/// What a file's shapes say of its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widths {
    /// From x to z.
    pub encoder: Vec<u32>,
    /// From z to x̂.
    pub decoder: Vec<u32>,
}

/// The widths of a file's layers, by the names and shapes of its weights.
///
/// # Errors
/// The file is too large or no safetensors, or a part has no layers, or one that does not go on from the one before.
pub fn widths(bytes: &[u8]) -> Result<Widths, CheckpointError> {
    let file = opened(bytes)?;
    let part = |part: &str| {
        let mut widths = Vec::new();
        // Sequential counts the activations too.
        for at in (0..).step_by(2) {
            let name = format!("{part}.{at}.weight");
            let Ok(tensor) = file.tensor(&name) else {
                if !widths.is_empty() {
                    return Ok(widths);
                }
                return Err(missing(&file, name));
            };
            let before = widths.last().copied();
            let counts = tensor.shape().iter().map(|&count| u32::try_from(count).ok().filter(|&count| count > 0));
            match counts.collect::<Option<Vec<u32>>>().as_deref() {
                Some(&[outputs, inputs]) if before.is_none_or(|before| before == inputs) => {
                    if before.is_none() {
                        widths.push(inputs);
                    }
                    widths.push(outputs);
                }
                _ => {
                    let got = shown_shape(&tensor);
                    let expected = vec![got.first().copied().unwrap_or(1).max(1), before.unwrap_or(1) as usize];
                    return Err(CheckpointError::Shape { name, got, expected });
                }
            }
        }
        Ok(widths)
    };
    Ok(Widths { encoder: part("encoder")?, decoder: part("decoder")? })
}

/// The weights of a file, laid out as in [`super::Weights`], if they are exactly those of this network.
///
/// # Errors
/// The first thing that does not fit, with its name and numbers.
pub fn read(bytes: &[u8], spec: &NetworkSpec) -> Result<Vec<f32>, CheckpointError> {
    let file = opened(bytes)?;
    let expected = tensors(spec);
    // A network that its file does not hold gets no memory.
    let mut weights = Vec::with_capacity(spec.parameters().min(bytes.len() / 2));
    for (name, shape) in &expected {
        let Ok(tensor) = file.tensor(name) else {
            return Err(missing(&file, name.clone()));
        };
        if tensor.shape() != shape.as_slice() {
            let (got, expected) = (shown_shape(&tensor), shape.clone());
            return Err(CheckpointError::Shape { name: name.clone(), got, expected });
        }
        let start = weights.len();
        match tensor.dtype() {
            Dtype::F32 => weights.extend(tensor.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b))),
            Dtype::F16 => {
                weights.extend(tensor.data().as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()));
            }
            got => return Err(CheckpointError::Type { name: name.clone(), got }),
        }
        if let Some(place) = weights.iter().skip(start).position(|w| !w.is_finite()) {
            return Err(CheckpointError::NotFinite { name: name.clone(), place });
        }
    }
    if file.len() != expected.len() {
        return Err(CheckpointError::Surplus { got: file.len(), expected: expected.len() });
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file whose header says that it is so long.
    fn file(header: u64, bytes: usize) -> Vec<u8> {
        let mut file = header.to_le_bytes().to_vec();
        file.resize(bytes, b' ');
        file
    }

    #[test]
    fn a_header_is_too_long_only_in_a_file_that_has_it() {
        let long = metadata(&file(MOST_HEADER + 1, 2 << 20));
        assert!(matches!(long, Err(CheckpointError::Header { got }) if got == MOST_HEADER + 1), "{long:?}");
        let other = metadata(b"not weights");
        assert!(matches!(other, Err(CheckpointError::Unreadable(_))), "{other:?}");
    }
}
