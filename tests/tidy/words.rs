//! Words that must not be in the tree.
use super::layers::lines;
use std::path::Path;

#[test]
fn nothing_is_left_unfinished() {
    // In two halves, so that this file does not find itself.
    let words =
        [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"]].map(|w| w.concat());
    let mut found = Vec::new();
    for folder in ["src", "xtask", "tests", "shaders", "benches"] {
        for (file, line, text) in lines(Path::new(folder)) {
            if let Some(word) = words.iter().find(|word| text.contains(*word)) {
                found.push(format!("{}:{line}: {word}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
