//! A visitor's own files: pictures and series of every kind, what is decided about them, and what is refused.
use super::csv::read as table_of;
use super::files::{idx_file, packed};
use hourglass::data::own::{Named, Own, Wishes, file_of, is_own, read};
use hourglass::data::{DataError, Dataset, Shape, Values, png};
use proptest::collection::vec;
use proptest::prelude::*;

fn read_as(files: &[(&str, &[u8])], wishes: Wishes) -> Result<Own, DataError> {
    let named = |(name, bytes): &(&str, &[u8])| Named { name: (*name).to_owned(), content: bytes.to_vec() };
    pollster::block_on(read(files.iter().map(named).collect(), wishes, |_| std::future::ready(())))
}

pub fn own(files: &[(&str, &[u8])]) -> Own {
    read_as(files, Wishes::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(files: &[(&str, &[u8])]) -> String {
    read_as(files, Wishes::default()).expect_err("should be refused").to_string()
}

fn bytes(set: &Dataset) -> &[u8] {
    match set.values() {
        Values::Bytes(bytes) => bytes,
        Values::Floats(_) => panic!("pictures are bytes"),
    }
}

/// `count` pictures of 3 × 2 pixels, no two alike, mostly dark.
fn pixels(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| [i as u8, 0, 255, 9, 0, (i / 3) as u8]).collect()
}

/// 30 pictures as IDX, and their labels: 10 each of 5, 0 and 7.
fn idx_pair() -> [Vec<u8>; 2] {
    let labels: Vec<u8> = (0..30).map(|i| [5, 0, 7][i % 3]).collect();
    [idx_file(&[30, 3, 2], &pixels(30)), idx_file(&[30], &labels)]
}

#[test]
fn idx_pictures_with_labels_are_split_class_by_class() {
    let [images, labels] = idx_pair();
    let [images, packed_labels] = [packed(&images), packed(&labels)];
    let read = own(&[("things-labels.gz", &packed_labels), ("things-images.gz", &images)]);
    let Own { split, range, facts, taken } = &read;
    assert_eq!((split.train.shape(), split.train.len(), split.test.len()), (Shape { rows: 3, cols: 2 }, 21, 9));
    assert_eq!(read.classes(), [("0".into(), 7, 3), ("5".into(), 7, 3), ("7".into(), 7, 3)]);
    assert_eq!((*range, *taken), ([0.0, 255.0], Wishes { invert: Some(false), ..Wishes::default() }));
    assert!(facts[0] == "30 pictures of 3 × 2 pixels." && facts[1] == "3 classes, by the labels.", "{facts:?}");
    // Each picture goes with its label, and none is lost.
    let mut rows: Vec<(Vec<u8>, &str)> = Vec::new();
    for set in [&split.train, &split.test] {
        let classes = set.labels().iter().map(|&label| set.classes()[usize::from(label)].as_str());
        rows.extend(bytes(set).chunks(6).map(<[u8]>::to_vec).zip(classes));
    }
    rows.sort();
    let expected: Vec<_> = pixels(30).chunks(6).map(<[u8]>::to_vec).zip(["5", "0", "7"].into_iter().cycle()).collect();
    assert_eq!(rows, expected);
    // The same files in another order, unpacked: the same set, by name and by content.
    let [images, labels] = idx_pair();
    let again = own(&[("things-images.gz", &images), ("l", &labels)]);
    assert_eq!(again.split, read.split);
    assert!(is_own(again.split.train.slug()) && file_of(again.split.train.slug()) == Some("things-images"));
}

#[test]
fn files_that_are_called_train_and_test_are() {
    let [images, labels] = idx_pair();
    let test = [idx_file(&[2, 3, 2], &[1; 12]), idx_file(&[2], &[7, 8])];
    let files: [(&str, &[u8]); 4] = [
        ("t10k-images-idx3-ubyte", &test[0]),
        ("train-labels-idx1-ubyte", &labels),
        ("train-images-idx3-ubyte", &images),
        ("t10k-labels-idx1-ubyte", &test[1]),
    ];
    let read = own(&files);
    assert_eq!((bytes(&read.split.train), bytes(&read.split.test)), (&pixels(30)[..], &[1; 12][..]));
    // A class that only one of the two has.
    assert_eq!(read.classes()[2..], [("7".into(), 10, 1), ("8".into(), 0, 1)]);
    assert_eq!(read.facts[2], "30 to learn from and 2 to test with, as the files are named.");
    let without = own(&[files[0], files[2]]);
    assert!(without.classes().is_empty() && without.split.test.len() == 2);
    for (files, says) in [
        (&files[..3], "each file of pictures needs a file of labels of its own"),
        (
            &[files[0], files[0]],
            "t10k-images-idx3-ubyte, t10k-images-idx3-ubyte: of 2 files with pictures one has to be",
        ),
        (&[files[1]], "train-labels-idx1-ubyte: it holds labels: choose the file with their pictures too"),
        (&[files[0], files[1]], "train-labels-idx1-ubyte: the number of labels is 30, but the number of pictures is 2"),
        (
            &[files[0], ("train", &idx_file(&[1, 2, 3], &[0; 6]))],
            "t10k-images-idx3-ubyte: its pictures have 3 × 2 pixels",
        ),
    ] {
        assert!(refused(files).contains(says), "{}", refused(files));
    }
}

#[test]
fn faint_pictures_are_stretched_and_dark_ink_is_inverted_unless_the_visitor_wishes_otherwise() {
    // Sixteen grey levels, as scikit-learn's digits have.
    let faint = own(&[("faint", &idx_file(&[4, 2, 2], &[0, 1, 2, 16, 0, 0, 0, 8, 0, 0, 4, 0, 0, 0, 0, 2]))]);
    let mut all = [bytes(&faint.split.train), bytes(&faint.split.test)].concat();
    all.sort_unstable();
    assert_eq!((all[15], all[14], faint.range), (255, 127, [0.0, 16.0]));
    assert!(faint.facts.iter().any(|fact| fact.contains("The largest value is 16")), "{:?}", faint.facts);

    let light = idx_file(&[4, 2, 2], &[255, 255, 255, 0, 255, 9, 255, 255, 255, 255, 8, 255, 7, 255, 255, 255]);
    let inverted = own(&[("light", &light)]);
    assert_eq!(inverted.taken.invert, Some(true));
    assert!(bytes(&inverted.split.train).iter().filter(|&&x| x == 0).count() == 6, "{:?}", inverted.split.train);
    assert!(inverted.facts.iter().any(|fact| fact.contains("(mean 193 of 255): inverted")), "{:?}", inverted.facts);
    let as_it_is = read_as(&[("light", &light)], Wishes { invert: Some(false), ..Wishes::default() }).expect("good");
    let flipped: Vec<u8> = bytes(&as_it_is.split.train).iter().map(|x| 255 - x).collect();
    assert_eq!(flipped, bytes(&inverted.split.train));
    assert_ne!(as_it_is.split.train.slug(), inverted.split.train.slug(), "what is learned on one is not of the other");
}

/// A PNG file of so many channels.
fn png_of(kind: ::png::ColorType, depth: ::png::BitDepth, width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(kind);
    encoder.set_depth(depth);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(data)).expect("memory");
    file
}

