//! The data sets of the site: the project's own command line fetches and checks them, once, into `target/site-data`;
//! the last step of Trunk's build puts them into the site.

use crate::{programs, steps};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let from = env::var("HOURGLASS_DATA");
    let source = from.map_or_else(|_| "from the network".to_owned(), |folder| format!("from {folder}"));
    steps::run(&format!("bringing the data sets {source}"), &mut fetch)?;
    if !have()? {
        bail!("`hourglass data` ended well but {} holds no data set", into.display());
    }
    Ok(())
}

/// Data for the site, if they can be had: without them the page teaches on digits and heartbeats drawn by formula.
/// With `REQUIRE_DATA=1` they must be had.
pub fn bring(sets: Option<&str>, built: Built) -> Result<()> {
    let Err(error) = fetch(sets, built) else { return Ok(()) };
    if required() {
        return Err(error.context("REQUIRE_DATA=1, and the data sets could not be had"));
    }
    println!("  no data, and the site is built without them: {error:#}");
    println!("  to add them: `HOURGLASS_DATA=FOLDER cargo xtask data`, with mnist/ and ecg5000/ in FOLDER; then again");
    Ok(())
}

/// Whether a site without data is a failure.
pub fn required() -> bool {
    env::var("REQUIRE_DATA").is_ok_and(|value| value == "1")
}

/// Whether any data set waits for the site: each has a folder of its own beside the catalogue.
pub fn have() -> Result<bool> {
    Ok(fs::read_dir(folder()?).is_ok_and(|entries| entries.flatten().any(|entry| entry.path().is_dir())))
}

/// Copies a folder, and says how many bytes. Names with a dot first are somebody's scratch, and are left out.
pub fn copy(from: &Path, to: &Path) -> Result<u64> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    let mut bytes = 0;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        bytes += match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => fs::copy(entry.path(), &target)
                .with_context(|| format!("{} cannot be copied to {}", entry.path().display(), target.display()))?,
        };
    }
    Ok(bytes)
}
