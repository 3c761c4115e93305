//! What holds where strangers' files, texts and links are read.
use super::layers::lines;
use std::fs;
use std::path::Path;

/// Everything that reads what others wrote.
const READERS: [&str; 22] = [
    "src/data/assemble.rs",
    "src/data/catalogue.rs",
    "src/data/csv.rs",
    "src/data/dataset.rs",
    "src/data/fetch/zip.rs",
    "src/data/gzip.rs",
    "src/data/idx.rs",
    "src/data/own.rs",
    "src/data/own/files.rs",
    "src/data/own/pictures.rs",
    "src/data/own/series.rs",
    "src/data/png.rs",
    "src/data/ucr.rs",
    "src/engine/jobs/bring.rs",
    "src/engine/keeping/record.rs",
    "src/lessons/compress/file.rs",
    "src/lessons/compress/quantiser.rs",
    "src/lessons/draw.rs",
    "src/lessons/link.rs",
    "src/lessons/link/fields.rs",
    "src/lessons/link/view.rs",
    "src/nn/checkpoint.rs",
];

/// What each of them asks of clippy. Their tests may panic: that is how they fail.
const NO_PANIC: &str =
    "#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]";

/// The one place that needs it.
const UNSAFE_IN: &str = "src/kernels/product.rs";

#[test]
fn whatever_reads_strangers_files_has_no_way_to_panic() {
    let without = READERS.iter().filter(|file| {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        !text.lines().any(|line| line == NO_PANIC)
    });
    let without: Vec<_> = without.collect();
    assert!(without.is_empty(), "without the line `{NO_PANIC}`: {without:?}");
    for folder in ["src/data/own", "src/lessons/link"] {
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let known = READERS.iter().any(|reader| Path::new(reader) == file) || file.ends_with("tests.rs");
            assert!(known, "{} is new: add it to READERS", file.display());
        }
    }
}

#[test]
fn unsafe_code_stays_in_one_place() {
    let mut wrong = Vec::new();
    for folder in ["src", "xtask", "macros", "tests", "benches", "fuzz/src", "fuzz/fuzz_targets"] {
        for (file, number, text) in lines(Path::new(folder)) {
            let code = text.split("//").next().unwrap_or_default();
            let unsafe_here = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"];
            if unsafe_here.iter().any(|word| code.contains(word))
                && file != Path::new(UNSAFE_IN)
                && !file.ends_with("hostile.rs")
            {
                wrong.push(format!("{}:{number}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "unsafe code outside of {UNSAFE_IN}: {wrong:?}");
}

#[test]
fn every_fuzz_target_is_listed_and_has_seeds() {
    let manifest = fs::read_to_string("fuzz/Cargo.toml").unwrap();
    let parsers = fs::read_to_string("tests/engine/fuzzed/parsers.rs").unwrap();
    let mut targets = 0;
    for file in fs::read_dir("fuzz/fuzz_targets").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml lacks {name}");
        assert!(Path::new("fuzz/seeds").join(&name).is_dir(), "fuzz/seeds lacks {name}");
        targets += 1;
    }
    let listed = parsers.split("pub const ALL").nth(1).unwrap().split("];").next().unwrap().matches("Self::").count();
    assert_eq!(targets, listed, "targets of fuzz/, and parsers in tests/engine/fuzzed/parsers.rs");
}
