//! Pictures as PNG files, which a compression of pictures has to be compared with.
use super::DataError;

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
