//! The built page in use for hours, with everything going wrong that can: what `tests/e2e/soak` does, and where its lines go.

use crate::data::Built;
use crate::programs::{self, Need};
use crate::{page, steps};
use anyhow::{Context, Result, bail};
use std::fs;
use std::process::Command;

/// Builds the site, drives it for so many minutes, and fails if a rule was broken. `only`: these doings and faults.
pub fn run(minutes: u32, only: Option<&str>, built: bool) -> Result<()> {
    programs::ensure(&[Need::Chromium, Need::Node])?;
    if !built {
        page::build(false, None, Built::Alone)?;
    }
    let folder = steps::root().join("tests/e2e");
    if !folder.join("node_modules").is_dir() {
        let npm = programs::find(&["npm"]).context("there is no npm")?;
        let mut install = Command::new(npm);
        steps::run("npm ci", install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    }
    let out = steps::target_dir()?.join("soak.jsonl");
    if let Some(place) = out.parent() {
        fs::create_dir_all(place)?;
    }
    println!("{minutes} minutes; a line of JSON each, also in {}", out.display());
    let mut soak = Command::new(programs::find(&["node"]).context("there is no node")?);
    soak.current_dir(&folder).arg("soak/main.mjs").env("MINUTES", minutes.to_string()).env("OUT", &out);
    soak.env("CHROMIUM", Need::Chromium.find().context("there is no Chromium")?);
    if let Some(only) = only {
        soak.env("ONLY", only);
    }
    let status = soak.status().context("node cannot be started")?;
    if !status.success() {
        bail!("the page broke a rule, or the run broke off ({status}): see the lines above");
    }
    Ok(())
}
