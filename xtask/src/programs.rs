//! Programs on this machine: finding them, and installing what the tests need.

use crate::steps;
use anyhow::{Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The file of a program: Windows wants an ending.
pub fn file_name(program: &str) -> String {
    format!("{program}{}", env::consts::EXE_SUFFIX)
}

/// Every program of this name in the PATH, in its order.
pub fn all_named(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(file_name(name))).filter(|file| file.is_file()).collect()
}

/// The first of these programs that is there; a name with a `/` is a whole path.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| match name.contains('/') {
        true => Some(PathBuf::from(name)).filter(|file| file.is_file()),
        false => all_named(name).into_iter().next(),
    })
}

/// The last word of a program's `--version`, if it says one.
pub fn version_of(program: &Path) -> Option<String> {
    let out = Command::new(program).arg("--version").output().ok().filter(|out| out.status.success())?;
    String::from_utf8_lossy(&out.stdout).lines().next()?.split_whitespace().last().map(str::to_owned)
}

/// Something that tests need and Cargo does not bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A Vulkan device: a GPU's, or one in software.
    Vulkan,
    /// Chromium or Chrome.
    Chromium,
    /// ChromeDriver, of the browser's version.
    ChromeDriver,
    /// Firefox.
    Firefox,
    /// Node.js and npm.
    Node,
    /// Python with pip.
    Python,
}

impl Need {
    /// Where it is, if it is here. A variable (`CHROMIUM`, `CHROMEDRIVER`, `FIREFOX`) goes before the PATH.
    pub fn find(self) -> Option<PathBuf> {
        let told = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file());
        match self {
            Need::Vulkan => vulkan(),
            Need::Chromium => told("CHROMIUM").or_else(|| {
                find(&[
                    "chromium",
                    "chromium-browser",
                    "google-chrome",
                    "google-chrome-stable",
                    "/Applications/Chromium.app/Contents/MacOS/Chromium",
                    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                ])
            }),
            Need::ChromeDriver => told("CHROMEDRIVER").or_else(|| find(&["chromedriver"])),
            Need::Firefox => told("FIREFOX")
                .or_else(|| find(&["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"])),
            Need::Node => find(&["npm"]).and_then(|_| find(&["node"])),
            Need::Python => ["python3", "python"].into_iter().flat_map(all_named).find(|python| has_pip(python)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Need::Vulkan => "a Vulkan driver",
            Need::Chromium => "Chromium",
            Need::ChromeDriver => "ChromeDriver",
            Need::Firefox => "Firefox",
            Need::Node => "Node.js with npm",
            Need::Python => "Python with pip",
        }
    }

    fn debian(self) -> &'static [&'static str] {
        match self {
            Need::Vulkan => &["mesa-vulkan-drivers", "libvulkan1"],
            Need::Chromium => &["chromium"],
            Need::ChromeDriver => &["chromium-driver"],
            Need::Firefox => &["firefox-esr"],
            Need::Node => &["nodejs", "npm"],
            Need::Python => &["python3", "python3-pip"],
        }
    }

    fn fedora(self) -> &'static str {
        match self {
            Need::Vulkan => "mesa-vulkan-drivers vulkan-loader",
            Need::Chromium => "chromium",
            Need::ChromeDriver => "chromedriver",
            Need::Firefox => "firefox",
            Need::Node => "nodejs npm",
            Need::Python => "python3 python3-pip",
        }
    }

    fn brew(self) -> &'static str {
        match self {
            // Metal is a part of macOS; nothing is missing there.
            Need::Vulkan => "",
            Need::Chromium => "--cask google-chrome",
            Need::ChromeDriver => "--cask chromedriver",
            Need::Firefox => "--cask firefox",
            Need::Node => "node",
            Need::Python => "python",
        }
    }
}

fn has_pip(python: &Path) -> bool {
    let asked = Command::new(python).args(["-m", "pip", "--version"]).output();
    asked.is_ok_and(|out| out.status.success())
}

/// A driver's description that the Vulkan loader would read, where the loader itself is there. Elsewhere than on
/// Linux the system has its own way to the GPU.
fn vulkan() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Some(PathBuf::new());
    }
    let loader = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib"].iter().any(|folder| {
        let folder = Path::new(folder);
        let here = folder.join("libvulkan.so.1").exists();
        here || entries(folder).iter().any(|below| below.join("libvulkan.so.1").exists())
    });
    let told = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].iter().find_map(env::var_os).map(PathBuf::from);
    let drivers = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
    let driver = told.or_else(|| drivers.iter().find_map(|folder| entries(Path::new(folder)).into_iter().next()));
    driver.filter(|_| loader)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

/// Installs what is missing with the system's package manager where that may be done unasked, else says what to
/// install.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| need.find().is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ");
    println!("the tests need {names}");
    if find(&["apt-get"]).is_none() {
        bail!("{}", advice(&names, &missing));
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.debian()).copied().collect();
    steps::run("reading the list of packages", as_root()?.args(["apt-get", "update"]))?;
    let mut install = as_root()?;
    install.args(["apt-get", "install", "--yes", "--no-install-recommends"]).args(&packages);
    steps::run(&format!("installing {}", packages.join(" ")), &mut install)?;
    match missing.iter().find(|need| need.find().is_none()) {
        None => Ok(()),
        Some(need) => bail!("{} is still not found after installing {}", need.name(), packages.join(" ")),
    }
}

/// `env`, with sudo before it where we are not root.
fn as_root() -> Result<Command> {
    let id = Command::new("id").arg("-u").output()?;
    let mut command = match String::from_utf8_lossy(&id.stdout).trim() {
        "0" => Command::new("env"),
        _ if find(&["sudo"]).is_some() => {
            let mut sudo = Command::new("sudo");
            sudo.arg("env");
            sudo
        }
        _ => bail!("packages must be installed as root, and there is no sudo here: install them and try again"),
    };
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Ok(command)
}

fn advice(names: &str, missing: &[Need]) -> String {
    let command = if find(&["dnf"]).is_some() {
        missing.iter().fold("sudo dnf install".to_owned(), |line, need| line + " " + need.fedora())
    } else if find(&["brew"]).is_some() {
        missing.iter().map(|need| format!("brew install {}", need.brew())).collect::<Vec<_>>().join("\n")
    } else {
        return format!("install {names} and try again (CHROMIUM, CHROMEDRIVER and FIREFOX may name the programs)");
    };
    format!("install {names} and try again:\n{command}")
}