#[test]
fn colours_alpha_and_16_bits_become_grey_levels() {
    use ::png::{BitDepth::*, ColorType::*};
    // A photographer's red, green and blue, and half-transparent white.
    for (kind, depth, data, grey) in [
        (Grayscale, Eight, &[0, 128, 255, 7][..], [0, 128, 255, 7]),
        (Grayscale, Sixteen, &[0, 9, 128, 0, 255, 255, 7, 255], [0, 128, 255, 7]),
        (Grayscale, One, &[0b0100_0000, 0b1000_0000], [0, 255, 255, 0]),
        (Rgb, Eight, &[255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], [76, 150, 29, 255]),
        (Rgba, Eight, &[255, 255, 255, 128, 0, 0, 0, 255, 255, 0, 0, 255, 9, 9, 9, 0], [128, 0, 76, 0]),
        (GrayscaleAlpha, Eight, &[255, 128, 200, 255, 200, 0, 7, 255], [128, 200, 0, 7]),
    ] {
        let file = png_of(kind, depth, 2, 2, data);
        let picture = png::read(&file).expect("good");
        assert_eq!((picture.rows, picture.cols, picture.pixels), (2, 2, grey.to_vec()), "{kind:?} {depth:?}");
    }
}

#[test]
fn tiles_have_the_class_of_their_name() {
    let tile = |i: usize| png::grey(2, 3, &pixels(12)[6 * i..6 * i + 6]).expect("good");
    let tiles: Vec<_> = (0..12).map(|i| (format!("{}_{i}.png", ["cat", "10", "9"][i % 3]), tile(i))).collect();
    let files: Vec<(&str, &[u8])> = tiles.iter().rev().map(|(name, file)| (name.as_str(), file.as_slice())).collect();
    let read = own(&files);
    // Numbers by size, then words.
    assert_eq!(read.classes(), [("9".into(), 2, 2), ("10".into(), 2, 2), ("cat".into(), 2, 2)]);
    assert_eq!(read.split.train.shape(), Shape { rows: 2, cols: 3 });
    let mut other_order = files.clone();
    other_order.reverse();
    assert_eq!(own(&other_order).split, read.split, "browsers hand files over in any order");
    // One name without a class, or a class for each: there are none.
    for name in ["noname.png", "a-b.png"] {
        let plain: Vec<_> = (0..4).map(|i| (format!("{i}{name}"), tile(i))).collect();
        let files: Vec<(&str, &[u8])> = plain.iter().map(|(name, file)| (name.as_str(), file.as_slice())).collect();
        assert!(own(&files).classes().is_empty(), "{name}");
    }
    let odd = png::grey(3, 2, &pixels(1)).expect("good");
    assert_eq!(
        refused(&[("1_a.png", &tile(0)), ("1_b.png", &odd)]),
        "1_b.png: it has 3 × 2 pixels, and 1_a.png has 2 × 3: all have to be of one size"
    );
}

