//! Arrays in a file that `numpy.load` reads: a zip archive of `.npy` files, stored as they are.

pub(super) use crc32fast::hash as crc;

/// Bytes of a `.npy` file before its values.
const HEADER: usize = 128;
/// 1 January 1980, the first day that a zip archive knows: the same arrays make the same file.
const DAY: u16 = 1 << 5 | 1;

/// An archive of arrays of 32-bit floats, each with rows of `cols`, and of some texts.
pub fn npz(arrays: &[(&str, &[f32])], cols: usize, texts: &[(&str, &str)]) -> Vec<u8> {
    let arrays = arrays.iter().map(|(name, values)| (format!("{name}.npy"), npy(values, cols)));
    let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    zip(arrays.chain(texts))
}

/// A `.npy` file, version 1.0: magic, version, length of the header, header, values; the values start at a multiple of 64.
fn npy(values: &[f32], cols: usize) -> Vec<u8> {
    let rows = values.len() / cols.max(1);
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend(((HEADER - 10) as u16).to_le_bytes());
    out.extend(format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}").bytes());
    out.resize(HEADER - 1, b' ');
    out.push(b'\n');
    out.extend(values[..rows * cols].iter().flat_map(|value| value.to_le_bytes()));
    out
}

/// A zip archive (PKWARE's APPNOTE, 4.3) of files that are stored and not packed.
fn zip(files: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let (mut out, mut list, mut count) = (Vec::new(), Vec::new(), 0u16);
    for (name, bytes) in files {
        let at = out.len() as u32;
        // What both the file's own header and the list at the end say, from "version needed" to "extra length".
        let mut said = Vec::new();
        for word in [20u16, 0, 0, 0, DAY] {
            said.extend(word.to_le_bytes());
        }
        for word in [crc(&bytes), bytes.len() as u32, bytes.len() as u32] {
            said.extend(word.to_le_bytes());
        }
        for word in [name.len() as u16, 0] {
            said.extend(word.to_le_bytes());
        }
        out.extend(b"PK\x03\x04");
        out.extend(&said);
        out.extend(name.bytes());
        out.extend(bytes);
        // The list adds "made by" before, and after: length of the comment, disk, kinds of file, and where it starts.
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&said);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.bytes());
        count += 1;
    }
    let at = out.len() as u32;
    let size = list.len() as u32;
    out.extend(list);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    for word in [count, count] {
        out.extend(word.to_le_bytes());
    }
    for word in [size, at] {
        out.extend(word.to_le_bytes());
    }
    out.extend([0; 2]);
    out
}
