//! A data set that lies on the device for as long as it is trained on.
use crate::compute::{Buffer, Call, Device, Held, Words};
use crate::kernels::clock;
use crate::kernels::gather::{GATHER, Gather};
use crate::kernels::random;
use crate::words;

/// A data set's values, row after row.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// value · 255, as pictures are stored: a quarter of the memory.
    Bytes(&'a [u8]),
    /// As they are.
    Floats(&'a [f32]),
}

/// A data set on a device.
#[derive(Clone)]
pub struct Resident {
    words: Words,
    bytes: bool,
    /// Inputs.
    pub len: u32,
    /// Values per input.
    pub cols: u32,
}

/// Why a data set can't lie on a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResidentError {
    /// No rows, or rows of nothing.
    #[error("{}", words!("the data set is empty: {values} values in rows of {cols}"))]
    Empty {
        /// Values in all.
        values: usize,
        /// Values per input.
        cols: u32,
    },
    /// The rows don't come out even.
    #[error("{}", words!("{values} values do not divide into rows of {cols}"))]
    Ragged {
        /// Values in all.
        values: usize,
        /// Values per input.
        cols: u32,
    },
    /// More than the clock can count.
    #[error("{}", words!("the data set has {len} inputs, at most {most} can be trained on: use a part of it"))]
    TooMany {
        /// Inputs.
        len: usize,
        /// The limit.
        most: u32,
    },
    /// More than one binding holds under WebGPU's default limits.
    #[error("{}", words!("the data set takes {mib} MiB, at most 128 fit on a GPU in one piece: use a part of it"))]
    TooLarge {
        /// Its size.
        mib: usize,
    },
}

/// Bytes in one binding under WebGPU's default limits.
pub const BINDING: usize = 128 << 20;

impl Resident {
    /// Puts a data set with `cols` values per input on a device.
    ///
    /// # Errors
    /// It is empty, ragged, or too large: see [`ResidentError`].
    pub fn new(device: &Device, rows: Rows, cols: u32) -> Result<Self, ResidentError> {
        Self::held(device, rows, cols, None)
    }

    /// The same of rows whose memory a processor may read too, where that is made of whole words (in the order of this
    /// processor's bytes, which has to be the GPU's).
    ///
    /// # Errors
    /// As [`Resident::new`].
    pub fn held(device: &Device, rows: Rows, cols: u32, held: Option<Held>) -> Result<Self, ResidentError> {
        let (values, size) = match rows {
            Rows::Bytes(b) => (b.len(), b.len()),
            Rows::Floats(f) => (f.len(), f.len() * 4),
        };
        if values == 0 || cols == 0 {
            return Err(ResidentError::Empty { values, cols });
        }
        if values % cols as usize != 0 {
            return Err(ResidentError::Ragged { values, cols });
        }
        let len = values / cols as usize;
        if len > clock::MOST as usize {
            return Err(ResidentError::TooMany { len, most: clock::MOST });
        }
        if size > BINDING {
            return Err(ResidentError::TooLarge { mib: size.div_ceil(1 << 20) });
        }
        let all: &[u8] = match rows {
            Rows::Bytes(bytes) => bytes,
            Rows::Floats(floats) => bytemuck::cast_slice(floats),
        };
        let is_all = |held: &Held| std::ptr::eq(bytemuck::cast_slice::<_, u8>((**held).as_ref()), all);
        let words = device.packed(all, held.filter(|held| u32::from_le(1) == 1 && is_all(held)));
        let bytes = matches!(rows, Rows::Bytes(_));
        Ok(Self { words, bytes, len: len as u32, cols })
    }

    /// Its values, for kernels.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Whether they are bytes, four to a word.
    pub fn is_bytes(&self) -> bool {
        self.bytes
    }

    /// The call that writes the next `rows` inputs into `x`, in an order of its own each epoch if there is a seed.
    pub fn gather(&self, device: &Device, rows: u32, seed: Option<u64>, clock: &Buffer, x: &Buffer) -> Call {
        let [seed_low, seed_high] = random::words(seed.unwrap_or(0));
        let params = device.uniform(Gather {
            rows,
            cols: self.cols,
            len: self.len,
            bytes: self.bytes.into(),
            shuffle: seed.is_some().into(),
            seed_low,
            seed_high,
        });
        GATHER.call_with(&params, [&self.words], [clock], [x])
    }
}
