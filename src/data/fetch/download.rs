//! A file from a public address, continued where an earlier attempt was cut off.
use super::{Progress, zip};
use crate::data::catalogue::sum;
use crate::data::{Address, SourceFile};
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

/// Connections per address: each continues where the last one was cut off.
const TRIES: u32 = 4;
/// The largest archive that is taken. (Files have known sizes.)
const MOST_ARCHIVE: u64 = 64 << 20;

/// The file's bytes, with the right sum, and the address they came from; or a sentence that says why not.
pub(super) fn file(
    address: &Address,
    file: &SourceFile,
    cache: &Path,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, String), String> {
    fs::create_dir_all(cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    let (url, bytes) = match address {
        Address::Folder(folder) => {
            let url = format!("{folder}{}", file.name);
            let part = cache.join(format!("{}.part", file.name));
            let bytes = checked(&url, file, || fetched(&url, &part, Some(file.bytes), progress))?;
            (url, bytes)
        }
        Address::Zip(url) => {
            let name = url.rsplit('/').next().unwrap_or(url);
            let part = cache.join(format!("{name}.part"));
            let whole = cache.join(name);
            // The archive holds several of the set's files, so it is kept; if it is no good, it is fetched anew.
            let kept = fs::read(&whole).ok().and_then(|archive| zip::member(&archive, file.name, file.bytes).ok());
            let bytes = match kept {
                Some(bytes) if sum(&bytes) == file.sha256 => bytes,
                _ => checked(url, file, || {
                    let archive = fetched(url, &part, None, progress)?;
                    let member = zip::member(&archive, file.name, file.bytes)?;
                    // Only a convenience: without it the archive is fetched again.
                    let _ = fs::write(&whole, &archive);
                    Ok(member)
                })?,
            };
            ((*url).to_owned(), bytes)
        }
    };
    Ok((bytes, url))
}

/// What `fetch` brings, if its sum is right. Once more if not: what was continued may have been another version.
fn checked(url: &str, file: &SourceFile, fetch: impl Fn() -> Result<Vec<u8>, String>) -> Result<Vec<u8>, String> {
    let mut got = String::new();
    for _ in 0..2 {
        let bytes = fetch().map_err(|reason| format!("{url}: {reason}"))?;
        got = sum(&bytes);
        if got == file.sha256 {
            return Ok(bytes);
        }
    }
    Err(format!("{url}: a file of another content (SHA-256 {got} instead of {})", file.sha256))
}

/// Downloads to `part`, takes its bytes, and removes it: a complete file never lies there.
fn fetched(url: &str, part: &Path, size: Option<u64>, progress: &dyn Progress) -> Result<Vec<u8>, String> {
    progress.start(part.file_stem().and_then(|name| name.to_str()).unwrap_or(url), size);
    let outcome = (|| {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // As it lies there: packed files must not be unpacked on the way, their sums are of the packed bytes.
            .accept_encoding("identity")
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            .timeout_per_read(Some(Duration::from_secs(30)))
            .user_agent(concat!("hourglass/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let mut last = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(100 << attempt));
            }
            match attempt_at(&agent, url, part, size, progress) {
                Ok(()) => return fs::read(part).map_err(|error| error.to_string()),
                Err(Failure::Final(reason)) => return Err(reason),
                Err(Failure::Cut(reason)) => last = reason,
            }
        }
        Err(format!("cut off {TRIES} times ({last}); what came is kept, so try again"))
    })();
    progress.finish();
    if outcome.is_ok() {
        let _ = fs::remove_file(part);
    }
    outcome
}

enum Failure {
    /// Trying again won't help.
    Final(String),
    /// The connection broke; what came is in the part.
    Cut(String),
}

fn attempt_at(
    agent: &ureq::Agent,
    url: &str,
    part: &Path,
    size: Option<u64>,
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let disk = |error: std::io::Error| Failure::Final(format!("{}: {error}", part.display()));
    let most = size.unwrap_or(MOST_ARCHIVE);
    let mut file = OpenOptions::new().create(true).read(true).write(true).truncate(false).open(part).map_err(disk)?;
    let mut have = file.metadata().map_err(disk)?.len();
    if have > most || (have == most && size.is_none()) {
        file.set_len(0).map_err(disk)?;
        have = 0;
    }
    if Some(have) == size {
        return Ok(());
    }
    let mut request = agent.get(url);
    if have > 0 {
        request = request.header("range", format!("bytes={have}-"));
    }
    let mut response = request.call().map_err(|error| Failure::Cut(error.to_string()))?;
    let status = response.status().as_u16();
    let range = response.headers().get("content-range").and_then(|value| value.to_str().ok()).and_then(range_of);
    match (status, range) {
        // From the beginning, asked for or not.
        (200, _) => have = 0,
        (206, Some((start, _))) if start == have => {}
        // What we have is all there is, or of another version.
        (416 | 206, _) => {
            file.set_len(0).map_err(disk)?;
            return Err(Failure::Cut("the server can't continue at that place".into()));
        }
        (500..600 | 408 | 429, _) => return Err(Failure::Cut(format!("the server answers {status}"))),
        _ => return Err(Failure::Final(format!("the server answers {status}"))),
    }
    let rest = response.body().content_length();
    let total = size.or(range.and_then(|(_, total)| total)).or(rest.map(|rest| have + rest));
    file.set_len(have).map_err(disk)?;
    file.seek(SeekFrom::Start(have)).map_err(disk)?;
    // One byte more than allowed tells "full" from "too much".
    let mut body = response.body_mut().as_reader().take(most - have + 1);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let got = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) => return Err(Failure::Cut(error.to_string())),
        };
        file.write_all(buffer.get(..got).unwrap_or_default()).map_err(disk)?;
        have += got as u64;
        progress.advance(have);
    }
    if have > most {
        file.set_len(0).map_err(disk)?;
        return Err(Failure::Final(format!("more than {most} bytes: another file")));
    }
    match total {
        Some(total) if have < total => Err(Failure::Cut(format!("the connection ended after {have} of {total} bytes"))),
        _ => Ok(()),
    }
}

/// `bytes 100-199/1000` as (100, 1000); the total may be `*`.
fn range_of(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}
