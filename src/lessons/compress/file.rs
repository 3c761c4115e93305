//! A file of compressed inputs that holds all it takes to decode them: packed codes, their ranges, and the decoder.
//! `docs/FORMATS.md` describes it byte by byte. Files come from strangers: every number is checked before it is believed.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::quantiser::Quantiser;
use crate::lessons::recipe::limits;
use crate::nn::NetworkSpec;
use crate::nn::spec::{Activation, LayerSpec};
use crate::words;
pub use crc32fast::hash as crc32;
use half::f16;

/// The first bytes. The first is no text, and the last four change where a transfer takes them for text (as PNG's).
pub const MAGIC: [u8; 8] = [0x89, b'H', b'G', b'C', b'\r', b'\n', 0x1a, b'\n'];
/// The version that is written, and the only one that is read.
pub const VERSION: u16 = 1;
/// The end of the file's name.
pub const EXTENSION: &str = "hgc";
/// Bytes that are read at most.
pub const MOST_BYTES: usize = 64 << 20;
/// Inputs in a file at most.
pub const MOST_INPUTS: u32 = 100_000;
/// Layers of a decoder at most.
const MOST_LAYERS: u32 = *limits::LAYERS.end() as u32 + 1;
/// Values of an input at most: as many as a hidden layer's.
const MOST_VALUES: u32 = *limits::WIDTH.end();
/// Bytes before the name of the data.
const HEADER: usize = 40;

/// Compressed inputs, with what decodes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Compressed {
    /// The slug of the data set that they are of.
    pub data: String,
    /// Which of its test set is the first one.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// Rows and columns of an input.
    pub shape: (u32, u32),
    /// Values are pixels, 0..1: what the decoder gives beyond is cut.
    pub unit: bool,
    /// How codes are rounded.
    pub quantiser: Quantiser,
    /// The decoder alone: from z to an input.
    pub decoder: NetworkSpec,
    /// Its weights, as in [`crate::nn::Weights`].
    pub weights: Vec<f32>,
    /// They are stored as f16, half of the size.
    pub half: bool,
    /// The levels of all codes.
    pub packed: Vec<u8>,
}

/// What is wrong with a file: where, how much, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Another kind of file.
    #[error("{}", words!("this is no file of compressed inputs: it begins with {got:02x?} and not with {MAGIC:02x?}; choose another"))]
    Magic {
        /// Its first bytes.
        got: Vec<u8>,
    },
    /// Of another version.
    #[error("{}", words!("the file is of version {got} and version {VERSION} is read: use the page or program that wrote it"))]
    Version {
        /// Its version.
        got: u16,
    },
    /// Fewer bytes than the header promises, or than a header needs.
    #[error("{}", words!("the file ends after {got} of {needed} bytes, in {part}: it looks cut off, get it again"))]
    Truncated {
        /// What is missing.
        part: &'static str,
        /// Bytes that are there.
        got: u64,
        /// Bytes that should be.
        needed: u64,
    },
    /// More bytes than the header promises.
    #[error("{}", words!("the file has {got} bytes where its header promises {needed}: it is damaged, get it again"))]
    TooLong {
        /// Bytes that are there.
        got: u64,
        /// Bytes that should be.
        needed: u64,
    },
    /// More than is read.
    #[error("{}", words!("the file has {got} bytes, and at most {MOST_BYTES} are read: take fewer inputs or narrower layers"))]
    TooLarge {
        /// Its size.
        got: usize,
    },
    /// A number outside its range.
    #[error("{}", words!("{what}, at byte {at}, is {got}: it must be from {least} to {most}; the file is damaged, get it again"))]
    Range {
        /// Which.
        what: &'static str,
        /// Where it stands.
        at: usize,
        /// What it is.
        got: u64,
        /// The least that it may be.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A range that is none.
    #[error("{}", words!("the range of z{index}, at byte {at}, is {low} to {high}: both must be numbers, the first not above the second"))]
    NoRange {
        /// Which value of z.
        index: u32,
        /// Where it stands.
        at: usize,
        /// Its ends, as text.
        low: String,
        /// Likewise.
        high: String,
    },
    /// NaN or infinity.
    #[error("{}", words!("weight {index} of the decoder, at byte {at}, is not finite: the file is damaged, get it again"))]
    NotFinite {
        /// Which, in the order of the file.
        index: usize,
        /// Where it stands.
        at: usize,
    },
    /// The name of the data is none.
    #[error("{}", words!("the name of the data, at byte {at}, is not of small letters, digits and hyphens: the file is damaged"))]
    Name {
        /// Where it stands.
        at: usize,
    },
    /// The decoder does not end in inputs of this shape.
    #[error("{}", words!("the decoder makes {got} values and an input has {expected}: the file is damaged, get it again"))]
    Shape {
        /// Values that come out of the decoder.
        got: u32,
        /// Rows times columns.
        expected: u64,
    },
    /// Something changed on the way.
    #[error("{}", words!("the file's checksum is {said:08x} and its bytes have {found:08x}: it is damaged, get it again"))]
    Checksum {
        /// In the file.
        said: u32,
        /// Of the bytes.
        found: u32,
    },
}