#[test]
fn a_sheet_is_cut_row_by_row_and_its_empty_end_is_left_out() {
    // 2 × 3 tiles of 2 × 2 pixels, the last two empty.
    let sheet = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [13, 14, 0, 0, 0, 0], [255, 16, 0, 0, 0, 0]];
    let file = png::grey(4, 6, sheet.as_flattened()).expect("good");
    let tile = |rows, cols| Wishes { tile: Some([rows, cols]), ..Wishes::default() };
    let read = read_as(&[("sheet.png", &file)], tile(2, 2)).expect("good");
    let mut all: Vec<&[u8]> = bytes(&read.split.train).chunks(4).chain(bytes(&read.split.test).chunks(4)).collect();
    all.sort_unstable();
    assert_eq!(all, [[1, 2, 7, 8], [3, 4, 9, 10], [5, 6, 11, 12], [13, 14, 255, 16]]);
    assert!(read.facts.iter().any(|fact| fact == "2 empty ones at its end are left out."), "{:?}", read.facts);
    assert_eq!(read.taken.tile, Some([2, 2]));
    let no = |wishes| read_as(&[("sheet.png", &file)], wishes).expect_err("no such tiles").to_string();
    assert!(
        no(Wishes::default()).contains("4 × 6 pixels, which is no whole number of tiles of 28 × 28: say how large")
    );
    assert!(no(tile(3, 2)).contains("no whole number of tiles of 3 × 2"));
    assert!(no(tile(0, 2)).contains("no whole number of tiles of 0 × 2"));
    assert!(no(tile(4, 1)).contains("at least 2 × 2 are needed"));
    // 28 × 28 goes without saying.
    let digits = png::grey(56, 84, &(0..56 * 84).map(|i| (i % 97) as u8 * 2).collect::<Vec<u8>>()).expect("good");
    assert_eq!(own(&[("digits.png", &digits)]).taken.tile, Some([28, 28]));
}

