//! `wasm-bindgen`, from this workspace's Cargo.lock: its version is the page's by construction, and nothing is
//! downloaded as a binary. Before it, the page's wasm is split: what only some lessons need becomes a file of its own.

use anyhow::{Context, Result, anyhow};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The folder, in wasm-bindgen's, that holds what was split off. `cargo xtask finish` looks there.
const LATER: &str = "later";

fn main() -> Result<()> {
    let mut args: Vec<OsString> = env::args_os().collect();
    let input = args.iter().skip(1).position(|arg| Path::new(arg).extension().is_some_and(|ending| ending == "wasm"));
    if let Some(at) = input.map(|at| at + 1) {
        let input = PathBuf::from(&args[at]);
        if let (Some(out), Some("app")) = (out_dir(&args), input.file_stem().and_then(|stem| stem.to_str())) {
            args[at] = split(&input, &out.join(LATER))?.into();
            // The parts share the table of functions, which is the linker's.
            args.push("--keep-lld-exports".into());
        }
        if is_release(&input) {
            args.extend(["--remove-name-section".into(), "--remove-producers-section".into()]);
        }
    }
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args)
}

/// `--out-dir=X` or `--out-dir X`.
fn out_dir(args: &[OsString]) -> Option<PathBuf> {
    args.iter().enumerate().find_map(|(at, arg)| match arg.to_str()?.strip_prefix("--out-dir")? {
        "" => args.get(at + 1).map(PathBuf::from),
        rest => rest.strip_prefix('=').map(PathBuf::from),
    })
}

/// The part of the wasm that every visitor needs, as a file of the same name; the others, and the script that
/// fetches them, stand beside it.
fn split(input: &Path, folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    let wasm = fs::read(input).with_context(|| format!("{} cannot be read", input.display()))?;
    let main = folder.join("app.wasm");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    (options.output_dir, options.main_out_path) = (folder, &main);
    (options.link_name, options.main_module) = ("./later.js", "./app.js");
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|e| anyhow!("{e:?}"))
        .with_context(|| format!("{} cannot be split", input.display()))?;
    for part in parts.split_modules.iter().filter(|_| is_release(input)) {
        let wasm = fs::read(part).with_context(|| format!("{} cannot be read", part.display()))?;
        fs::write(part, bare(&wasm)?).with_context(|| format!("{} cannot be written", part.display()))?;
    }
    Ok(main)
}

/// Whether visitors will download it: names of functions are for debugging.
fn is_release(input: &Path) -> bool {
    input.components().any(|part| part.as_os_str() == "release")
}

/// A wasm without its custom sections, which say nothing about what it does.
fn bare(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut kept = wasm.get(..8).context("a part of the wasm is empty")?.to_vec();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let payload = payload.context("a part of the wasm is malformed")?;
        if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != 0) {
            kept.push(id);
            // The length that goes before the content, in LEB128.
            let content =
                wasm.get(range.start as usize..range.end as usize).context("a part of the wasm is cut off")?;
            let mut left = content.len();
            while left >= 0x80 {
                kept.push(left as u8 | 0x80);
                left >>= 7;
            }
            kept.push(left as u8);
            kept.extend_from_slice(content);
        }
    }
    Ok(kept)
}