impl Compressed {
    /// The file.
    ///
    /// # Errors
    /// It would be larger than what is read.
    pub fn write(&self) -> Result<Vec<u8>, FileError> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        let name: Vec<u8> = self.data.bytes().take(255).collect();
        out.extend([self.quantiser.bits as u8, self.unit.into(), if self.half { 2 } else { 4 }, name.len() as u8]);
        let z = self.decoder.inputs();
        let layers = &self.decoder.layers;
        let (rows, columns) = self.shape;
        // Two bytes that keep what follows at multiples of four.
        out.extend([0, 0]);
        for word in [self.first, self.count, rows, columns, z, layers.len() as u32] {
            out.extend(word.to_le_bytes());
        }
        out.extend(name);
        for layer in layers {
            out.extend(layer.outputs.to_le_bytes());
            out.extend(layer.activation.code().to_le_bytes());
        }
        out.extend(self.quantiser.ranges.iter().flatten().flat_map(|end| end.to_le_bytes()));
        match self.half {
            true => out.extend(self.weights.iter().flat_map(|&w| f16::from_f32(w).to_le_bytes())),
            false => out.extend(self.weights.iter().flat_map(|w| w.to_le_bytes())),
        }
        out.extend(&self.packed);
        let checksum = crc32(&out);
        out.extend(checksum.to_le_bytes());
        if out.len() > MOST_BYTES {
            return Err(FileError::TooLarge { got: out.len() });
        }
        Ok(out)
    }

    /// What a file says.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() > MOST_BYTES {
            return Err(FileError::TooLarge { got: bytes.len() });
        }
        if bytes.is_empty() || bytes.iter().zip(&MAGIC).any(|(byte, magic)| byte != magic) {
            return Err(FileError::Magic { got: bytes.iter().copied().take(MAGIC.len()).collect() });
        }
        let mut reader = Reader { bytes, at: MAGIC.len() };
        reader.wants(HEADER as u64, "its header")?;
        let version = u16::from_le_bytes(reader.take());
        if version != VERSION {
            return Err(FileError::Version { got: version });
        }
        let bits = reader.byte("the number of bits", 1, 8)?;
        let unit = reader.byte("the kind of values", 0, 1)? == 1;
        let size = reader.byte("the size of a weight", 2, 4)?;
        if size == 3 {
            return Err(FileError::Range { what: "the size of a weight", at: 12, got: 3, least: 2, most: 4 });
        }
        let name = reader.byte("the length of the data's name", 0, 255)?;
        reader.at += 2;
        let first = reader.word("the first input's number", 0, u32::MAX)?;
        let count = reader.word("the number of inputs", 1, MOST_INPUTS)?;
        let rows = reader.word("the number of rows", 1, MOST_VALUES)?;
        let columns = reader.word("the number of columns", 1, MOST_VALUES)?;
        let z = reader.word("z", *limits::Z.start(), *limits::Z.end())?;
        let count_of_layers = reader.word("the number of layers", 1, MOST_LAYERS)?;

        // Small numbers all: their sum is no risk.
        let before_ranges = HEADER as u64 + u64::from(name) + 8 * u64::from(count_of_layers);
        reader.wants(before_ranges + 8 * u64::from(z), "its layers and ranges")?;
        let data = reader.name(name as usize)?;
        let mut layers: Vec<LayerSpec> = Vec::new();
        for _ in 0..count_of_layers {
            let outputs = reader.word("the width of a layer", 1, MOST_VALUES)?;
            let codes = Activation::ALL.len() as u32 - 1;
            let code = reader.word("the activation of a layer", 0, codes)?;
            let activation = Activation::ALL.into_iter().find(|activation| activation.code() == code);
            let inputs = layers.last().map_or(z, |layer| layer.outputs);
            layers.push(LayerSpec { inputs, outputs, activation: activation.unwrap_or_default() });
        }
        let decoder = NetworkSpec { layers, encoder: 0 };
        let (made, expected) =
            (decoder.layers.last().map_or(0, |layer| layer.outputs), u64::from(rows) * u64::from(columns));
        if u64::from(made) != expected {
            return Err(FileError::Shape { got: made, expected });
        }
        let ranges = (0..z).map(|index| reader.range(index)).collect::<Result<Vec<_>, _>>()?;

        // At most 7 layers of 4097 x 4096 weights: far from what these numbers hold.
        let (parameters, size) = (decoder.parameters() as u64, u64::from(size));
        let packed = (u64::from(count) * u64::from(z) * u64::from(bits)).div_ceil(8);
        let needed = reader.at as u64 + parameters * size + packed + 4;
        reader.wants(needed, "its decoder and codes")?;
        if bytes.len() as u64 > needed {
            return Err(FileError::TooLong { got: bytes.len() as u64, needed });
        }
        let (content, checksum) = bytes.split_at(bytes.len() - 4);
        let said = checksum.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
        let found = crc32(content);
        if said != found {
            return Err(FileError::Checksum { said, found });
        }
        let weights = reader.weights(parameters as usize, size == 2)?;
        let packed = content.get(reader.at..).unwrap_or_default().to_vec();
        let quantiser = Quantiser { bits, ranges };
        let shape = (rows, columns);
        Ok(Self { data, first, count, shape, unit, quantiser, decoder, weights, half: size == 2, packed })
    }

    /// The codes, as they come back, \[count, z\].
    pub fn codes(&self) -> Vec<f32> {
        self.first_codes(self.count)
    }

    /// Those of the first inputs, `most` at most: one bit in the file is four bytes here.
    pub fn first_codes(&self, most: u32) -> Vec<f32> {
        self.quantiser.unpack(&self.packed, self.count.min(most) as usize)
    }
}

