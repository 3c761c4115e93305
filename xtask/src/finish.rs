//! The last step of Trunk's build, run by Trunk on the folder that is about to become `dist/`.

use crate::{data, document, sizes};
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::PathBuf;

/// Seals the pages, adds the data, and checks the sizes of a release.
pub fn run() -> Result<()> {
    let site = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let site = site.context("TRUNK_STAGING_DIR is not set: `trunk build` runs this step, see Trunk.toml")?;
    let release = env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");

    for entry in fs::read_dir(&site).with_context(|| format!("{} cannot be read", site.display()))? {
        let page = entry?.path();
        if page.extension().is_some_and(|ending| ending == "html") {
            let html = fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
            let sealed = document::seal(&html).with_context(|| format!("in {}", page.display()))?;
            for (name, text) in sealed.scripts {
                fs::write(site.join(&name), text).with_context(|| format!("{name} cannot be written"))?;
            }
            fs::write(&page, sealed.html).with_context(|| format!("{} cannot be written", page.display()))?;
        }
    }

    // A debug build's sizes tell nothing.
    if release {
        sizes::check(&site)?;
    }
    let data = data::folder()?;
    if data.is_dir() {
        let bytes = data::copy(&data, &site.join("data"))?;
        println!("  data: {:.1} MB", bytes as f64 / 1e6);
    }
    if !data::have()? {
        println!("  no data sets in this site: `cargo xtask data` fetches them");
    }
    Ok(())
}