#[test]
fn whole_numbers_are_pictures_unless_series_are_wished() {
    let row = |i: usize| {
        let pixels = (0..16).map(|j| format!(",{}", i * j * 7 % 256)).collect::<String>();
        format!("{}{pixels}\n", i % 2 + 3)
    };
    let text: String = (1..=20).map(row).collect();
    let read = own(&[("digits.csv", text.as_bytes())]);
    assert_eq!((read.split.train.shape(), read.taken.series), (Shape { rows: 4, cols: 4 }, Some(false)));
    assert_eq!(read.classes(), [("3".into(), 7, 3), ("4".into(), 7, 3)]);
    let series = read_as(&[("digits.csv", text.as_bytes())], Wishes { series: Some(true), ..Wishes::default() });
    let series = series.expect("good");
    assert_eq!((series.split.train.shape(), series.taken.series), (Shape { rows: 1, cols: 16 }, Some(true)));
    assert!(!series.split.unit() && series.taken.invert.is_none());
    // Where no pictures are possible there is no choice.
    let plain: String = (1..=20).map(|i| format!("{i}.5,2,{i}\n")).collect();
    assert_eq!(own(&[("plain.csv", plain.as_bytes())]).taken, Wishes::default());
    let wanted = read_as(&[("i", &idx_pair()[0])], Wishes { series: Some(true), ..Wishes::default() });
    assert!(wanted.expect_err("pictures").to_string().contains("series are wanted here"));
}

#[test]
fn two_texts_are_train_and_test_and_share_their_classes() {
    let train = "1,0.5,2\n2,3,4.5\n1,2,2.5\n";
    let test = "3,1,1.5\n2,8,9.5\n";
    let read = own(&[("X_TEST.txt", test.as_bytes()), ("X_TRAIN.txt", train.as_bytes())]);
    assert_eq!(read.classes(), [("1".into(), 2, 0), ("2".into(), 1, 1), ("3".into(), 0, 1)]);
    assert_eq!((read.split.train.labels(), read.split.test.labels()), (&[0, 1, 0][..], &[2, 1][..]));
    let says = refused(&[("train.csv", b"0.5,1.5\n"), ("test.csv", b"0.5,1.5,2\n")]);
    assert_eq!(
        says,
        "test.csv: the number of values in a row is 3, but that of the other file is 2: these do not belong \
                      together"
    );
    let says = refused(&[("train.csv", train.as_bytes()), ("test.csv", b"0.5,1.5\n")]);
    assert!(says.contains("test.csv: only one of the two files has classes"), "{says}");
}

