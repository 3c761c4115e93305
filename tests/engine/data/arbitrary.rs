//! No bytes whatever make a parser panic.
use super::files::packed;
use hourglass::data::{DataError, catalogue::Catalogue, gzip, idx, ucr};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn idx_of_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let _ = idx::parse(bytes);
    }

    #[test]
    fn idx_of_any_sizes(kind in 7u8..10, rank in 0u8..5, tail in vec(0u8..3, 0..40)) {
        let file = [vec![0, 0, kind, rank], tail].concat();
        let len = file.len();
        if let Ok(read) = idx::parse(file) {
            prop_assert_eq!(read.sizes.iter().map(|&n| n as usize).product::<usize>(), read.values.len());
            prop_assert_eq!(4 + 4 * read.sizes.len() + read.values.len(), len);
        }
    }

    #[test]
    fn gzip_of_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let _ = gzip::unpacked([vec![0x1f, 0x8b, 8], bytes.clone()].concat(), 1000);
        prop_assert_eq!(gzip::unpacked(packed(&bytes), 300), Ok(bytes));
    }

    #[test]
    fn gzip_with_one_byte_changed(bytes in vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut file = packed(&bytes);
        let at = at.index(file.len());
        file[at] ^= flip;
        // Some bits mean nothing to us (the header's time and system, the padding of a stored block) and may change; what
        // comes out may not. Without the first two bytes it is no gzip, and is taken as it is.
        match gzip::unpacked(file, 1000) {
            Ok(out) => prop_assert!(out == bytes || at < 2, "byte {} changed unnoticed", at),
            Err(DataError::Packed { .. } | DataError::PackedTruncated { .. } | DataError::TooLarge { .. }) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn ucr_of_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let _ = ucr::parse(&bytes);
    }

    #[test]
    fn ucr_of_likely_text(text in "(([0-9]{1,3}|-?[0-9]\\.[0-9]e[0-9]|nan|inf|1e39|x)[ ,\t]{0,2}[\r\n]{0,1}){0,9}", first in any::<i32>()) {
        if let Ok(series) = ucr::parse(text.as_bytes()) {
            prop_assert_eq!(series.values.len(), series.cols * series.classes.len());
            prop_assert!(series.values.iter().all(|value| value.is_finite()));
            let _ = series.labels(first);
            prop_assert!(series.labels_by_order().is_ok());
        }
    }

    #[test]
    fn ucr_numbers_come_back(rows in vec((-9i32..9, vec(-1e6f32..1e6, 3)), 1..20), comma in any::<bool>()) {
        let separator = if comma { "," } else { "  " };
        let lines = rows.iter().map(|(class, values)| {
            values.iter().fold(class.to_string(), |line, value| format!("{line}{separator}{value}"))
        });
        let series = ucr::parse(lines.collect::<Vec<_>>().join("\n").as_bytes()).expect("good");
        prop_assert_eq!(series.values, rows.iter().flat_map(|(_, values)| values.clone()).collect::<Vec<_>>());
        prop_assert_eq!(series.classes, rows.iter().map(|(class, _)| *class).collect::<Vec<_>>());
    }

    #[test]
    fn catalogue_of_any_bytes(bytes in vec(any::<u8>(), 0..200), json in "[{}\\[\\]\":,a-z0-9 ]{0,80}") {
        let _ = Catalogue::read(&bytes);
        let _ = Catalogue::read(format!("{{\"version\":1,\"sets\":[{json}]}}").as_bytes());
    }
}
