//! IDX, gzip and UCR text: whole, cut anywhere, wrong in every field.
use flate2::{Compression, write::GzEncoder};
use hourglass::data::{DataError, Shape, gzip, idx, ucr};
use std::io::Write;
use wasm_bindgen_test::wasm_bindgen_test;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// An IDX file of bytes.
pub fn idx_file(sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
    file.extend(values);
    file
}

/// As `gzip` packs.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn message<T: std::fmt::Debug>(result: Result<T, DataError>) -> String {
    result.expect_err("should be refused").to_string()
}

#[test]
fn idx_reads_pictures_and_labels() {
    let pictures = idx::parse(idx_file(&[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255])).expect("good");
    assert_eq!(pictures.sizes, [2, 2, 3]);
    assert_eq!(pictures.values, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
    assert_eq!(pictures.picture(), Ok(Shape { rows: 2, cols: 3 }));
    assert!(message(pictures.into_labels()).contains("pictures where labels are needed"));
    let labels = idx::parse(idx_file(&[3], &[7, 0, 9])).expect("good");
    assert!(message(labels.picture()).contains("labels where pictures are needed"));
    assert_eq!(labels.into_labels(), Ok(vec![7, 0, 9]));
}

#[test]
fn idx_cut_anywhere_is_refused() {
    let whole = idx_file(&[2, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8]);
    for cut in 0..whole.len() {
        let needed = match cut {
            0..4 => 4,
            4..16 => 16,
            _ => 24,
        };
        let error = idx::parse(whole[..cut].to_vec()).expect_err("cut");
        assert_eq!(error, DataError::Truncated { got: cut as u64, needed }, "cut after {cut}");
    }
}

#[test]
fn idx_says_where_it_was_cut() {
    let whole = idx_file(&[10_000, 28, 28], &[]);
    let file: Vec<u8> = whole.into_iter().chain(std::iter::repeat(3)).take(1204).collect();
    assert_eq!(
        message(idx::parse(file)),
        "the file ends after 1,204 of 7,840,016 bytes: it looks cut off, download it again"
    );
}

#[test]
fn idx_wrong_in_every_field() {
    let good = idx_file(&[1, 2, 2], &[1, 2, 3, 4]);
    for (at, value, says) in [
        (0, 1, "starts with the bytes 01 00"),
        (1, 8, "starts with the bytes 00 08"),
        (2, 0x0d, "type 0x0d"),
        (3, 2, "2 dimensions"),
        (3, 0, "0 dimensions"),
        (7, 0, "no picture"),
        (15, 1, "20 bytes where its header promises 18"),
        (15, 3, "ends after 20 of 22 bytes"),
    ] {
        let mut bad = good.clone();
        bad[at] = value;
        let said = message(idx::parse(bad));
        assert!(said.contains(says), "byte {at} = {value}: {said:?} should say {says:?}");
    }
    // The product of these does not fit 64 bits, and that of the next is no memory anybody has.
    assert!(message(idx::parse(idx_file(&[u32::MAX; 3], &[1]))).contains("4,294,967,295 × 4,294,967,295"));
    assert!(message(idx::parse(idx_file(&[u32::MAX, 1, 1], &[1]))).contains("ends after 17 of 4,294,967,311 bytes"));
    let mut long = good;
    long.push(0);
    assert_eq!(idx::parse(long), Err(DataError::TooLong { got: 21, needed: 20 }));
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn gzip_unpacks_what_was_packed() {
    let raw: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    assert_eq!(gzip::unpack(packed(&raw), 100_000).await.expect("good"), raw);
    assert_eq!(gzip::unpack(packed(&[]), 10).await.expect("empty"), b"");
    assert_eq!(gzip::unpack(raw.clone(), 100_000).await.expect("not packed"), raw);
}

/// Several members after one another are one file; browsers refuse it.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn gzip_of_several_members_is_one_file() {
    let two = [packed(b"one, "), packed(b"two")].concat();
    assert_eq!(gzip::unpacked(two, 100).expect("good"), b"one, two");
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn gzip_cut_anywhere_is_refused() {
    let raw = b"The quick brown fox jumps over the lazy dog, and over the lazy dog again.";
    let whole = packed(raw);
    for cut in 2..whole.len() {
        let error = gzip::unpack(whole[..cut].to_vec(), 1000).await.expect_err("cut");
        let seen = match error {
            DataError::PackedTruncated { got, .. } => got == cut as u64,
            // Browsers do not tell a cut from other damage.
            DataError::Packed { .. } => cfg!(target_arch = "wasm32"),
            _ => false,
        };
        assert!(seen, "cut after {cut} of {}: {error}", whole.len());
        assert!(error.to_string().contains("download it again"), "{error}");
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn gzip_damage_is_seen() {
    let whole = packed(&[42; 5000]);
    // The last eight bytes are checksum and length; the tenth is the first of the deflate stream.
    for at in (10..14).chain(whole.len() - 8..whole.len()) {
        let mut bad = whole.clone();
        bad[at] ^= 0x10;
        assert!(gzip::unpack(bad, 1 << 20).await.is_err(), "byte {at} changed, and nobody noticed");
    }
    let mut tail = whole;
    tail.extend(b"and more");
    assert!(gzip::unpack(tail, 1 << 20).await.is_err(), "something after the end");
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn gzip_never_gives_more_than_allowed() {
    let bomb = packed(&vec![0; 3_000_000]);
    assert!(bomb.len() < 4000);
    assert_eq!(gzip::unpack(bomb.clone(), 3_000_000).await.map(|raw| raw.len()), Ok(3_000_000));
    assert_eq!(
        message(gzip::unpack(bomb, 2_999_999).await),
        "the number of unpacked bytes: 3,000,000 is more than the 2,999,999 that are allowed here: choose a smaller file"
    );
    assert!(message(gzip::unpack(vec![1; 11], 10).await).contains("11 is more than the 10"));
}

#[test]
fn ucr_reads_blanks_tabs_and_commas() {
    let expected = ucr::Series { cols: 2, values: vec![0.5, -1.25, 3.0, 4e-3], classes: vec![1, 5] };
    for text in [
        "  1.0000000e+00   5.0000000e-01  -1.25\n   5.0000000e+00 3 4e-3\n",
        "1\t0.5\t-1.25\n5\t3\t0.004",
        "1,0.5,-1.25\r\n5, 3 ,0.004\r\n\r\n",
        "\u{feff}\n1 0.5 -1.25\n\n5 3 4e-3\n\n",
    ] {
        assert_eq!(ucr::parse(text.as_bytes()), Ok(expected.clone()), "{text:?}");
    }
    assert_eq!(expected.labels(1), Ok(vec![0, 4]));
    assert!(message(expected.labels(2)).contains("row 1, column 1: the class is 1"));
    assert!(message(expected.labels(i32::MIN)).contains("the class is 1"));
    let signed = ucr::parse(b"1 0\n-1 0\n1 0").expect("good");
    assert_eq!(signed.labels_by_order(), Ok((vec![1, 0, 1], vec!["-1".into(), "1".into()])));
}

#[test]
fn ucr_says_row_and_column_of_the_first_error() {
    for (text, says) in [
        ("1 2 3\n1 2 x\n1 y 3", "row 2, column 3: \"x\" is not a number"),
        ("1 2 3\n\n1 nan 3", "row 3, column 2: NaN is not a finite number"),
        ("1 2 3\n1 2 1e39", "row 2, column 3: inf is not a finite number"),
        ("1,2,3\n1,,3", "row 2, column 2: \"\" is not a number"),
        ("1 2 3\n1 2", "row 2, column 2: the row has 1 values after its class, and the first row has 2"),
        ("1 2 3\n1 2 3 4", "row 2, column 4: the row has 3 values"),
        ("label 2 3", "row 1, column 1: \"label\" is not a number"),
        ("1.5 2 3", "row 1, column 1: the class is 1.5, and should be a whole number"),
        ("1 2 3\n4", "row 2, column 1: there is a class and no value after it"),
        ("\n \r\n", "there is no row in it"),
        ("", "there is no row in it"),
        ("\u{1f1b} 1 2", "row 1, column 1: \"\u{1f1b}\" is not a number"),
    ] {
        let said = message(ucr::parse(text.as_bytes()));
        assert!(said.contains(says), "{text:?}: {said:?} should say {says:?}");
    }
    assert!(message(ucr::parse(b"1 2\n1 \xff\xfe")).contains("row 2, column 2"));
}

#[test]
fn ucr_keeps_its_limits() {
    let columns = |count: usize| "1 ".repeat(count);
    assert!(ucr::parse(columns(ucr::MOST_COLUMNS).as_bytes()).is_ok());
    assert!(message(ucr::parse(columns(ucr::MOST_COLUMNS + 1).as_bytes())).contains("row 1, column 4097"));
    let line = |bytes: usize| format!("1 2{}\n", " ".repeat(bytes - 3));
    assert!(ucr::parse(line(ucr::MOST_LINE).as_bytes()).is_ok());
    assert!(message(ucr::parse(line(ucr::MOST_LINE + 1).as_bytes())).contains("65537 bytes, and at most 65536"));
    assert_eq!(ucr::parse("1 2\n".repeat(ucr::MOST_ROWS).as_bytes()).map(|s| s.classes.len()), Ok(ucr::MOST_ROWS));
    let said = message(ucr::parse("1 2\n".repeat(ucr::MOST_ROWS + 1).as_bytes()));
    assert!(said.contains("row 200001") && said.contains("at most 200000 rows"), "{said}");
}
