//! Which module of `src/` may use which. This table is the architecture: read it first.
use std::fs;
use std::path::{Path, PathBuf};

const MAY_USE: [(&str, &[&str]); 8] = [
    ("words", &[]),
    ("compute", &["words"]),
    ("kernels", &["compute", "words"]),
    ("nn", &["compute", "kernels", "words"]),
    ("data", &["words"]),
    ("lessons", &["nn", "data", "words"]),
    ("engine", &["compute", "nn", "data", "lessons", "words"]),
    ("ui", &["engine", "lessons", "words"]),
];

/// What only one module may name, so that it can be changed in one place.
const ONLY_IN: [(&str, &[&str]); 2] =
    [("wgpu::", &["src/compute"]), ("leptos::", &["src/ui", "src/bin/app.rs", "src/bin/bench.rs"])];

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_USE {
        for file in files(&Path::new("src").join(module)) {
            for (line, used) in modules_named_in(&fs::read_to_string(&file).unwrap()) {
                if used != module && !allowed.contains(&used) {
                    wrong.push(format!("{}:{line}: `{module}` may not use `{used}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, line, text) in lines(Path::new("src")) {
        for (library, places) in ONLY_IN {
            let code = text.split("//").next().unwrap_or_default();
            if code.contains(library) && !places.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{}:{line}: `{library}` belongs in {places:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_table_and_on_the_map() {
    let map = fs::read_to_string("docs/ARCHITECTURE.md").unwrap();
    for entry in fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let known = ["lib", "bin"].contains(&name) || MAY_USE.iter().any(|(module, _)| *module == name);
        assert!(known, "src/{name} is new: add it to MAY_USE and to the map in docs/ARCHITECTURE.md");
        assert!(map.contains(&format!("{name}/")) || name == "lib", "docs/ARCHITECTURE.md does not name src/{name}");
    }
}

#[test]
fn files_are_small_enough_to_read_in_one_go() {
    let mut long = Vec::new();
    for folder in ["src", "xtask", "tests", "shaders", "fuzz/src"] {
        for file in files(Path::new(folder)) {
            let count = fs::read_to_string(&file).unwrap().lines().count();
            // WGSL has no includes: what a kernel does stands in its file, however much it is.
            if count > if folder == "shaders" { 600 } else { 500 } {
                long.push(format!("{} has {count} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn every_name_of_a_group_is_seen() {
    let text = "use crate::{compute::{Device, ui}, words,\n    ui,\n};\nuse crate::{kernel, data};\n/// [`crate::nn::Weights`]\n\
                fn f() -> crate::lessons::Recipe { crate::engineer(); crate::kernels }\n";
    let expected = [(1, "compute"), (1, "words"), (2, "ui"), (4, "data"), (5, "nn"), (6, "lessons"), (6, "kernels")];
    assert_eq!(modules_named_in(text), expected);
}

/// The modules that a file names, by line: `crate::nn`, and each of `crate::{nn, data::{Split, Values}}`.
fn modules_named_in(text: &str) -> Vec<(usize, &'static str)> {
    let mut all = Vec::new();
    for (at, name) in text.match_indices("crate::") {
        let start = at + name.len();
        // Where a name begins that stands behind `crate::` itself, and not behind a module of it.
        let (mut begins, mut depth) = (vec![start], 0);
        for (at, c) in text[start..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            // Without braces, or behind the last one.
            if depth == 0 {
                break;
            }
            if depth == 1 && (c == ',' || at == 0) {
                begins.push(start + at + 1);
            }
        }
        for at in begins {
            let rest = text[at..].trim_start();
            let at = text.len() - rest.len();
            let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            if let Some((module, _)) = MAY_USE.iter().find(|(module, _)| *module == word) {
                all.push((1 + text[..at].matches('\n').count(), *module));
            }
        }
    }
    all
}

pub fn lines(place: &Path) -> Vec<(PathBuf, usize, String)> {
    let mut all = Vec::new();
    for file in files(place) {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            all.push((file.clone(), number + 1, line.to_owned()));
        }
    }
    all
}

/// Rust and WGSL below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    // Git keeps no empty folders.
    if !folder.exists() {
        return all;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs" || e == "wgsl") {
            all.push(path);
        }
    }
    all
}
