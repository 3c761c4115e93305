//! `cargo xtask`: sets the machine up, builds and serves the page, fetches its data, runs every test.
//!
//! Trunk is the one pipeline of the page (`Trunk.toml`); this program brings what Trunk needs, and is the last
//! step of Trunk's own build (`cargo xtask finish`).

mod counts;
mod data;
mod deny;
mod document;
mod finish;
mod mutants;
mod offline;
mod page;
mod parts;
mod programs;
mod setup;
mod sizes;
mod soak;
mod steps;
mod test;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, serve and test Hourglass", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up what is missing, build the page and serve it
    Serve {
        /// Port on this machine
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// A quicker build of a slower page
        #[arg(long)]
        dev: bool,
    },
    /// Set up what is missing and make dist/: the whole site as static files, for any path of any host
    Build {
        /// Which data sets, and no others, separated by commas: mnist, ecg5000, fashion-mnist [default: all]
        #[arg(long)]
        sets: Option<String>,
        /// A quicker build of a slower page
        #[arg(long)]
        dev: bool,
    },
    /// Fetch the data sets, or take them from the folder in HOURGLASS_DATA, for the next build of the site
    Data {
        /// Which sets, separated by commas: mnist, ecg5000, fashion-mnist [default: all]
        #[arg(long)]
        sets: Option<String>,
    },
    /// Install what the tests need and run them all, or some stages
    Test {
        /// Only these stages, separated by commas; tidy is a part of native
        #[arg(long, value_enum, value_delimiter = ',')]
        only: Vec<test::Stage>,
    },
    /// Time kernels and steps on this machine's GPU and processor, beside what the machine can do at most
    Bench {
        /// `--device gpu|cpu`, `--only lab,ecg,products`, `--json`; `--forms`: in every form that a GPU may choose
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Put faults into a copy of the kernels, one at a time, and see whether the engine's tests notice (an hour)
    Mutants {
        /// Only those whose file or change holds these words
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Use the built page for hours in Chromium, while GPUs are lost and tabs sleep, and see whether anything grows
    Soak {
        /// How long; growth is judged after the first ten
        #[arg(long, default_value_t = 120)]
        minutes: u32,
        /// Only these, separated by commas: train, draw, networks, lessons, reset, kill, destroy, hang, hidden, frozen,
        /// sleep, quota, offline [default: all]
        #[arg(long)]
        only: Option<String>,
        /// The site as dist/ has it, without another build
        #[arg(long)]
        built: bool,
    },
    /// The last step of Trunk's build, called by Trunk: policy, data, sizes
    Finish,
    /// The runner of tests in the browser, called by Cargo: see .cargo/config.toml
    #[command(hide = true)]
    BrowserTest {
        /// The compiled tests, and what stood behind `--`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = deny::as_cargo().unwrap_or_else(|| match Arguments::parse().task {
        Task::Serve { port, dev } => page::serve(port, dev),
        Task::Build { dev, sets } => page::build(dev, sets.as_deref(), data::Built::Alone),
        Task::Data { sets } => data::fetch(sets.as_deref(), data::Built::Alone),
        Task::Test { only } => test::run(&only),
        Task::Bench { arguments } => bench(&arguments),
        Task::Mutants { only } => mutants::run(&only),
        Task::Soak { minutes, only, built } => soak::run(minutes, only.as_deref(), built),
        Task::Finish => finish::run(),
        Task::BrowserTest { arguments } => setup::run_browser_test(&arguments),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // For a reader, in one line: each error carries its cause and the next step.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &[OsString]) -> anyhow::Result<()> {
    let mut bench = steps::cargo(&["bench", "--quiet", "--bench", "engine", "--"]);
    let status = bench.args(arguments).status()?;
    anyhow::ensure!(status.success(), "the bench ended with {status}");
    Ok(())
}
