//! Every test of the project, in stages: lint, native, browser, e2e.

use crate::counts::Counts;
use crate::data::Built;
use crate::programs::{self, Need};
use crate::{deny, page, steps};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::env;
use std::process::Command;
use std::time::Instant;

/// How much is shown of the failures after the first.
const LATER_LINES: usize = 60;

/// A part of the tests that can run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Formatting, clippy natively and for the browser, and the licences and sources of all crates
    Lint,
    /// The rules of the code that a machine can check: layers, shaders against Rust, docs
    Tidy,
    /// All tests of the engine and the tools on this machine, on Vulkan
    Native,
    /// The tests of the engine in Chromium, on WebGPU
    Browser,
    /// The built page in Chromium, with and without WebGPU, and in Firefox
    E2e,
}

/// What runs when nothing is chosen; native runs tidy too.
const ALL: [Stage; 4] = [Stage::Lint, Stage::Native, Stage::Browser, Stage::E2e];

impl Stage {
    fn needs(self) -> &'static [Need] {
        match self {
            Stage::Lint => &[Need::Python],
            Stage::Tidy => &[],
            Stage::Native => &[Need::Vulkan],
            Stage::Browser => &[Need::Chromium, Need::ChromeDriver],
            Stage::E2e => &[Need::Chromium, Need::Firefox, Need::Node, Need::Vulkan],
        }
    }

    fn run(self, report: &mut Report) -> Result<()> {
        match self {
            Stage::Lint => lint(report),
            Stage::Tidy => {
                report.tests("tidy: cargo test --test tidy", "tidy", &mut steps::cargo(&["test", "--test", "tidy"]))
            }
            Stage::Native => native(report),
            Stage::Browser => browser(report),
            Stage::E2e => e2e(report),
        }
    }
}

/// Runs the chosen stages, all if none is chosen, and ends with one line: how many tests passed and failed.
pub fn run(only: &[Stage]) -> Result<()> {
    let stages: &[Stage] = if only.is_empty() { &ALL } else { only };
    let needs: Vec<Need> = stages.iter().flat_map(|stage| stage.needs()).copied().collect();
    let start = Instant::now();
    let mut report = Report::default();
    match programs::ensure(&needs) {
        Err(error) => report.fail(&format!("{error:#}")),
        Ok(()) => stages.iter().for_each(|stage| {
            if let Err(error) = stage.run(&mut report) {
                report.fail(&format!("{error:#}"));
            }
        }),
    }
    println!("\nin all: {}", steps::time(start.elapsed()));
    println!("{}", report.counts);
    // No error to return: all has been said, and the line of counts is the last one.
    if report.counts.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn lint(report: &mut Report) -> Result<()> {
    report.step(
        "lint: cargo fmt --check",
        "fmt",
        &mut steps::cargo(&["fmt", "--all", "--check", "--", "--color=never"]),
    )?;
    let deny = ["--", "-D", "warnings"];
    let mut native = steps::cargo(&["clippy", "--workspace", "--all-targets"]);
    report.step("lint: clippy, native", "clippy-native", native.args(deny))?;
    // As a release, which the page is built as: so both share their macros, a third of the work.
    let mut web = steps::cargo(&["clippy", "--release", "--features", "web", "--target", "wasm32-unknown-unknown"]);
    report.step("lint: clippy, browser", "clippy-browser", web.args(deny))?;
    report.step("lint: licences and sources of crates, cargo-deny", "deny", &mut deny::command()?)?;
    Ok(())
}

fn native(report: &mut Report) -> Result<()> {
    let mut test = steps::cargo(&["test", "--workspace", "--no-fail-fast"]);
    // A test that finds no device must fail: the needs of this stage bring one.
    // Vulkan's loader looks for a desktop's folder, and writes a line if there is none.
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        test.env("XDG_RUNTIME_DIR", env::temp_dir());
    }
    // As many tests run at once as there are cores: threads of a GPU in software would only be in their way.
    test.env("LP_NUM_THREADS", "1");
    report.tests("native: cargo test --workspace", "native", test.env("REQUIRE_GPU", "1"))
}

