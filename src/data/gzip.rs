//! Unpacking gzip (RFC 1952), never beyond a limit, with its checksum: natively by a library, in the browser by the
//! browser itself, which costs the page no byte and works beside the worker's thread.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::DataError;

/// The first two bytes of every gzip file.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Deflate can't pack better than 1032 to 1 (zlib's technical details).
pub(super) const BEST_RATIO: u64 = 1032;

/// The most that one file may unpack to: 256 MiB, what a page may use on a desktop.
/// Sixteen bytes of gzip per 16 KiB of output are possible, so a small file can ask for any amount.
pub const MOST_UNPACKED: usize = 256 << 20;

/// Does it start like a gzip file?
pub fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The bytes of a gzip file; at most `most` may come out of it. A file that does not start like gzip is taken as it
/// is: some hosts unpack on the way.
///
/// # Errors
/// If the file is cut off or damaged, or unpacks to more than is allowed.
pub async fn unpack(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, DataError> {
    #[cfg(target_arch = "wasm32")]
    return browser::unpack(bytes, most).await;
    #[cfg(not(target_arch = "wasm32"))]
    unpacked(bytes, most)
}

/// [`unpack`] for those who can wait.
///
/// # Errors
/// Likewise.
#[cfg(not(target_arch = "wasm32"))]
pub fn unpacked(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, DataError> {
    use std::io::{ErrorKind, Read};

    if !is_packed(&bytes) {
        return within(bytes, most);
    }
    let packed = bytes.len() as u64;
    // One byte more than is expected, so that the end is seen without growing.
    let mut out = Vec::with_capacity(expected(&bytes, most) + 1);
    // One more than allowed tells "exactly full" from "too much".
    let room = (most as u64).saturating_add(1);
    match flate2::bufread::MultiGzDecoder::new(bytes.as_slice()).take(room).read_to_end(&mut out) {
        Ok(_) => within(out, most),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(DataError::PackedTruncated { got: packed, unpacked: out.len() as u64 })
        }
        Err(error) => Err(DataError::Packed { reason: error.to_string() }),
    }
}

/// The room to reserve for what is packed in these bytes. A buffer that grows is there twice while it does, and in the end
/// larger than what is in it: half as much again as MNIST on every phone.
fn expected(packed: &[u8], most: usize) -> usize {
    /// In sizes of the packed file: data sets unpack to less, and it can grow.
    const AHEAD: usize = 16;
    // The last four bytes say the length (mod 2^32). A hint: a damaged file may say anything.
    let hint = packed.last_chunk::<4>().map_or(0, |&length| u32::from_le_bytes(length) as usize);
    hint.min(packed.len().saturating_mul(AHEAD)).min(most)
}

fn within(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, DataError> {
    let got = bytes.len() as u64;
    if bytes.len() <= most {
        return Ok(bytes);
    }
    Err(DataError::TooLarge { what: "the number of unpacked bytes", got, most: most as u64 })
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use super::{DataError, expected, is_packed, within};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{ReadableStream, ReadableStreamDefaultReader, WritableStream};

    // Every browser has it since 2023; web-sys still counts it as unstable.
    #[wasm_bindgen]
    extern "C" {
        type DecompressionStream;
        #[wasm_bindgen(constructor, catch)]
        fn new(format: &str) -> Result<DecompressionStream, JsValue>;
        #[wasm_bindgen(method, getter)]
        fn readable(this: &DecompressionStream) -> ReadableStream;
        #[wasm_bindgen(method, getter)]
        fn writable(this: &DecompressionStream) -> WritableStream;
    }

    pub async fn unpack(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, DataError> {
        if !is_packed(&bytes) {
            return within(bytes, most);
        }
        let damaged = |error: JsValue| {
            // A TypeError's words differ from browser to browser, and say no more than that it does not unpack.
            let reason = error.dyn_ref::<js_sys::Error>().map_or_else(String::new, |e| String::from(e.message()));
            DataError::Packed { reason: if reason.is_empty() { "it does not unpack".into() } else { reason } }
        };
        let stream = DecompressionStream::new("gzip").map_err(damaged)?;
        let writer = stream.writable().get_writer().map_err(damaged)?;
        let reader: ReadableStreamDefaultReader = stream.readable().get_reader().unchecked_into();
        // Both promises fail with the reader's, whose error is the one that is told.
        let hushed = |promise: js_sys::Promise| {
            wasm_bindgen_futures::spawn_local(async move {
                let _ = JsFuture::from(promise).await;
            });
        };
        hushed(writer.write_with_chunk(&js_sys::Uint8Array::from(bytes.as_slice())));
        hushed(writer.close());
        let mut out = Vec::with_capacity(expected(&bytes, most));
        drop(bytes);
        loop {
            let piece = JsFuture::from(reader.read()).await.map_err(damaged)?;
            if js_sys::Reflect::get(&piece, &"done".into()).map_err(damaged)?.is_truthy() {
                return Ok(out);
            }
            let value: js_sys::Uint8Array =
                js_sys::Reflect::get(&piece, &"value".into()).map_err(damaged)?.unchecked_into();
            let at = out.len();
            let len = value.length() as usize;
            if at + len > most {
                hushed(reader.cancel());
                // How many more there are nobody knows: one is enough.
                return Err(DataError::TooLarge {
                    what: "the number of unpacked bytes",
                    got: most as u64 + 1,
                    most: most as u64,
                });
            }
            out.resize(at + len, 0);
            if let Some(place) = out.get_mut(at..) {
                value.copy_to(place);
            }
        }
    }
}
