//! Commands as named, timed steps; and where this workspace's folders are.

use anyhow::{Context, Result, bail};
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a recorded step may say nothing before it is said that it still runs.
const QUIET: Duration = Duration::from_secs(30);
/// A recorded step that has said nothing for so long, where nobody sits before it, hangs and is ended.
const HANGS: Duration = Duration::from_secs(20 * 60);

/// The folder of the repository.
pub fn root() -> PathBuf {
    // Cargo sets the variable when it runs us; the one at compile time is the same unless the folder was moved.
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where Cargo puts this workspace's programs: the folder that we ourselves run from, whatever the settings say.
pub fn programs_dir() -> Result<PathBuf> {
    let me = env::current_exe().context("this program cannot find its own path")?;
    Ok(me.parent().context("this program lies in no folder")?.to_path_buf())
}

/// Cargo's folder for everything that is built.
pub fn target_dir() -> Result<PathBuf> {
    Ok(programs_dir()?.parent().context("the programs lie in no target folder")?.to_path_buf())
}

/// Cargo, in the root of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    forget_package(&mut command);
    command
}

/// Takes away what Cargo told *us* of our package when it ran us. Some build scripts look at it, so that a Cargo that we
/// run would build them again, and after us one that is run by hand once more.
pub fn forget_package(command: &mut Command) {
    const OURS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
    for (name, _) in env::vars_os() {
        if OURS.iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            command.env_remove(name);
        }
    }
}

/// Runs one step with its output shown, says how long it took, and fails if it failed.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    println!("• {what}");
    let start = Instant::now();
    let status = command.status().with_context(|| format!("{} cannot be started", line(command)))?;
    if !status.success() {
        bail!("{what} failed after {}: {status}\nthe command was: {}", time(start.elapsed()), line(command));
    }
    println!("  done in {}", time(start.elapsed()));
    Ok(())
}

/// A step that ran with its output kept.
pub struct Record {
    /// How it ended.
    pub status: ExitStatus,
    /// All that it wrote, both streams in order.
    pub output: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs one step with its output kept in a file under `target/test`; says from time to time that it still runs, and what
/// of it. Where `CI` is set, it is ended if it hangs.
pub fn record(name: &str, command: &mut Command) -> Result<Record> {
    record_within(name, command, env::var_os("CI").map(|_| HANGS))
}

fn record_within(name: &str, command: &mut Command, hangs: Option<Duration>) -> Result<Record> {
    let folder = target_dir()?.join("test");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join(format!("{name}.log"));
    let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
    // So that all it starts can be ended with it; not where somebody's Ctrl-C has to reach them.
    #[cfg(unix)]
    if hangs.is_some() {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }

    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{} cannot be started", line(command)))?;
    let (mut said, mut spoke, mut length) = (start, start, 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let written = log.metadata()?.len();
        if written != length {
            (spoke, length) = (Instant::now(), written);
        }
        if hangs.is_some_and(|hangs| spoke.elapsed() > hangs) {
            let why =
                format!("it said nothing for {}, and was ended; {}", time(spoke.elapsed()), still(&written_to(&path)?));
            writeln!(&log, "\n{why}")?;
            println!("    {why}");
            #[cfg(unix)]
            Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status()?;
            child.kill()?;
            break child.wait()?;
        }
        if said.elapsed() > QUIET {
            said = Instant::now();
            println!("    … {}: {}", time(start.elapsed()), still(&written_to(&path)?));
        }
        sleep(Duration::from_millis(100));
    };
    Ok(Record { status, output: written_to(&path)?, took: start.elapsed() })
}

fn written_to(path: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// What of a step still runs: the tests that a runner called slow and that have not ended since, and the last line.
fn still(output: &str) -> String {
    let mut slow: Vec<&str> = Vec::new();
    for line in output.lines() {
        if let Some(test) = line.strip_suffix(" has been running for over 60 seconds") {
            slow.push(test);
        } else if let Some((test, _)) = line.split_once(" ... ") {
            slow.retain(|&other| other != test);
        }
    }
    let last = output.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no output yet");
    let last: String = last.chars().take(110).collect();
    if slow.is_empty() { last } else { format!("{} (slow: {})", last, slow.join(", ")) }
}

/// The command as one could type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// A time for people: `0.4 s`, `12 s`, `3 min 11 s`.
pub fn time(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_ended_with_all_that_it_started_and_named() {
        let slow = "has been running for over 60 seconds";
        let said = format!("test a {slow}\ntest b ... ok\ntest c {slow}\ntest a ... ok");
        let script = format!("printf '{said}\n'; sleep 600 & wait");
        let start = Instant::now();
        let mut command = Command::new("sh");
        let record = record_within("xtask-hangs", command.args(["-c", &script]), Some(Duration::from_millis(500)));
        let record = record.expect("it is started and ended");
        assert!(!record.status.success() && start.elapsed() < Duration::from_secs(60));
        assert!(record.output.contains("was ended; test a ... ok (slow: test c)"), "{}", record.output);
        assert_eq!(still(""), "no output yet");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(time(Duration::from_millis(432)), "0.4 s");
        assert_eq!(time(Duration::from_secs(119)), "119 s");
        assert_eq!(time(Duration::from_secs(191)), "3 min 11 s");
    }
}
