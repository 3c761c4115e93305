//! One member of a zip archive (PKWARE's APPNOTE 6.3, without zip64 and encryption): ECG5000 is published in one.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use flate2::{Crc, read::DeflateDecoder};
use std::io::Read;

/// The end of the central directory has 22 bytes, and a comment of up to 65,535 after them.
const END: usize = 22;
const END_MAGIC: &[u8] = b"PK\x05\x06";
const ENTRY_MAGIC: &[u8] = b"PK\x01\x02";
const LOCAL_MAGIC: &[u8] = b"PK\x03\x04";

/// The bytes of the member whose name, folders left out, is `name`, and which has `size` bytes; or why not.
pub(super) fn member(archive: &[u8], name: &str, size: u64) -> Result<Vec<u8>, String> {
    let broken = || "the archive is damaged, or no zip archive".to_owned();
    let first = archive.len().saturating_sub(END + 65_535);
    let tail = archive.get(first..).ok_or_else(broken)?;
    let end = tail.windows(END).rposition(|window| window.starts_with(END_MAGIC)).ok_or_else(broken)?;
    let end = tail.get(end..).ok_or_else(broken)?;
    let entries = u16_at(end, 10).ok_or_else(broken)?;
    let mut at = u32_at(end, 16).ok_or_else(broken)? as usize;
    for _ in 0..entries {
        let entry = archive.get(at..).filter(|entry| entry.starts_with(ENTRY_MAGIC)).ok_or_else(broken)?;
        let lengths = [28, 30, 32].map(|offset| u16_at(entry, offset).map(usize::from));
        let [Some(name_len), Some(extra_len), Some(comment_len)] = lengths else { return Err(broken()) };
        let full_name = entry.get(46..46 + name_len).ok_or_else(broken)?;
        if full_name.rsplit(|&byte| byte == b'/').next() == Some(name.as_bytes()) {
            return unpacked(archive, entry, size).ok_or_else(|| format!("{name} in the archive is damaged"));
        }
        at += 46 + name_len + extra_len + comment_len;
    }
    Err(format!("the archive has no {name}"))
}

/// The bytes that an entry of the central directory describes, if they have that size and the entry's checksum.
fn unpacked(archive: &[u8], entry: &[u8], size: u64) -> Option<Vec<u8>> {
    let (method, checksum) = (u16_at(entry, 10)?, u32_at(entry, 16)?);
    let packed_len = u32_at(entry, 20)? as usize;
    let local = archive.get(u32_at(entry, 42)? as usize..)?;
    if !local.starts_with(LOCAL_MAGIC) {
        return None;
    }
    // The local header has lengths of its own.
    let start = 30 + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
    let packed = local.get(start..start.checked_add(packed_len)?)?;
    let mut bytes = Vec::new();
    match method {
        0 => bytes.extend_from_slice(packed),
        8 => drop(DeflateDecoder::new(packed).take(size + 1).read_to_end(&mut bytes).ok()?),
        _ => return None,
    }
    let mut crc = Crc::new();
    crc.update(&bytes);
    (bytes.len() as u64 == size && crc.sum() == checksum).then_some(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u16::from_le_bytes(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
}