#[test]
fn the_command_line_takes_the_same_files_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("room");
        path.to_str().expect("plain").to_owned()
    };
    let [images, labels] = idx_pair().map(|file| packed(&file));
    let pair = [put("images.gz", &images), put("labels.gz", &labels)].join(",");
    let light: Vec<u8> = (0..16 * 24).map(|i| 255 - (i % 5) as u8).collect();
    let sheet = format!("{}:8x12", put("sheet.png", &png::grey(16, 24, &light).expect("good")));
    let row = |i: usize| format!("{}{}\n", i % 2, (0..16).map(|j| format!(",{}", i * j % 256)).collect::<String>());
    let csv = put("digits.csv", (0..9).map(row).collect::<String>().as_bytes());
    let halves = [put("X_TRAIN.txt", b"1,0.5,2\n2,3,4.5\n1,2,2.5\n"), put("X_TEST.txt", b"2,1,1.5\n")].join(",");
    // Whole numbers that make no square: UCR text, whose first column is the class.
    let ucr = put("counts.txt", b"1,5,2,3\n2,3,4,4\n");
    for (data, widths, rows) in
        [(&pair, "6-4-6", 30), (&sheet, "96-4-96", 4), (&csv, "16-4-16", 9), (&halves, "2-4-2", 1), (&ucr, "3-4-3", 2)]
    {
        let out = folder.path().join("out.safetensors");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hourglass"));
        command.args(["train", "--encoder", "4", "--z", "4", "--steps", "2", "--device", "cpu", "--data", data]);
        let done = command.arg("--out").arg(&out).output().expect("it runs");
        assert!(done.status.success(), "{data}: {}", String::from_utf8_lossy(&done.stderr));
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hourglass"));
        let done = command.arg("encode").arg("--weights").arg(&out).output().expect("it runs");
        let csv = String::from_utf8_lossy(&done.stdout);
        assert_eq!(csv.lines().count(), rows + 1, "{data}: {}", String::from_utf8_lossy(&done.stderr));
        let file = std::fs::read(&out).expect("there");
        let widths_of = hourglass::nn::checkpoint::widths(&file).expect("good");
        let ends = format!("{}-4-{}", widths_of.encoder[0], widths_of.decoder[widths_of.decoder.len() - 1]);
        assert_eq!(ends, widths, "{data}");
    }
}

