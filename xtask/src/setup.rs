//! What building the page needs beyond Cargo: the wasm target, Trunk and wasm-bindgen. Only what is missing is
//! made, and nothing is downloaded but Rust's own target and crates.

use crate::{programs, steps};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// The Trunk that is installed where none fits: the newest that this project's Rust can build.
const TRUNK: &str = "0.21.14";

/// Trunk, with a PATH in which it finds wasm-bindgen.
pub struct Trunk {
    program: PathBuf,
    path: OsString,
}

impl Trunk {
    /// Trunk in the root of the repository, ready to be given arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(steps::root()).env("PATH", &self.path);
        steps::forget_package(&mut command);
        // Trunk would ask a server for its newest version, and takes no NO_COLOR but the word `true`.
        command.env("TRUNK_SKIP_VERSION_CHECK", "true");
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        command
    }
}

/// Makes what is missing, and returns Trunk.
pub fn ensure() -> Result<Trunk> {
    ensure_target()?;
    let program = ensure_trunk()?;
    let tools = ensure_bindgen()?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools].into_iter().chain(env::split_paths(&path)))
        .context("the PATH cannot be put together: a folder's name in it holds the separator")?;
    Ok(Trunk { program, path })
}

fn ensure_target() -> Result<()> {
    let rustc = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let there = rustc.is_ok_and(|out| Path::new(String::from_utf8_lossy(&out.stdout).trim()).is_dir());
    if there {
        return Ok(());
    }
    if programs::find(&["rustup"]).is_none() {
        bail!("Rust here cannot compile for {TARGET}, and there is no rustup to add it: install that target");
    }
    steps::run(&format!("adding Rust's target {TARGET}"), Command::new("rustup").args(["target", "add", TARGET]))
}

fn ensure_trunk() -> Result<PathBuf> {
    if let Some(program) = find_trunk() {
        return Ok(program);
    }
    // A debug build of Trunk takes a third of the time, and makes the same page as fast: Cargo does the work.
    let mut install = steps::cargo(&["install", "trunk", "--version", TRUNK, "--locked", "--debug"]);
    install.env("CARGO_PROFILE_DEV_DEBUG", "0");
    steps::run(&format!("installing Trunk {TRUNK} (once; some minutes)"), &mut install)?;
    find_trunk().with_context(|| {
        format!("Trunk {TRUNK} was installed but is not found: add Cargo's bin folder to the PATH and try again")
    })
}

fn find_trunk() -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = programs::all_named("trunk");
    for (variable, below) in [("CARGO_INSTALL_ROOT", "bin"), ("CARGO_HOME", "bin"), ("HOME", ".cargo/bin")] {
        if let Some(folder) = env::var_os(variable) {
            candidates.push(Path::new(&folder).join(below).join(programs::file_name("trunk")));
        }
    }
    candidates.into_iter().find(|program| programs::version_of(program).is_some_and(|version| fits(&version)))
}

/// Whether Trunk.toml has been seen to work with this version.
fn fits(version: &str) -> bool {
    let mut parts = version.split(['.', '-']).map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    matches!((next(), next(), next()), (0, 21, 14..) | (0, 22, _))
}

/// The folder to put first in the PATH: this workspace's own wasm-bindgen, which splits the page's wasm first, so no
/// other will do.
fn ensure_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string(steps::root().join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let locked = locked_version(&lock, "wasm-bindgen").context("Cargo.lock holds no wasm-bindgen")?;
    let tools = steps::target_dir()?.join("tools");
    let program = tools.join(programs::file_name("wasm-bindgen"));
    // Cargo knows best whether it has changed.
    let mut build = steps::cargo(&["build", "--package", "xtask", "--features", "bindgen", "--bin", "bindgen"]);
    steps::run(&format!("building wasm-bindgen {locked} (a minute or two the first time)"), &mut build)?;
    fs::create_dir_all(&tools).with_context(|| format!("{} cannot be made", tools.display()))?;
    let built = steps::programs_dir()?.join(programs::file_name("bindgen"));
    fs::copy(&built, &program)
        .with_context(|| format!("{} cannot be copied to {}", built.display(), program.display()))?;
    if programs::version_of(&program).is_none_or(|version| version != locked) {
        bail!("{} is not version {locked}: set xtask/Cargo.toml's wasm-bindgen-cli to it", program.display());
    }
    Ok(tools)
}

/// What `cargo test` calls for a test that was compiled for the browser: builds the runner, then becomes it.
pub fn run_browser_test(arguments: &[OsString]) -> Result<()> {
    let build = ["build", "--quiet", "--package", "xtask", "--features", "bindgen", "--bin", "bindgen-test-runner"];
    let status = steps::cargo(&build).status().context("Cargo cannot be started")?;
    if !status.success() {
        bail!("the test runner for browsers could not be built: cargo {}", build.join(" "));
    }
    let runner = steps::programs_dir()?.join(programs::file_name("bindgen-test-runner"));
    let status = Command::new(&runner).args(arguments).status();
    let status = status.with_context(|| format!("{} cannot be started", runner.display()))?;
    // The tests have said themselves what failed.
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_fits_from_the_version_that_was_tried() {
        assert!(fits("0.21.14") && fits("0.22.1") && fits("0.22.0-beta.1"));
        assert!(!fits("0.21.13") && !fits("0.23.0") && !fits("1.0.0") && !fits(""));
    }

    #[test]
    fn the_locked_version_is_of_that_package() {
        let lock = "name = \"wasm-bindgen-cli\"\nversion = \"9\"\n\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.129"));
        assert_eq!(locked_version(lock, "bindgen"), None);
    }
}
