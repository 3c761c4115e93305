//! Data sets and their files as wholes: the list, the catalogue, assembling.
use super::files::idx_file;
use hourglass::data::catalogue::{self, Catalogue, FileEntry, SetEntry};
use hourglass::data::{
    Address, DataError, Dataset, Kind, Role, SOURCES, Shape, Source, SourceFile, Split, Values, assemble, source,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const PAIR: Shape = Shape { rows: 1, cols: 2 };

fn message<T: std::fmt::Debug>(result: Result<T, DataError>) -> String {
    result.expect_err("should be refused").to_string()
}

fn dataset(shape: Shape, values: Values, labels: &[u8], classes: &[&str]) -> Result<Dataset, DataError> {
    Dataset::new("own", "Own", shape, values, labels.to_vec(), classes.iter().map(|&c| c.into()).collect())
}

#[test]
fn a_dataset_is_consistent() {
    let floats = |values: &[f32]| Values::Floats(values.to_vec());
    let bytes = |values: &[u8]| Values::Bytes(values.to_vec());
    for (shape, values, labels, classes, says) in [
        (PAIR, bytes(&[]), &[][..], &[][..], "no value"),
        (Shape { rows: 0, cols: 2 }, bytes(&[1]), &[], &[], "no value"),
        (Shape { rows: usize::MAX, cols: 2 }, bytes(&[1]), &[], &[], "the number of values left"),
        (PAIR, bytes(&[1, 2, 3]), &[], &[], "the number of values left after the last whole row is 1"),
        (PAIR, bytes(&[1, 2, 3, 4]), &[0], &[], "the number of labels is 1, but the number of inputs is 2"),
        (PAIR, bytes(&[1, 2]), &[1], &["a"], "a label (counted from 0) is 1, but the number of classes is 1"),
        (PAIR, floats(&[0.0, 1.0, f32::NAN, 0.0]), &[], &[], "value NaN in row 1, column 0"),
        (PAIR, floats(&[0.0, f32::INFINITY]), &[], &[], "value inf in row 0, column 1"),
    ] {
        let said = message(dataset(shape, values, labels, classes));
        assert!(said.contains(says), "{said:?} should say {says:?}");
    }
    assert!(dataset(PAIR, bytes(&[1, 2]), &[0], &[]).expect("good").unit());
    assert!(dataset(PAIR, floats(&[0.0, 1.0]), &[0], &["a"]).expect("good").unit());
    assert!(!dataset(PAIR, floats(&[0.0, 1.01]), &[], &[]).expect("good").unit());
    let other = dataset(Shape { rows: 2, cols: 1 }, bytes(&[1, 2]), &[], &[]).expect("good");
    assert!(message(Split::new(dataset(PAIR, bytes(&[1, 2]), &[], &[]).expect("good"), other)).contains("height"));
}

#[test]
fn bytes_become_values_by_one_multiplication() {
    let all: Vec<u8> = (0..=255).collect();
    let set = dataset(Shape { rows: 16, cols: 16 }, Values::Bytes(all.clone()), &[], &[]).expect("good");
    let row = set.row(0).expect("the only one");
    for (&byte, &value) in all.iter().zip(&row) {
        assert_eq!(value.to_bits(), (byte as f32 * (1.0 / 255.0)).to_bits(), "byte {byte}");
    }
    assert_eq!((row[0], row[255]), (0.0, 1.0));
}

#[test]
fn rows_are_copied_by_range_or_index() {
    let values = Values::Floats(vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let set = dataset(PAIR, values, &[7, 8, 9], &[]).expect("good");
    let mut out = [0.0; 4];
    set.copy_rows(1..3, &mut out).expect("there");
    assert_eq!(out, [2.0, 3.0, 4.0, 5.0]);
    set.copy_rows([2, 0], &mut out).expect("there");
    assert_eq!(out, [4.0, 5.0, 0.0, 1.0]);
    assert_eq!(set.copy_rows([0, 3], &mut out), Err(DataError::NoSuchRow { row: 3, len: 3 }));
    assert_eq!(set.copy_rows([0, usize::MAX], &mut out), Err(DataError::NoSuchRow { row: usize::MAX as u64, len: 3 }));
    for rows in [0..1, 0..3] {
        assert!(message(set.copy_rows(rows, &mut out)).contains("the room for values is 4"));
    }
    assert!(set.copy_rows([0], &mut out[..3]).is_err());
    assert_eq!((set.row(2), set.row(3)), (Some(vec![4.0, 5.0]), None));
    assert_eq!((set.label(1), set.label(3)), (Some(8), None));
    let chosen = set.select(&[2, 2, 0]).expect("there");
    assert_eq!(chosen.values(), &Values::Floats(vec![4.0, 5.0, 4.0, 5.0, 0.0, 1.0]));
    assert_eq!(chosen.labels(), [9, 9, 7]);
    assert_eq!((set.rows_of(8), set.rows_of(0)), (vec![1], vec![]));
    assert_eq!(set.select(&[3]), Err(DataError::NoSuchRow { row: 3, len: 3 }));
    assert_eq!(set.select(&[]), Err(DataError::Empty("value")));
}

#[test]
fn the_list_is_consistent() {
    for (i, each) in SOURCES.iter().enumerate() {
        assert!(SOURCES[..i].iter().all(|other| other.slug != each.slug), "{} is listed twice", each.slug);
        assert_eq!(source(each.slug), Some(each));
        let Kind::Files { files, addresses, .. } = each.kind else { continue };
        assert!(!addresses.is_empty());
        for (j, file) in files.iter().enumerate() {
            assert!(files[..j].iter().all(|other| other.role != file.role), "{}: two with {}", each.slug, file.role);
            assert!(file.sha256.len() == 64 && file.sha256.bytes().all(|b| b.is_ascii_hexdigit()), "{}", file.name);
        }
    }
    assert_eq!(source("nothing"), None);
}

/// A data set of two pictures of 1 × 2 to learn from and one to test with.
fn small() -> (Source, Vec<(Role, Vec<u8>)>) {
    const fn file(role: Role) -> SourceFile {
        SourceFile { name: "x", role, sha256: "", bytes: 0 }
    }
    const FILES: &[SourceFile] =
        &[file(Role::TrainImages), file(Role::TrainLabels), file(Role::TestImages), file(Role::TestLabels)];
    let kind = Kind::Files { folder: "small", files: FILES, addresses: &[Address::Folder("")] };
    let source = Source {
        slug: "small",
        title: "Small",
        kind,
        train: 2,
        test: 1,
        shape: PAIR,
        unit: true,
        classes: &["a", "b"],
    };
    let files = vec![
        (Role::TestLabels, idx_file(&[1], &[1])),
        (Role::TrainImages, idx_file(&[2, 1, 2], &[1, 2, 3, 4])),
        (Role::TestImages, idx_file(&[1, 1, 2], &[5, 6])),
        (Role::TrainLabels, idx_file(&[2], &[0, 1])),
    ];
    (source, files)
}

#[test]
fn files_are_assembled_in_any_order() {
    let (source, files) = small();
    let split = assemble(&source, files).expect("good");
    assert_eq!(split.train.values(), &Values::Bytes(vec![1, 2, 3, 4]));
    assert_eq!(split.train.labels(), [0, 1]);
    assert_eq!(split.train.classes(), ["a", "b"]);
    assert_eq!(split.test.values(), &Values::Bytes(vec![5, 6]));
    assert!(split.unit());
}

#[test]
fn wrong_files_are_named() {
    for (at, role, bytes, says) in [
        (0, Role::TestSeries, idx_file(&[2], &[0, 1]), "Small is incomplete: the file with its test labels is missing"),
        (0, Role::TestLabels, idx_file(&[2], &[0, 1]), "Small, test images: the number of labels is 2"),
        (0, Role::TestLabels, idx_file(&[1], &[2]), "a label (counted from 0) is 2"),
        (0, Role::TestLabels, idx_file(&[1, 1, 2], &[5, 6]), "Small, test labels: this is not an IDX file"),
        (2, Role::TestImages, idx_file(&[1], &[6]), "Small, test images: this is not an IDX file"),
        (2, Role::TestImages, idx_file(&[1, 1, 3], &[6, 6, 6]), "the number of values per input is 3"),
        (2, Role::TestImages, b"\x1f\x8b\x08".to_vec(), "Small, test images: the file ends after 3 of 4 bytes"),
        (
            1,
            Role::TrainImages,
            idx_file(&[1, 1, 2], &[1, 2]),
            "the number of labels is 2, but the number of inputs is 1",
        ),
    ] {
        let (source, mut files) = small();
        files[at] = (role, bytes);
        let said = message(assemble(&source, files));
        assert!(said.contains(says), "{said:?} should say {says:?}");
    }
    let (mut source, files) = small();
    source.train = 3;
    assert!(message(assemble(&source, files)).contains("the number of inputs in the file is 2"));
    let strokes = SOURCES.iter().find(|source| source.kind == Kind::BuiltIn).expect("listed");
    assert!(message(assemble(strokes, Vec::new())).contains("has no files"));
}

fn entry(role: Role) -> FileEntry {
    let sha256 = catalogue::sum(format!("packed {role}").as_bytes());
    let raw_sha256 = catalogue::sum(format!("raw {role}").as_bytes());
    FileEntry { path: format!("ecg5000/{}.gz", &sha256[..8]), role, bytes: 1000, sha256, raw_sha256 }
}

fn listed() -> Catalogue {
    let files = vec![entry(Role::TrainSeries), entry(Role::TestSeries)];
    let (slug, title) = ("ecg5000".into(), "ECG5000".into());
    let set = SetEntry { slug, title, train: 500, test: 4500, rows: 1, cols: 140, unit: false, files };
    Catalogue { version: 1, sets: vec![set] }
}

#[test]
fn the_catalogue_comes_back_as_written() {
    let json = listed().to_json();
    assert!(json.contains("\"role\": \"train-series\""), "{json}");
    let read = Catalogue::read(json.as_bytes()).expect("good");
    assert_eq!(read, listed());
    assert_eq!(read.set("ecg5000").map(SetEntry::bytes), Some(2000));
    assert_eq!(read.known().map(|(source, _)| source.title).collect::<Vec<_>>(), ["ECG5000"]);
    // A newer site's set is passed over by an older page, not refused.
    let newer = json.replace("\"slug\": \"ecg5000\"", "\"slug\": \"new\"");
    assert_eq!(Catalogue::read(newer.as_bytes()).expect("good").known().count(), 0);
}

#[test]
fn a_wrong_catalogue_is_refused() {
    type Change = fn(&mut Catalogue);
    let changes: [(Change, &str); 8] = [
        (|c| c.version = 2, "version 2, and this page reads version 1"),
        (|c| c.sets.push(c.sets[0].clone()), "\"ecg5000\" is listed twice"),
        (|c| c.sets[0].files[0].path = "../secret".into(), "is not a path below the catalogue"),
        (|c| c.sets[0].files[0].path = "https://example.org/x".into(), "is not a path below the catalogue"),
        (|c| c.sets[0].files[0].sha256.make_ascii_uppercase(), "is not a SHA-256"),
        (|c| c.sets[0].files[1].role = Role::TrainSeries, "2 files with training series"),
        (|c| c.sets[0].cols = 141, "should be (500, 4500, 1, 140, false)"),
        (|c| c.sets[0].slug = "beats".into(), "made by formula"),
    ];
    for (change, says) in changes {
        let mut wrong = listed();
        change(&mut wrong);
        let said = message(Catalogue::read(wrong.to_json().as_bytes()));
        assert!(said.contains(says), "{said:?} should say {says:?}");
    }
    assert!(message(Catalogue::read(b"<html>")).contains("data/catalogue.json can't be used"));
    let json = listed().to_json();
    for cut in 0..json.trim_end().len() {
        assert!(Catalogue::read(&json.as_bytes()[..cut]).is_err(), "cut after {cut}");
    }
    assert!(message(Catalogue::read(&vec![b' '; 2 << 20])).contains("2,097,152 is more than the 1,048,576"));
}

#[test]
fn sums_are_checked_packed_or_unpacked_by_the_host() {
    // printf abc | sha256sum
    assert_eq!(catalogue::sum(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let file = entry(Role::TrainSeries);
    assert_eq!(catalogue::check(b"packed training series", &file), Ok(()));
    assert_eq!(catalogue::check(b"raw training series", &file), Ok(()));
    let said = message(catalogue::check(b"packed training serieS", &file));
    assert!(said.contains(&file.path) && said.contains(&file.sha256), "{said}");
}