#[test]
fn what_is_no_data_is_named_with_the_next_step() {
    for (bytes, says) in [
        (&b"PK\x03\x04..."[..], "x: this is a zip archive: unpack it"),
        (b"\xff\xd8\xff\xe0", "x: this is a JPEG picture"),
        (b"\x93NUMPY\x01", "x: this is a NumPy array: write it as CSV"),
        (b"\x89PNG\r\n\x1a\n....", "x: this PNG file can't be read"),
        (
            &idx_file(&[2, 100, 100], &[0; 20_000]),
            "x: a picture has 100 × 100 = 10,000 pixels, and a network here takes",
        ),
        (&idx_file(&[2, 1, 9], &[0; 18]), "x: a picture has 1 × 9 pixels, and at least 2 × 2 are needed"),
        (&idx_file(&[9, 2, 2], &[3; 36]), "all values are equal"),
        (&idx_file(&[2, 2, 2], &[3, 2, 1, 0, 1, 2, 3, 4]), "there are 2 rows, and at least 4 are needed"),
        (b"", "x: there is no row of numbers in it"),
    ] {
        let said = refused(&[("x", bytes)]);
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(refused(&[]), "there is no file in it: choose a file with at least one");
    let [images, _] = idx_pair();
    let said = refused(&[("a", &images), ("b.csv", b"0.5,1.5\n")]);
    assert!(said.contains("of different kinds, 1 of IDX and 1 of text"), "{said}");
    // A header may promise a picture that no memory could hold.
    let mut huge = png::grey(2, 2, &[1, 2, 3, 4]).expect("good");
    huge[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let crc = crc32fast::hash(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&crc);
    assert!(refused(&[("huge.png", &huge)]).starts_with("huge.png: "), "{}", refused(&[("huge.png", &huge)]));
}

proptest! {
    #[test]
    fn no_bytes_whatever_make_it_panic(first in vec(any::<u8>(), 0..200), second in vec(any::<u8>(), 0..60), png in any::<bool>()) {
        let start: &[u8] = if png { b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" } else { &[0, 0, 8] };
        let first = [start, &first].concat();
        let _ = read_as(&[("train", &first)], Wishes::default());
        let _ = read_as(&[("train", &first), ("test", &second)], Wishes::default());
    }

    #[test]
    fn a_png_with_one_byte_changed_is_read_or_refused(at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut file = png::grey(8, 8, &pixels(11)[..64]).expect("good");
        let at = at.index(file.len());
        file[at] ^= flip;
        if let Ok(picture) = png::read(&file) {
            prop_assert_eq!(picture.pixels.len() as u64, u64::from(picture.rows) * u64::from(picture.cols));
        }
    }
}

fn values(set: &Dataset) -> &[f32] {
    match set.values() {
        Values::Floats(values) => values,
        Values::Bytes(_) => panic!("series are floats"),
    }
}

fn series(text: &str) -> Own {
    own(&[("mine.csv", text.as_bytes())])
}

/// Rows of two values, `count` of each class in turn, all distinct.
fn rows(classes: &[(&str, usize)]) -> String {
    let mut text = String::from("label,a,b\n");
    for (place, (class, count)) in classes.iter().enumerate() {
        for i in 0..*count {
            text += &format!("{class},{i}.5,{}\n", 100 * (place + 1) + i);
        }
    }
    text
}

#[test]
fn own_series_are_split_class_by_class_and_scaled_alike() {
    let text = rows(&[("2", 10), ("1", 30), ("17", 1)]);
    let raw = table_of(text.as_bytes()).expect("good").values;
    let Own { split, facts, .. } = series(&text);
    let facts = facts.join(" ");
    // The class with the most rows comes first, the others as in the file.
    assert_eq!(split.train.classes(), ["1", "2", "17"]);
    let counts = |set: &Dataset| [0, 1, 2].map(|class| set.rows_of(class).len());
    assert_eq!((counts(&split.train), counts(&split.test)), ([21, 7, 0], [9, 3, 1]));
    assert!(
        facts.contains("class “1”, which has the most rows") && facts.contains("28 to learn from and 13"),
        "{facts}"
    );
    let learned = values(&split.train);
    let mean = learned.iter().map(|&x| f64::from(x)).sum::<f64>() / learned.len() as f64;
    let square = learned.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / learned.len() as f64;
    assert!(mean.abs() < 1e-5 && (square - 1.0).abs() < 1e-4, "mean {mean}, mean square {square}");
    // One scale for all: from the least and the largest every value comes back, and none is lost or doubled.
    let mut scaled: Vec<f32> = [learned, values(&split.test)].concat();
    let mut raw = raw;
    scaled.sort_by(f32::total_cmp);
    raw.sort_by(f32::total_cmp);
    let (least, most) = (scaled[0], scaled[scaled.len() - 1]);
    for (scaled, raw_value) in scaled.iter().zip(&raw) {
        let back = raw[0] + (scaled - least) / (most - least) * (raw[raw.len() - 1] - raw[0]);
        assert!((back - raw_value).abs() < 0.1, "{back}, not {raw_value}");
    }
    assert_eq!(scaled.len(), raw.len());
    assert_eq!(series(&text).split, split, "another split");
}

#[test]
fn a_class_called_normal_is() {
    let Own { split, facts, .. } = series(&rows(&[("odd", 20), ("Normal", 8)]));
    let facts = facts.join(" ");
    assert_eq!(split.train.classes(), ["Normal", "odd"]);
    assert_eq!((split.train.rows_of(0).len(), split.train.rows_of(1).len()), (5, 14));
    assert!(facts.contains("“Normal”, by its name"), "{facts}");
}

#[test]
fn own_series_without_classes_are_all_normal() {
    let text: String = (0..10).map(|i| format!("{i}.5,{}\n", 2 * i)).collect();
    let Own { split, facts, .. } = series(&text);
    assert_eq!((split.train.len(), split.test.len()), (7, 3));
    assert!(split.train.labels().is_empty() && facts.join(" ").contains("all count as normal"), "{facts:?}");
}

#[test]
fn too_little_or_all_alike_is_refused() {
    let said = |text: &str| refused(&[("mine.csv", text.as_bytes())]);
    assert!(said("1.5,2\n3,4\n").contains("mine.csv: there are 2 rows, and at least 4"));
    assert!(said(&"7.5,7.5\n".repeat(20)).contains("all values are equal"));
    let large = series("a,b\n3e38,-3e38\n3e38,0.5\n1,2\n-3e38,3e38\n");
    assert!(values(&large.split.train).iter().all(|x| x.abs() < 10.0));
}
