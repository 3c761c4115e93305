//! IDX, the format of MNIST: a magic number, sizes, then bytes in row-major order.
//!
//! Big-endian throughout: two zeros, the type (0x08, unsigned bytes, is the only one read), the rank, one u32
//! per dimension, then the values. Described by Y. LeCun, C. Cortes, C. Burges, "The MNIST database".
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::{DataError, Shape, error::grouped};
use crate::words;

/// The type byte of unsigned bytes.
const BYTES: u8 = 0x08;

/// The contents of an IDX file of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    /// One size for labels, three (count, rows, cols) for pictures.
    pub sizes: Vec<u32>,
    /// As many as the product of the sizes, row-major.
    pub values: Vec<u8>,
}

/// Reads an unpacked IDX file. It reuses the given memory, so that no second copy of the pictures exists.
///
/// # Errors
/// If it is of another type or rank, empty, cut off, or longer than its header says.
pub fn parse(mut bytes: Vec<u8>) -> Result<Idx, DataError> {
    let got = bytes.len() as u64;
    let Some(&[zero0, zero1, kind, rank]) = bytes.first_chunk::<4>() else {
        return Err(DataError::Truncated { got, needed: 4 });
    };
    if (zero0, zero1) != (0, 0) {
        return Err(DataError::NotIdx {
            reason: words!("it starts with the bytes {zero0:02x} {zero1:02x}, and an IDX file with 00 00"),
        });
    }
    if kind != BYTES {
        return Err(DataError::NotIdx {
            reason: words!("its values are of type 0x{kind:02x}, and only 0x08 (bytes) is read here"),
        });
    }
    if rank != 1 && rank != 3 {
        return Err(DataError::NotIdx {
            reason: words!("it has {rank} dimensions, and labels have 1 (count), pictures 3 (count, rows, cols)"),
        });
    }
    let header = 4 + 4 * usize::from(rank);
    let Some(sizes) = bytes.get(4..header) else {
        return Err(DataError::Truncated { got, needed: header as u64 });
    };
    let sizes: Vec<u32> = sizes.as_chunks::<4>().0.iter().map(|&size| u32::from_be_bytes(size)).collect();
    // In u64 with checks: three sizes of 2^32 - 1 do not fit.
    let needed = sizes
        .iter()
        .try_fold(1u64, |product, &size| product.checked_mul(u64::from(size)))
        .and_then(|product| product.checked_add(header as u64))
        .ok_or_else(|| DataError::NotIdx {
            reason: words!(
                "its header promises {} values",
                sizes.iter().map(|&n| grouped(n.into())).collect::<Vec<_>>().join(" × ")
            ),
        })?;
    if needed == header as u64 {
        return Err(DataError::Empty(if rank == 1 { "label" } else { "picture" }));
    }
    if got < needed {
        return Err(DataError::Truncated { got, needed });
    }
    if got > needed {
        return Err(DataError::TooLong { got, needed });
    }
    bytes.drain(..header);
    Ok(Idx { sizes, values: bytes })
}

impl Idx {
    /// How one picture is laid out.
    ///
    /// # Errors
    /// If these are labels.
    pub fn picture(&self) -> Result<Shape, DataError> {
        match *self.sizes.as_slice() {
            [_, rows, cols] => Ok(Shape { rows: rows as usize, cols: cols as usize }),
            _ => Err(DataError::NotIdx { reason: "it holds labels where pictures are needed".into() }),
        }
    }

    /// The labels, one per picture.
    ///
    /// # Errors
    /// If these are pictures.
    pub fn into_labels(self) -> Result<Vec<u8>, DataError> {
        match *self.sizes.as_slice() {
            [_] => Ok(self.values),
            _ => Err(DataError::NotIdx { reason: "it holds pictures where labels are needed".into() }),
        }
    }
}
