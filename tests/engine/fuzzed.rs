//! What fuzzing starts from, and every input that it has ever found a mistake with, once more: natively and in the browser.
mod parsers;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod seeds;

use parsers::Parser;

/// Inputs that a parser did not stand, in `fuzz/crashes/`.
const CRASHES: &[(Parser, &str, &[u8])] =
    &[(Parser::Png, "palette-of-49-bytes", include_bytes!("../../fuzz/crashes/png/palette-of-49-bytes"))];

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen_test::wasm_bindgen_test]
async fn every_parser_stands_what_was_ever_tried() {
    replayed().await;
}

#[cfg(not(target_arch = "wasm32"))]
#[pollster::test]
async fn every_parser_stands_what_was_ever_tried() {
    replayed().await;
}

async fn replayed() {
    for parser in Parser::ALL {
        for (_, bytes) in seeds::of(parser) {
            parser.check(&bytes).await;
        }
    }
    for (parser, _, bytes) in CRASHES {
        parser.check(bytes).await;
    }
}

/// With `WRITE_SEEDS` in the environment they are written anew.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_fuzzer_starts_from_the_seeds_that_are_tested() {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    /// Files of a parser, and bytes of one: they are all in the repository.
    const MOST: [usize; 2] = [30, 2048];

    for parser in Parser::ALL {
        let folder = Path::new("fuzz/seeds").join(parser.name());
        let made: BTreeMap<String, Vec<u8>> = seeds::of(parser).into_iter().collect();
        assert!(made.len() <= MOST[0] && made.values().all(|bytes| bytes.len() <= MOST[1]), "{parser:?}: too much");
        if std::env::var_os("WRITE_SEEDS").is_some() {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            made.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
        }
        assert!(held(&folder) == made, "{}: other files than tests/engine/fuzzed/seeds.rs makes", folder.display());
        let crashes = held(&Path::new("fuzz/crashes").join(parser.name()));
        let known = CRASHES.iter().filter(|(of, ..)| *of == parser);
        let known: BTreeMap<String, Vec<u8>> = known.map(|(_, name, bytes)| ((*name).into(), bytes.to_vec())).collect();
        assert!(crashes == known, "{parser:?}: fuzz/crashes and the list of this test differ");
    }

    fn held(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.map(|path| (path.file_name().unwrap().to_string_lossy().into(), fs::read(&path).unwrap())).collect()
    }
}
