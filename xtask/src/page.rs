//! The page: built and served by Trunk, with everything set up for it.

use crate::{data, offline, setup, steps};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// Makes `dist/`.
pub fn build(dev: bool, sets: Option<&str>, command_line: data::Built) -> Result<()> {
    let trunk = setup::ensure()?;
    data::bring(sets, command_line)?;
    let mut command = trunk.command();
    command.arg("build").args(profile(dev));
    match sets {
        Some(sets) => command.env(data::SETS, sets),
        None => command.env_remove(data::SETS),
    };
    shorten_paths(&mut command);
    steps::run("building the page", &mut command)?;
    println!("dist/ holds the site: copy it to any static host, to any path");
    Ok(())
}

/// Builds and serves the page on this machine until it is interrupted; a change of the sources builds it again.
pub fn serve(port: u16, dev: bool) -> Result<()> {
    // Said now, and not after minutes of building.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        let other = port.checked_add(1).unwrap_or(8080);
        bail!("port {port} cannot be had ({error}): try `cargo xtask serve --port {other}`");
    }
    let trunk = setup::ensure()?;
    // Who names a folder wants what is in it.
    if data::have()? && env::var_os("HOURGLASS_DATA").is_none() {
        println!("• data: as fetched before (`cargo xtask data` fetches them anew)");
    } else {
        data::bring(None, data::Built::Alone)?;
    }
    println!("• building the page, then serving it");
    let start = Instant::now();
    spawn(move || announce(port, start));
    let mut command = trunk.command();
    command.args(["serve", "--port", &port.to_string()]).args(profile(dev)).env(offline::OFF, "1");
    shorten_paths(&mut command);
    let status = command.status().context("Trunk cannot be started")?;
    if !status.success() {
        bail!("Trunk ended: {status}\nthe command was: {}", steps::line(&command));
    }
    Ok(())
}

/// Where a panic would be in a dependency is in the wasm as a path: without this machine's folders it is shorter, and the
/// same wherever the page is built.
fn shorten_paths(command: &mut Command) {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()).into_iter().flatten().flatten();
    // What Cargo's own settings say is said again, in case that this takes its place.
    let mut flags = String::from("-Ctarget-feature=+simd128");
    for folder in sources.map(|entry| entry.path()).filter(|path| !path.to_string_lossy().contains(' ')) {
        flags.push_str(&format!(" --remap-path-prefix={}=crates", folder.display()));
    }
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
}

fn profile(dev: bool) -> &'static [&'static str] {
    if dev { &[] } else { &["--release"] }
}

/// Trunk answers only once the page is built: that is when to say where it is.
fn announce(port: u16, start: Instant) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
        sleep(Duration::from_millis(200));
    }
    println!("  done in {}", steps::time(start.elapsed()));
    println!("\nHourglass is at http://localhost:{port} (Ctrl+C ends it)\n");
}
