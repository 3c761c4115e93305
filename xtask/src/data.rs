//! The data sets of the site: the project's own command line fetches and checks them, once, into `target/site-data`;
//! the last step of Trunk's build puts them into the site.

use crate::{programs, steps};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which sets a build is to have, for its last step, which Trunk calls: all that wait, without it.
pub const SETS: &str = "HOURGLASS_SETS";

/// The list of what a folder of data holds.
const CATALOGUE: &str = "catalogue.json";

/// Where the data wait for the site.
pub fn folder() -> Result<PathBuf> {
    Ok(steps::target_dir()?.join("site-data"))
}

/// What the command line is built with: crates are shared only between builds of the same graph.
#[derive(Clone, Copy)]
pub enum Built {
    /// Nothing else: the shortest way to it.
    Alone,
    /// The graph of `cargo test --workspace`, after which nothing is left to build.
    WithTests,
}

/// Fetches the sets, or takes them from the folder that `HOURGLASS_DATA` names.
pub fn fetch(sets: Option<&str>, built: Built) -> Result<()> {
    let mut build = steps::cargo(&["build", "--quiet", "--bin", "hourglass"]);
    if let Built::WithTests = built {
        build.args(["--workspace", "--test", "tidy"]);
    }
    steps::run("building the command line, which brings the data sets", &mut build)?;

    let into = folder()?;
    let mut fetch = Command::new(steps::programs_dir()?.join(programs::file_name("hourglass")));
    fetch.current_dir(steps::root()).args(["data", "--into"]).arg(&into);
    if let Some(sets) = sets {
        fetch.args(["--sets", sets]);
    }
    if required() {
        fetch.arg("--require");
    }
    let from = env::var("HOURGLASS_DATA");
    let source = from.map_or_else(|_| "from the network".to_owned(), |folder| format!("from {folder}"));
    steps::run(&format!("bringing the data sets {source}"), &mut fetch)?;
    if !have()? {
        bail!("`hourglass data` ended well but {} holds no data set", into.display());
    }
    Ok(())
}

/// Data for the site, if they can be had: without them the page teaches on digits and heartbeats drawn by formula.
/// With `REQUIRE_DATA=1` each of them must be had.
pub fn bring(sets: Option<&str>, built: Built) -> Result<()> {
    let Err(error) = fetch(sets, built) else { return Ok(()) };
    if required() {
        return Err(error.context("REQUIRE_DATA=1, and the data sets could not be had"));
    }
    println!("  no data, and the site is built without them: {error:#}");
    println!("  to add them: `HOURGLASS_DATA=FOLDER cargo xtask data`, with mnist/ and ecg5000/ in FOLDER; then again");
    Ok(())
}

/// Whether a site that lacks one of its data sets is a failure.
pub fn required() -> bool {
    env::var("REQUIRE_DATA").is_ok_and(|value| value == "1")
}

/// Whether any data set waits for the site.
pub fn have() -> Result<bool> {
    has_sets(&folder()?)
}

fn has_sets(folder: &Path) -> Result<bool> {
    Ok(catalogue(folder, None)?.is_some_and(|catalogue| !sets_of(&catalogue).is_empty()))
}

/// Puts the sets that wait, or those of them that are wanted, into the site, with a catalogue of just these; says which
/// they are, and how many bytes. What else lies in the folder, such as another version of a file, stays there.
pub fn put(from: &Path, site: &Path, wanted: Option<&str>) -> Result<(Vec<String>, u64)> {
    let Some(catalogue) = catalogue(from, wanted)? else { return Ok((Vec::new(), 0)) };
    let mut bytes = 0;
    for set in sets_of(&catalogue) {
        let paths = set["files"].as_array().into_iter().flatten().filter_map(|file| file["path"].as_str());
        for path in paths {
            let (from, to) = (from.join(path), site.join(path));
            let folder = to.parent().unwrap_or(site);
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            bytes += fs::copy(&from, &to)
                .with_context(|| format!("{} cannot be copied: `cargo xtask data` brings it anew", from.display()))?;
        }
    }
    fs::create_dir_all(site).with_context(|| format!("{} cannot be made", site.display()))?;
    let path = site.join(CATALOGUE);
    let text = serde_json::to_string_pretty(&catalogue)? + "\n";
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok((sets_of(&catalogue).iter().map(|set| slug(set).to_owned()).collect(), bytes))
}

/// The catalogue of a folder, without the sets that are not wanted. `None`: it has none.
fn catalogue(folder: &Path, wanted: Option<&str>) -> Result<Option<Value>> {
    let path = folder.join(CATALOGUE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let mut catalogue: Value = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no JSON: `cargo xtask data` makes it anew", path.display()))?;
    if let (Some(wanted), Some(sets)) = (wanted, catalogue["sets"].as_array_mut()) {
        sets.retain(|set| wanted.split(',').any(|wanted| wanted == slug(set)));
    }
    Ok(Some(catalogue))
}

fn sets_of(catalogue: &Value) -> &[Value] {
    catalogue["sets"].as_array().map_or(&[], Vec::as_slice)
}

fn slug(set: &Value) -> &str {
    set["slug"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_has_what_is_wanted_and_what_the_catalogue_says() {
        let folder = env::temp_dir().join(format!("xtask-data-{}", std::process::id()));
        let (from, site) = (folder.join("waiting"), folder.join("site"));
        let set = |slug: &str| json!({ "slug": slug, "files": [{ "path": format!("{slug}/a.1.gz") }] });
        let catalogue = json!({ "version": 1, "sets": [set("mnist"), set("fashion-mnist")] });
        for (path, content) in [
            ("mnist/a.1.gz", "12345".to_owned()),
            ("mnist/a.0.gz", "of an earlier version".to_owned()),
            ("fashion-mnist/a.1.gz", "123".to_owned()),
            (CATALOGUE, catalogue.to_string()),
        ] {
            let path = from.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, content).expect("written");
        }
        let listed =
            || -> Value { serde_json::from_slice(&fs::read(site.join(CATALOGUE)).expect("there")).expect("JSON") };

        assert_eq!(put(&from, &site, Some("ecg5000,mnist")).expect("put"), (vec!["mnist".to_owned()], 5));
        assert_eq!(listed(), json!({ "version": 1, "sets": [set("mnist")] }));
        assert!(site.join("mnist/a.1.gz").exists() && !site.join("mnist/a.0.gz").exists());
        assert!(!site.join("fashion-mnist").exists(), "what was not asked for is no part of the site");

        assert!(has_sets(&from).expect("readable"));
        assert_eq!(put(&from, &site, None).expect("put").1, 8);
        assert_eq!(listed(), catalogue);
        fs::remove_file(from.join("mnist/a.1.gz")).expect("there");
        let error = format!("{:#}", put(&from, &site, None).expect_err("half a set"));
        assert!(error.contains("a.1.gz") && error.contains("cargo xtask data"), "{error}");
        assert_eq!(put(&folder.join("nothing"), &site, None).expect("nothing to do"), (vec![], 0));
        assert!(!has_sets(&folder.join("nothing")).expect("readable"));
        // The folder of a set that nothing lists is of no use to a page.
        fs::write(from.join(CATALOGUE), json!({ "version": 1, "sets": [] }).to_string()).expect("written");
        assert!(!has_sets(&from).expect("readable"));
        fs::remove_dir_all(folder).expect("there");
    }
}
