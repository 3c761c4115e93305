//! Unpacking gzip (RFC 1952) piece by piece, never beyond a limit, with its checksum.
use super::DataError;
use flate2::bufread::MultiGzDecoder;
use std::io::{Cursor, ErrorKind, Read};

/// The first two bytes of every gzip file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The most that one file may unpack to: 256 MiB, what a page may use on a desktop.
/// Sixteen bytes of gzip per 16 KiB of output are possible, so a small file can ask for any amount.
pub const MOST_UNPACKED: usize = 256 << 20;

/// Deflate can't pack better than 1032 to 1, so that no more than this is ever reserved ahead.
const BEST_RATIO: u64 = 1032;

/// The bytes of a file being unpacked, as many per step as the caller has time for.
///
/// A file that does not start like gzip is taken as it is: some hosts unpack on the way.
/// ```
/// # use hourglass::data::gzip::Unpacker;
/// let mut unpacker = Unpacker::new(b"not packed".to_vec(), 1000);
/// while !unpacker.step(1 << 20)? {
///     // answer messages
/// }
/// assert_eq!(unpacker.finish()?, b"not packed");
/// # Ok::<(), hourglass::data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Unpacker {
    state: State,
    most: usize,
}

#[derive(Debug)]
enum State {
    Packed { decoder: Box<MultiGzDecoder<Cursor<Vec<u8>>>>, packed: u64, out: Vec<u8> },
    Done(Vec<u8>),
    Failed(DataError),
}

impl Unpacker {
    /// Takes the whole file; at most `most` bytes may come out of it.
    pub fn new(bytes: Vec<u8>, most: usize) -> Self {
        if !is_packed(&bytes) {
            let state =
                if bytes.len() > most { State::Failed(too_large(bytes.len(), most)) } else { State::Done(bytes) };
            return Self { state, most };
        }
        let packed = bytes.len() as u64;
        // The last four bytes say the length (mod 2^32). A hint: a damaged file may say anything.
        let hint = bytes.last_chunk::<4>().map_or(0, |&length| u64::from(u32::from_le_bytes(length)));
        let hint = hint.min(packed * BEST_RATIO).min(most as u64) as usize;
        let decoder = Box::new(MultiGzDecoder::new(Cursor::new(bytes)));
        // One byte more than the hint, so that the end is seen without growing.
        Self { state: State::Packed { decoder, packed, out: Vec::with_capacity(hint + 1) }, most }
    }

    /// Unpacks up to `max_out` more bytes (at least one). True: all is done.
    ///
    /// # Errors
    /// If the file is cut off or damaged, or unpacks to more than is allowed; and the same again when asked again.
    pub fn step(&mut self, max_out: usize) -> Result<bool, DataError> {
        let (decoder, packed, out) = match &mut self.state {
            State::Done(_) => return Ok(true),
            State::Failed(error) => return Err(error.clone()),
            State::Packed { decoder, packed, out } => (decoder, *packed, out),
        };
        // One more than allowed tells "exactly full" from "too much".
        let room = (self.most - out.len()).saturating_add(1).min(max_out.max(1));
        let wanted = room as u64;
        let failure = match decoder.by_ref().take(wanted).read_to_end(out) {
            Ok(_) if out.len() > self.most => Some(too_large(out.len(), self.most)),
            Ok(got) if got < room => None,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Some(DataError::PackedTruncated { got: packed, unpacked: out.len() as u64 })
            }
            Err(error) => Some(DataError::Packed { reason: error.to_string() }),
        };
        if let Some(error) = failure {
            self.state = State::Failed(error.clone());
            return Err(error);
        }
        let out = std::mem::take(out);
        self.state = State::Done(out);
        Ok(true)
    }

    /// Bytes of the file read so far, and in all.
    pub fn progress(&self) -> (u64, u64) {
        match &self.state {
            State::Packed { decoder, packed, .. } => (decoder.get_ref().position(), *packed),
            State::Done(out) => (out.len() as u64, out.len() as u64),
            State::Failed(_) => (0, 0),
        }
    }

    /// Does what is left, and hands over the unpacked bytes.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn finish(mut self) -> Result<Vec<u8>, DataError> {
        while !self.step(usize::MAX)? {}
        match self.state {
            State::Done(out) => Ok(out),
            State::Failed(error) => Err(error),
            State::Packed { .. } => Err(DataError::Packed { reason: "it did not come to an end".into() }),
        }
    }
}

/// Does it start like a gzip file?
pub fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Unpacks a whole file at once, or returns it as it is if it is not packed.
///
/// # Errors
/// As [`Unpacker::step`].
pub fn unpacked(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, DataError> {
    Unpacker::new(bytes, most).finish()
}

fn too_large(got: usize, most: usize) -> DataError {
    DataError::TooLarge { what: "the number of unpacked bytes", got: got as u64, most: most as u64 }
}
