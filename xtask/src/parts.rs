//! The page's files that Trunk does not name by their content: the parts of the wasm that are fetched later, the
//! script that fetches them, and the scripts that the wasm brings along. A file that changes must change its name, and
//! with it the names of all who call it, or a browser would put an old part to a new page.

use crate::document::fingerprint;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// How the names of what is not downloaded with the page begin.
pub const LATER: &str = "later-";

/// Moves the parts from `later` into the site, names them, and writes the names into the scripts and the page.
pub fn name(site: &Path, later: &Path) -> Result<()> {
    let app = files(site)?.into_iter().find(|file| {
        let name = file_name(file);
        name.starts_with("app-") && name.ends_with(".js")
    });
    let app = app.context("the site has no app-*.js")?;
    let mut scripts = [app.clone(), site.join("bench.js"), site.join("index.html")].map(|file| (file, String::new()));
    for (file, text) in &mut scripts {
        *text = fs::read_to_string(&*file).with_context(|| format!("{} cannot be read", file.display()))?;
    }

    // Scripts that the wasm brings: out of their folders, under a name of their own.
    for file in deep_files(&site.join("snippets"))? {
        let text = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let (stem, old) = (file.file_stem().unwrap_or_default().to_string_lossy(), relative(site, &file));
        let new = format!("{stem}-{}.js", fingerprint(&text));
        fs::write(site.join(&new), text).with_context(|| format!("{new} cannot be written"))?;
        for (_, text) in &mut scripts {
            *text = called_anew(text, &old, &new);
        }
    }
    if site.join("snippets").is_dir() {
        fs::remove_dir_all(site.join("snippets"))?;
    }

    // The parts, the script that fetches them, and the page's script, which call each other: one name for all.
    let fetcher = later.join("later.js");
    let mut fetching = fs::read_to_string(&fetcher).with_context(|| format!("{} cannot be read", fetcher.display()))?;
    let mut content = format!("{}{fetching}", scripts[0].1).into_bytes();
    let parts = files(later)?.into_iter().filter(|part| {
        let name = file_name(part);
        name.ends_with(".wasm") && name != "app.wasm"
    });
    let parts: Vec<(String, Vec<u8>)> = parts
        .map(|part| {
            let wasm = fs::read(&part).with_context(|| format!("{} cannot be read", part.display()))?;
            content.extend_from_slice(&wasm);
            Ok((file_name(&part), wasm))
        })
        .collect::<Result<_>>()?;
    let hash = fingerprint(&content);
    for (old, wasm) in parts {
        let new = format!("{LATER}{}-{hash}.wasm", old.trim_start_matches("split_").trim_end_matches(".wasm"));
        fs::write(site.join(&new), wasm).with_context(|| format!("{new} cannot be written"))?;
        fetching = fetching.replace(&format!("\"./{old}\""), &format!("\"./{new}\""));
    }
    let (old, new) = (file_name(&app), format!("app-{hash}.js"));
    fs::write(site.join(format!("{LATER}{hash}.js")), fetching.replace("./app.js", &format!("./{new}")))?;
    scripts[0].1 = called_anew(&scripts[0].1, "./later.js", &format!("./{LATER}{hash}.js"));
    scripts[0].0 = site.join(&new);
    scripts[2].1 = scripts[2].1.replace(&old, &new);
    fs::remove_file(&app)?;
    for (file, text) in scripts {
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The text with another name where the file is imported or linked. Elsewhere in a script the old name is what the
/// wasm calls the module, and stays.
fn called_anew(text: &str, old: &str, new: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.starts_with("import ") || line.contains("<link") {
        true => line.replace(old, new),
        false => line.to_owned(),
    });
    lines.collect()
}

/// Files directly in a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Files in a folder and the folders in it; none, if it is not there.
fn deep_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(deep_files(&path)?);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Its address from the site's root.
pub fn relative(site: &Path, file: &Path) -> String {
    file.strip_prefix(site).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn site_of(app: &str, part: &[u8], name_of: &str) -> Result<BTreeMap<String, Vec<u8>>> {
        let root = std::env::temp_dir().join(format!("hourglass-parts-{}-{name_of}", std::process::id()));
        let (site, later) = (root.join("site"), root.join("later"));
        fs::create_dir_all(site.join("snippets/a/b"))?;
        fs::create_dir_all(&later)?;
        fs::write(site.join("app-1.js"), app)?;
        fs::write(site.join("bench.js"), "import './snippets/a/b/c.js'")?;
        fs::write(site.join("index.html"), "<script src=./app-1.js></script><link href=./snippets/a/b/c.js>")?;
        fs::write(site.join("snippets/a/b/c.js"), "c")?;
        fs::write(later.join("later.js"), "import './app.js'; fetch(\"./split_x.wasm\")")?;
        fs::write(later.join("split_x.wasm"), part)?;
        fs::write(later.join("app.wasm"), "main")?;
        name(&site, &later)?;
        let all = files(&site)?.into_iter().map(|file| Ok((file_name(&file), fs::read(&file)?))).collect();
        fs::remove_dir_all(&root)?;
        all
    }

    #[test]
    fn all_who_call_a_part_get_its_new_name() {
        let app = "import './later.js'\nimport './snippets/a/b/c.js'\n'./later.js': import2, './snippets/a/b/c.js': 3";
        let first = site_of(app, b"1", "first").expect("a good site");
        let names: Vec<&str> = first.keys().map(String::as_str).collect();
        let hash = names[0].trim_start_matches("app-").trim_end_matches(".js");
        let snippet = format!("c-{}.js", fingerprint(b"c"));
        let later = format!("later-{hash}.js");
        let part = format!("later-x-{hash}.wasm");
        assert_eq!(names, [names[0], "bench.js", &snippet, "index.html", &later, &part]);
        let text = |name: &str| String::from_utf8_lossy(&first[name]).into_owned();
        let modules = "'./later.js': import2, './snippets/a/b/c.js': 3";
        assert_eq!(text(names[0]), format!("import './{later}'\nimport './{snippet}'\n{modules}"));
        assert_eq!(text(&later), format!("import './{}'; fetch(\"./{part}\")", names[0]));
        assert_eq!(text("index.html"), format!("<script src=./{}></script><link href=./{snippet}>", names[0]));
        assert_eq!(text("bench.js"), format!("import './{snippet}'"));
        // Another part is another page.
        let second = site_of(app, b"2", "second").expect("a good site");
        assert!(!second.contains_key(names[0]) && !second.contains_key(&later));
    }
}