fn browser(report: &mut Report) -> Result<()> {
    let driver = Need::ChromeDriver.find().context("there is no ChromeDriver: name it in CHROMEDRIVER")?;
    let mut test = steps::cargo(&["test", "--target", "wasm32-unknown-unknown", "--test", "engine"]);
    // The runner gives all tests together 20 s by default. This only ends what hangs: slow machines take 15 minutes.
    test.env("CHROMEDRIVER", driver).env("WASM_BINDGEN_TEST_TIMEOUT", "2400");
    report.tests("browser: the engine's tests in Chromium", "browser", test.env("REQUIRE_GPU", "1"))
}

fn e2e(report: &mut Report) -> Result<()> {
    println!("e2e: building dist/");
    page::build(false, None, Built::WithTests)?;
    let folder = steps::root().join("tests/e2e");
    let named = |need: Need| need.find().with_context(|| format!("{need:?} is not there"));
    let npm = programs::find(&["npm"]).context("there is no npm")?;

    let mut install = Command::new(&npm);
    install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]);
    if !report.step("e2e: npm ci", "npm", &mut install)? {
        return Ok(());
    }

    let mut test = Command::new(&npm);
    test.current_dir(&folder).args(["test", "--silent"]);
    test.env("CHROMIUM", named(Need::Chromium)?).env("FIREFOX", named(Need::Firefox)?);
    // Its lines are read for their counts, and colours are in the way.
    test.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    report.tests("e2e: the page in Chromium and Firefox", "e2e", &mut test)
}

/// Cargo's lines about what it compiles.
fn is_progress(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let verbs = ["Compiling", "Checking", "Downloading", "Downloaded", "Blocking", "Locking", "Updating"];
    line.starts_with(' ') && verbs.contains(&word)
}

/// What has passed and failed so far.
#[derive(Default)]
struct Report {
    counts: Counts,
    failed_before: bool,
}

impl Report {
    /// Runs one step that is no test: it passes or it fails.
    fn step(&mut self, what: &str, name: &str, command: &mut Command) -> Result<bool> {
        self.run(what, name, command, false)
    }

    /// Runs one step of tests and counts them. None at all is a failure: something keeps them from running.
    fn tests(&mut self, what: &str, name: &str, command: &mut Command) -> Result<()> {
        self.run(what, name, command, true).map(drop)
    }

    /// Returns whether it went well. The output of the first step that fails is shown in full, that of later ones from
    /// its end.
    fn run(&mut self, what: &str, name: &str, command: &mut Command, has_tests: bool) -> Result<bool> {
        println!("{what}");
        let record = steps::record(name, command)?;
        let mut counts = Counts::read(&record.output);
        let took = steps::time(record.took);
        let none_ran = has_tests && counts.passed + counts.failed == 0;
        if record.status.success() && counts.failed == 0 && !none_ran {
            self.counts += counts;
            println!("  {} in {took}", if has_tests { counts.to_string() } else { "good".into() });
            return Ok(true);
        }
        // Something failed that no runner counted: a build, a lint.
        counts.failed = counts.failed.max(1);
        self.counts += counts;
        let why = if record.status.success() && none_ran { "it ran no test" } else { "see its output" };
        println!("  FAILED in {took}: {counts}; {why}\n  the command was: {}", steps::line(command));
        let lines: Vec<&str> = record.output.lines().filter(|line| !is_progress(line)).collect();
        let shown = if self.failed_before { lines.len().min(LATER_LINES) } else { lines.len() };
        if shown < lines.len() {
            println!("  the last {shown} of {} lines, all in target/test/{name}.log:", lines.len());
        }
        println!("{}", lines[lines.len() - shown..].join("\n"));
        self.failed_before = true;
        Ok(false)
    }

    /// A stage that could not even run.
    fn fail(&mut self, why: &str) {
        self.counts.failed += 1;
        println!("  FAILED: {why}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_without_tests_counts_as_one() {
        let mut report = Report::default();
        let mut good = Command::new("rustc");
        report.step("good", "xtask-good", good.arg("--version")).expect("rustc starts");
        assert_eq!(report.counts, Counts::default());
        let mut bad = Command::new("rustc");
        report.step("bad", "xtask-bad", bad.arg("--no-such-flag")).expect("rustc starts");
        assert_eq!(report.counts, Counts { passed: 0, failed: 1, skipped: 0 });
        report.tests("none", "xtask-none", &mut Command::new("rustc")).expect("rustc starts");
        assert_eq!(report.counts, Counts { passed: 0, failed: 2, skipped: 0 });
    }
}
