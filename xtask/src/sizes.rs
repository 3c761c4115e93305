//! What a visitor downloads, file by file, and the limits that a release must keep.

use crate::{parts, programs, steps};
use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Page and worker together, compressed.
const WASM_LIMIT: u64 = 400_000;

/// Everything but the data sets, what only later lessons fetch, and what keeps the page for visits without a network,
/// which browsers fetch when the page stands; compressed.
const PAGE_LIMIT: u64 = 1_200_000;

/// The list of all files and their checksums.
const SERVICE: &str = "service.js";

/// One file of the site. Hosts compress with gzip at least, so the limits count that.
struct Size {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: Option<u64>,
}

/// Lists the files of a finished site but its data and its bench page, shows the list and keeps it in `target/sizes.txt`; fails when
/// one of the limits is exceeded.
pub fn check(site: &Path) -> Result<()> {
    let mut files = Vec::new();
    walk(site, &mut files)?;
    files.sort();
    let brotli = programs::find(&["brotli"]);
    let mut sizes = Vec::new();
    for file in files {
        let name = file.strip_prefix(site).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        // The bench page is a page of its own.
        if !name.starts_with("data/") && !name.starts_with("bench") {
            sizes.push(measure(name, &file, brotli.as_deref())?);
        }
    }
    let list = list(&sizes);
    print!("{list}");
    let path = steps::target_dir()?.join("sizes.txt");
    fs::write(&path, &list).with_context(|| format!("{} cannot be written", path.display()))?;
    judge(&sizes)
}

fn judge(sizes: &[Size]) -> Result<()> {
    let first = || sizes.iter().filter(|size| !size.name.starts_with(parts::LATER));
    let wasm = first().filter(|size| size.name.ends_with(".wasm")).map(|size| size.gzip).sum::<u64>();
    let page = first().filter(|size| size.name != SERVICE).map(|size| size.gzip).sum::<u64>();
    for (what, is, limit) in [("wasm", wasm, WASM_LIMIT), ("page without its data", page, PAGE_LIMIT)] {
        if is > limit {
            bail!(
                "the {what} is {is} bytes compressed, {} over the limit of {limit}: see target/sizes.txt for what \
                 grew, and make that smaller or load it later",
                is - limit
            );
        }
    }
    Ok(())
}

fn measure(name: String, file: &Path, brotli: Option<&Path>) -> Result<Size> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    let gzip = gzip.finish()?.len() as u64;
    let brotli = brotli.and_then(|program| {
        let out = Command::new(program).args(["--stdout", "--quality=11"]).arg(file).output().ok()?;
        out.status.success().then_some(out.stdout.len() as u64)
    });
    Ok(Size { name, raw: bytes.len() as u64, gzip, brotli })
}

fn list(sizes: &[Size]) -> String {
    let width = sizes.iter().map(|size| size.name.len()).max().unwrap_or(0).max(24);
    let mut text = format!("  {:width$} {:>10} {:>10} {:>10}\n", "bytes", "raw", "gzip", "brotli");
    let total = Size {
        name: "in all, without data".into(),
        raw: sizes.iter().map(|size| size.raw).sum(),
        gzip: sizes.iter().map(|size| size.gzip).sum(),
        brotli: sizes.iter().map(|size| size.brotli).sum(),
    };
    for Size { name, raw, gzip, brotli } in sizes.iter().chain([&total]) {
        let brotli = brotli.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:width$} {raw:>10} {gzip:>10} {brotli:>10}");
    }
    text
}

/// Every file in a folder and in those below it.
pub fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        match path.is_dir() {
            true => walk(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(name: &str, gzip: u64) -> Size {
        Size { name: name.into(), raw: 3 * gzip, gzip, brotli: None }
    }

    #[test]
    fn limits_hold_up_to_the_last_byte() {
        assert!(judge(&[size("app.wasm", 400_000), size("models/a", 800_000)]).is_ok());
        let error = judge(&[size("app.wasm", 400_001)]).expect_err("one byte over").to_string();
        assert!(error.contains("wasm is 400001 bytes compressed, 1 over"), "{error}");
        let error = judge(&[size("app.wasm", 400_000), size("models/a", 800_001)]).expect_err("over").to_string();
        assert!(error.contains("page without its data is 1200001 bytes"), "{error}");
        assert!(judge(&[size("app.wasm", 400_000), size("later-lessons-1.wasm", 1_000_000)]).is_ok());
    }

    #[test]
    fn the_list_adds_up() {
        let text = list(&[size("a", 1), size("b", 2)]);
        assert!(text.lines().any(|line| line.split_whitespace().eq(["in", "all,", "without", "data", "9", "3", "-"])));
    }
}
