//! What lets the site work without a network: a service worker that knows every file of this build by its sum, and the
//! script by which the page starts it.

use crate::document::fingerprint;
use crate::{parts, sizes, steps};
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::path::Path;

/// Set for a page that is being worked on: a cache that keeps what was changed would only be in the way.
pub const OFF: &str = "HOURGLASS_NO_OFFLINE";

/// The service worker's name: the one that browsers look at again, so it has to stay.
const WORKER: &str = "service.js";

/// Puts the worker, its script and the build's name into a site that is otherwise finished.
pub fn add(site: &Path) -> Result<()> {
    let read = |name: &str| {
        let path = steps::root().join("www").join(name);
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let write = |name: &str, text: String| {
        fs::write(site.join(name), text).with_context(|| format!("{name} cannot be written"))
    };
    if env::var_os(OFF).is_some() {
        return write(WORKER, read("service-off.js")?);
    }
    let (worker, script) = (read(WORKER)?, read("offline.js")?);
    let page = site.join("index.html");
    let html = fs::read_to_string(&page).context("the site has no index.html")?;
    let build = build(&files(site)?, &format!("{worker}{script}"));
    let script_name = format!("offline-{}.js", fingerprint(script.as_bytes()));
    fs::write(&page, announced(&html, &build, &script_name)?).context("index.html cannot be written")?;
    write(&script_name, script)?;
    let list = files(site)?;
    println!("  build {build}: {} files for visits without a network", list.len());
    write(WORKER, filled(&worker, &build, &list))
}

/// A file's address below the site, and its sum as browsers check it.
type Listed = (String, String);

/// Everything but the data, which visitors fetch as they need them; their catalogue is part of the page.
fn files(site: &Path) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    sizes::walk(site, &mut found)?;
    let mut list = Vec::new();
    for file in found {
        let name = parts::relative(site, &file);
        if name == WORKER || (name.starts_with("data/") && name != "data/catalogue.json") {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        list.push((name, format!("sha256-{}", STANDARD.encode(Sha256::digest(&bytes)))));
    }
    list.sort();
    Ok(list)
}

/// A name that is another one whenever anything in the site is, or one of the scripts that are put into it last.
fn build(files: &[Listed], scripts: &str) -> String {
    let mut text = scripts.to_owned();
    for (name, sum) in files {
        text.push_str(&format!("{name} {sum}\n"));
    }
    fingerprint(text.as_bytes())
}

/// The page with its build's name, and with the script that starts the worker.
fn announced(html: &str, build: &str, script: &str) -> Result<String> {
    let (head, rest) = html.split_once("</head>").context("the page has no </head>")?;
    Ok(format!(
        "{head}<meta name=\"build\" content=\"{build}\" />\n    <script type=\"module\" src=\"./{script}\"></script>\n  \
         </head>{rest}"
    ))
}

/// The worker with what it has to know in front.
fn filled(worker: &str, build: &str, files: &[Listed]) -> String {
    let lines: String = files.iter().map(|(name, sum)| format!("  '{name}': '{sum}',\n")).collect();
    format!("const BUILD = '{build}';\nconst FILES = {{\n{lines}}};\n\n{worker}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_with_its_sum_and_the_data_are_not() {
        let site = env::temp_dir().join(format!("hourglass-offline-{}", std::process::id()));
        fs::create_dir_all(site.join("data/mnist")).expect("a folder");
        for (name, text) in [("a.js", "a"), ("data/catalogue.json", "{}"), ("data/mnist/x.gz", "x"), (WORKER, "worker")]
        {
            fs::write(site.join(name), text).expect("a file");
        }
        let list = files(&site).expect("a good site");
        fs::remove_dir_all(&site).expect("it was made");
        // printf a | openssl dgst -sha256 -binary | base64
        let sum = |sum: &str| format!("sha256-{sum}=");
        let expected = [
            ("a.js".to_owned(), sum("ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs")),
            ("data/catalogue.json".to_owned(), sum("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o")),
        ];
        assert_eq!(list, expected);
    }

    #[test]
    fn whatever_changes_is_another_build() {
        let file = |name: &str, sum: &str| (name.to_owned(), sum.to_owned());
        let one = build(&[file("a", "1")], "worker");
        for other in
            [build(&[file("a", "2")], "worker"), build(&[file("b", "1")], "worker"), build(&[file("a", "1")], "works")]
        {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn page_and_worker_know_the_build() {
        let page = announced("<head><title>a</title></head><body>", "b1", "s.js").expect("a head");
        let (head, _) = page.split_once("</head>").expect("a head");
        assert!(head.contains("<meta name=\"build\" content=\"b1\" />"), "{page}");
        assert!(head.contains("<script type=\"module\" src=\"./s.js\"></script>"), "{page}");
        let worker = filled("work();\n", "b1", &[("a/b.js".into(), "sha256-1".into())]);
        assert_eq!(worker, "const BUILD = 'b1';\nconst FILES = {\n  'a/b.js': 'sha256-1',\n};\n\nwork();\n");
    }
}