/// Whether all of these weights can be stored as f16.
pub fn fit_half(weights: &[f32]) -> bool {
    weights.iter().all(|&weight| f16::from_f32(weight).is_finite())
}

/// A place in the bytes. What it takes has to be there: ask [`Reader::wants`] first.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn wants(&self, needed: u64, part: &'static str) -> Result<(), FileError> {
        let got = self.bytes.len() as u64;
        if got < needed { Err(FileError::Truncated { part, got, needed }) } else { Ok(()) }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).copied();
        self.at += N;
        taken.unwrap_or([0; N])
    }

    fn within(&self, what: &'static str, size: usize, got: u32, [least, most]: [u32; 2]) -> Result<u32, FileError> {
        if (least..=most).contains(&got) {
            return Ok(got);
        }
        let [got, least, most] = [got, least, most].map(u64::from);
        Err(FileError::Range { what, at: self.at - size, got, least, most })
    }

    fn byte(&mut self, what: &'static str, least: u32, most: u32) -> Result<u32, FileError> {
        let [byte] = self.take();
        self.within(what, 1, byte.into(), [least, most])
    }

    fn word(&mut self, what: &'static str, least: u32, most: u32) -> Result<u32, FileError> {
        let word = u32::from_le_bytes(self.take());
        self.within(what, 4, word, [least, most])
    }

    fn name(&mut self, len: usize) -> Result<String, FileError> {
        let at = self.at;
        self.at += len;
        let name = self.bytes.get(at..self.at).unwrap_or_default();
        let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        if !name.iter().all(good) {
            return Err(FileError::Name { at });
        }
        Ok(String::from_utf8_lossy(name).into_owned())
    }

    fn range(&mut self, index: u32) -> Result<[f32; 2], FileError> {
        let at = self.at;
        let [low, high] = [(); 2].map(|()| f32::from_le_bytes(self.take()));
        if low.is_finite() && high.is_finite() && low <= high {
            return Ok([low, high]);
        }
        Err(FileError::NoRange { index, at, low: low.to_string(), high: high.to_string() })
    }

    fn weights(&mut self, count: usize, half: bool) -> Result<Vec<f32>, FileError> {
        let from = self.at;
        let size = if half { 2 } else { 4 };
        self.at += count * size;
        let stored = self.bytes.get(from..self.at).unwrap_or_default();
        let weights: Vec<f32> = match half {
            true => stored.as_chunks().0.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f32()).collect(),
            false => stored.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        };
        match weights.iter().position(|weight| !weight.is_finite()) {
            Some(index) => Err(FileError::NotFinite { index, at: from + index * size }),
            None => Ok(weights),
        }
    }
}
