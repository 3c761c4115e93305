//! Pictures as PNG files: those that a compression has to be compared with, and those that visitors bring.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::DataError;
use super::gzip::BEST_RATIO;
use crate::words;
use crate::words::said;
use std::io::Cursor;

/// What a picture may unpack to, in bytes: sixteen million pixels in four colours.
const MOST_BYTES: u64 = 64 << 20;

/// A picture in grey levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    /// Downwards.
    pub rows: u32,
    /// To the right.
    pub cols: u32,
    /// A byte each, row by row.
    pub pixels: Vec<u8>,
    /// It had colours, it had alpha, it had 16 bits.
    had: [bool; 3],
}

impl Grey {
    /// What became of more than grey levels, in a sentence.
    pub(super) fn changed(&self) -> Option<String> {
        let words = ["colours became grey levels", "what was transparent became black", "16 bits became 8"];
        let words: Vec<_> =
            words.into_iter().zip(self.had).filter(|(_, had)| *had).map(|(words, _)| said(words)).collect();
        let words = words.join(", ");
        let mut letters = words.chars();
        let first = letters.next()?;
        Some(format!("{}{}.", first.to_uppercase(), letters.as_str()))
    }
}

/// Reads a picture: colours by their luma (0.299, 0.587, 0.114), over black where it is transparent, 16 bits as 8.
///
/// # Errors
/// If it is damaged or too large.
pub fn read(bytes: &[u8]) -> Result<Grey, DataError> {
    let damaged = |error: png::DecodingError| DataError::Png { reason: error.to_string() };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST_BYTES as usize });
    let had_16 = decoder.read_header_info().map_err(damaged)?.bit_depth == png::BitDepth::Sixteen;
    // Nobody sees what else is in it, and it may be packed as tightly as pixels.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    // Before memory is asked for: a header may promise anything.
    let needed = reader.output_buffer_size().map_or(u64::MAX, |size| size as u64);
    if needed > MOST_BYTES {
        return Err(DataError::TooLarge { what: "the number of bytes of its pixels", got: needed, most: MOST_BYTES });
    }
    let info = reader.info();
    // The decoder takes colours as three bytes each, and stumbles over the rest of one.
    if let Some(odd) = info.palette.as_ref().map(|palette| palette.len()).filter(|len| !len.is_multiple_of(3)) {
        return Err(DataError::Png { reason: words!("its palette has {odd} bytes, and each of its colours three") });
    }
    let stored = u64::from(info.width) * u64::from(info.height) * info.bits_per_pixel() as u64 / 8;
    if stored > (bytes.len() as u64).saturating_mul(BEST_RATIO) {
        let reason = words!(
            "its header promises {} × {} pixels, which {} bytes can't hold",
            info.width,
            info.height,
            bytes.len()
        );
        return Err(DataError::Png { reason });
    }
    let mut buffer = vec![0; needed as usize];
    let info = reader.next_frame(&mut buffer).map_err(damaged)?;
    let luma = |r: u8, g: u8, b: u8| (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000;
    let over_black = |grey: u32, alpha: u8| ((grey * u32::from(alpha) + 127) / 255) as u8;
    let (pixels, had_colour, has_alpha): (Vec<u8>, _, _) = match info.color_type {
        png::ColorType::GrayscaleAlpha => {
            (buffer.as_chunks().0.iter().map(|&[grey, alpha]| over_black(grey.into(), alpha)).collect(), false, true)
        }
        png::ColorType::Rgb => {
            (buffer.as_chunks().0.iter().map(|&[r, g, b]| luma(r, g, b) as u8).collect(), true, false)
        }
        png::ColorType::Rgba => {
            (buffer.as_chunks().0.iter().map(|&[r, g, b, a]| over_black(luma(r, g, b), a)).collect(), true, true)
        }
        // Palettes were expanded.
        png::ColorType::Grayscale | png::ColorType::Indexed => (buffer, false, false),
    };
    Ok(Grey { rows: info.height, cols: info.width, pixels, had: [had_colour, has_alpha, had_16] })
}

/// A grey picture, a byte for each pixel, as a PNG file; as small as the encoder makes it.
///
/// # Errors
/// If there are not `rows` times `columns` pixels, or none.
pub fn grey(rows: u32, columns: u32, pixels: &[u8]) -> Result<Vec<u8>, DataError> {
    let expected = u64::from(rows) * u64::from(columns);
    if pixels.is_empty() || pixels.len() as u64 != expected {
        return Err(DataError::Disagree {
            what: "the number of pixels",
            got: pixels.len() as u64,
            other: "rows times columns",
            expected,
        });
    }
    // Filters help most pictures; digits with their empty corners are smaller without.
    let filtered = encoded(rows, columns, pixels, png::Filter::Adaptive);
    let plain = encoded(rows, columns, pixels, png::Filter::NoFilter);
    // Writing into memory fails for no picture of a size that was checked.
    let damaged = |error: png::EncodingError| DataError::Packed { reason: error.to_string() };
    let (filtered, plain) = (filtered.map_err(damaged)?, plain.map_err(damaged)?);
    Ok(if plain.len() <= filtered.len() { plain } else { filtered })
}

fn encoded(rows: u32, columns: u32, pixels: &[u8], filter: png::Filter) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, columns, rows);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(filter);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_from_its_file() {
        let pixels: Vec<u8> = (0..28 * 20).map(|i| (i * i % 251) as u8).collect();
        let file = grey(20, 28, &pixels).expect("good");
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG file");
        let mut back = vec![0; 28 * 20];
        let info = reader.next_frame(&mut back).expect("whole");
        assert_eq!((info.width, info.height, back), (28, 20, pixels));
        assert!(grey(20, 28, &[0; 7]).is_err() && grey(0, 0, &[]).is_err());
    }
}
