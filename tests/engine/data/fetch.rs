//! Putting data sets into a site: from a folder, a cache, and a server that does all that servers do.
use super::files::packed;
use flate2::{Crc, write::DeflateEncoder};
use hourglass::data::catalogue::{self, Catalogue, sum};
use hourglass::data::fetch::{FetchError, Found, Outcome, Places, Progress, Quiet, Report, put, put_sources};
use hourglass::data::{Address, Kind, Role, Shape, Source, SourceFile};
use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What the server does with one connection.
#[derive(Clone)]
enum Reply {
    /// 200, or 206 from where it was asked to continue.
    Whole(Vec<u8>),
    /// The same, but the connection breaks after so many bytes of the body.
    Cut(Vec<u8>, usize),
    /// 200 from the beginning, whatever was asked.
    NoRanges(Vec<u8>),
    Status(u16),
}

/// What was asked for, in order: path, first byte.
type Requests = Arc<Mutex<Vec<(String, u64)>>>;

/// Answers connections one after the other with these replies, then hangs up. Also its address.
fn serve(replies: Vec<Reply>) -> (&'static str, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/", listener.local_addr().expect("an address"));
    let requests = Requests::default();
    let log = requests.clone();
    std::thread::spawn(move || {
        for reply in replies {
            let (mut stream, _) = listener.accept().expect("a connection");
            let (mut path, mut start) = (String::new(), 0);
            for line in BufReader::new(stream.try_clone().expect("a stream")).lines() {
                let line = line.expect("a line").to_ascii_lowercase();
                if let Some(rest) = line.strip_prefix("get ") {
                    path = rest.split(' ').next().expect("a path").to_owned();
                } else if let Some(range) = line.strip_prefix("range: bytes=") {
                    start = range.trim_end_matches('-').parse().expect("a number");
                } else if line.is_empty() {
                    break;
                }
            }
            log.lock().expect("log").push((path, start as u64));
            let (body, cut, ranges) = match reply {
                Reply::Whole(body) => (body, usize::MAX, true),
                Reply::Cut(body, cut) => (body, cut, true),
                Reply::NoRanges(body) => (body, usize::MAX, false),
                Reply::Status(status) => {
                    let _ = write!(stream, "HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    continue;
                }
            };
            let total = body.len();
            let first = if ranges { start.min(total) } else { 0 };
            let body = &body[first..];
            let status = if first > 0 {
                format!("206 Partial Content\r\nContent-Range: bytes {first}-{}/{total}", total - 1)
            } else {
                "200 OK".into()
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body[..body.len().min(cut)]);
        }
    });
    (Box::leak(base.into_boxed_str()), requests)
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn series() -> Vec<u8> {
    (0..3000).map(|i| format!("1 {} {}\n", i, i * 7 % 31)).collect::<String>().into_bytes()
}

/// A set of one file, `SMALL.txt` with `content`, at these addresses.
fn small(content: &[u8], addresses: Vec<Address>) -> Source {
    let sha256 = leak(sum(content)).as_str();
    let file = SourceFile { name: "SMALL.txt", role: Role::TrainSeries, sha256, bytes: content.len() as u64 };
    let kind = Kind::Files { folder: "small", files: leak([file]), addresses: addresses.leak() };
    let shape = Shape { rows: 1, cols: 2 };
    Source { slug: "small", title: "Small", kind, train: 3000, test: 0, shape, unit: false, classes: &["a"] }
}

/// A new folder with the places of a site in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn put(&self, source: Source, progress: &dyn Progress) -> Report {
        let [from, into, cache] = ["from", "site/data", "cache"].map(|name| self.0.path().join(name));
        let places = Places { from: Some(&from), into: &into, cache: &cache, online: true };
        put_sources(&[source], &places, progress).expect("written")
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.path().join(path)).expect("there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("there").file_name().into_string().expect("a name")).collect();
        names.sort();
        names
    }

    /// The site has the file, packed, as the catalogue says.
    fn check(&self, content: &[u8]) {
        let site = self.0.path().join("site/data");
        let catalogue = Catalogue::read(&fs::read(site.join("catalogue.json")).expect("there")).expect("good");
        let file = &catalogue.set("small").expect("listed").files[0];
        let bytes = fs::read(site.join(&file.path)).expect("there");
        assert_eq!(catalogue::check(&bytes, file), Ok(()));
        assert_eq!((file.bytes, &file.raw_sha256), (bytes.len() as u64, &sum(content)));
        assert_eq!(file.path, format!("small/SMALL.{}.txt.gz", &file.sha256[..8]));
        assert_eq!(hourglass::data::gzip::unpacked(bytes, 1 << 20).expect("good"), content);
        assert_eq!(self.names("site/data/small").len(), 1, "nothing else lies there");
    }
}

fn found(report: &Report) -> Found {
    match &report.sets[0].2 {
        Outcome::There { files, .. } => files[0].1.clone(),
        other => panic!("{other:?}"),
    }
}

fn reasons(report: &Report) -> String {
    match &report.sets[0].2 {
        Outcome::Missing { reasons, .. } => reasons.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn from_the_folder_and_always_the_same_bytes() {
    let mut sites = Vec::new();
    for _ in 0..2 {
        let folder = Folder::new();
        folder.write("from/small/SMALL.txt", &series());
        let report = folder.put(small(&series(), vec![]), &Quiet);
        assert_eq!(found(&report), Found::Folder);
        folder.check(&series());
        sites.push(fs::read(folder.0.path().join("site/data/catalogue.json")).expect("there"));
    }
    assert_eq!(sites[0], sites[1], "the same file packs to the same bytes");
}

#[test]
fn packed_files_stay_as_they_are() {
    let content = packed(&series());
    let sha256 = leak(sum(&content)).as_str();
    let file = SourceFile { name: "x-ubyte.gz", role: Role::TrainImages, sha256, bytes: content.len() as u64 };
    let kind = Kind::Files { folder: "small", files: leak([file]), addresses: &[] };
    let folder = Folder::new();
    folder.write("from/small/x-ubyte.gz", &content);
    folder.put(Source { kind, ..small(b"", vec![]) }, &Quiet);
    let name = format!("x-ubyte.{}.gz", &sha256[..8]);
    assert_eq!(folder.names("site/data/small"), std::slice::from_ref(&name));
    assert_eq!(fs::read(folder.0.path().join("site/data/small").join(name)).expect("there"), content);
}

#[test]
fn a_wrong_file_in_the_folder_is_passed_over() {
    let (base, _) = serve(vec![Reply::Whole(series())]);
    let folder = Folder::new();
    folder.write("from/small/SMALL.txt", b"another file");
    let report = folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet);
    assert_eq!(found(&report), Found::Address(format!("{base}SMALL.txt")));
    folder.check(&series());
    // The server is gone; now the cache has it.
    let report = folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet);
    assert_eq!(found(&report), Found::Cache);
    assert_eq!(folder.names("cache/small"), ["SMALL.txt"], "no part is left");
}

#[test]
fn a_cut_connection_is_resumed() {
    #[derive(Default)]
    struct Seen(RefCell<Vec<u64>>);
    impl Progress for Seen {
        fn start(&self, what: &str, total: Option<u64>) {
            assert_eq!((what, total), ("SMALL.txt", Some(series().len() as u64)));
        }
        fn advance(&self, done: u64) {
            self.0.borrow_mut().push(done);
        }
        fn finish(&self) {
            self.0.borrow_mut().push(0);
        }
    }
    let (base, requests) = serve(vec![
        Reply::Cut(series(), 10_000),
        Reply::Status(503),
        Reply::Cut(series(), 5000),
        Reply::Whole(series()),
    ]);
    let folder = Folder::new();
    let seen = Seen::default();
    let report = folder.put(small(&series(), vec![Address::Folder(base)]), &seen);
    assert!(matches!(found(&report), Found::Address(_)));
    folder.check(&series());
    let starts: Vec<u64> = requests.lock().expect("log").iter().map(|(_, start)| *start).collect();
    assert_eq!(starts, [0, 10_000, 10_000, 15_000]);
    let seen = seen.0.into_inner();
    assert!(seen[..seen.len() - 1].is_sorted() && seen.ends_with(&[series().len() as u64, 0]), "{seen:?}");
}

#[test]
fn the_next_run_continues_where_this_one_gave_up() {
    let cut = Reply::Cut(series(), 3000);
    let (base, _) = serve(vec![cut.clone(), cut.clone(), cut.clone(), cut]);
    let folder = Folder::new();
    let said = reasons(&folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet));
    assert!(said.contains("cut off 4 times") && said.contains("what came is kept"), "{said}");
    assert_eq!(folder.names("cache/small"), ["SMALL.txt.part"]);
    let (base, requests) = serve(vec![Reply::Whole(series())]);
    folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet);
    folder.check(&series());
    assert_eq!(*requests.lock().expect("log"), [("/small.txt".to_owned(), 12_000)]);
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let (base, requests) = serve(vec![Reply::Cut(series(), 7000), Reply::NoRanges(series())]);
    let folder = Folder::new();
    folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet);
    folder.check(&series());
    assert_eq!(requests.lock().expect("log")[1].1, 7000);
}

#[test]
fn a_wrong_sum_is_never_accepted() {
    let mut wrong = series();
    wrong[5000] ^= 1;
    let (first, _) = serve(vec![Reply::Whole(wrong.clone()), Reply::Whole(wrong)]);
    let (second, _) = serve(vec![Reply::Whole(series())]);
    let folder = Folder::new();
    let report = folder.put(small(&series(), vec![Address::Folder(first), Address::Folder(second)]), &Quiet);
    assert_eq!(found(&report), Found::Address(format!("{second}SMALL.txt")));
    folder.check(&series());
}

#[test]
fn a_part_of_another_version_is_thrown_away() {
    let (base, requests) = serve(vec![Reply::Whole(series()), Reply::Whole(series())]);
    let folder = Folder::new();
    folder.write("cache/small/SMALL.txt.part", &[b'x'; 100]);
    folder.put(small(&series(), vec![Address::Folder(base)]), &Quiet);
    folder.check(&series());
    let starts: Vec<u64> = requests.lock().expect("log").iter().map(|(_, start)| *start).collect();
    assert_eq!(starts, [100, 0]);
}

#[test]
fn what_is_nowhere_is_reported_with_every_reason() {
    let mut longer = series();
    longer.push(b'\n');
    let mut wrong = series();
    wrong[0] = b'2';
    let (missing, requests) = serve(vec![Reply::Status(404)]);
    let (too_long, _) = serve(vec![Reply::Whole(longer)]);
    let (other, _) = serve(vec![Reply::Whole(wrong.clone()), Reply::Whole(wrong)]);
    let folder = Folder::new();
    let report = folder.put(small(&series(), [missing, too_long, other].map(Address::Folder).to_vec()), &Quiet);
    let said = reasons(&report);
    for says in [
        "in the given folder: no such file",
        "in the cache: no such file",
        "SMALL.txt: the server answers 404",
        "another file",
        "a file of another content (SHA-256 ",
    ] {
        assert!(said.contains(says), "{said}\nshould say {says:?}");
    }
    assert_eq!(requests.lock().expect("log").len(), 1, "404 is not asked again");
    assert!(report.to_string().starts_with("Small: not there, because SMALL.txt could not be had\n  in the given"));
    let json = fs::read(folder.0.path().join("site/data/catalogue.json")).expect("written all the same");
    assert_eq!(Catalogue::read(&json), Ok(Catalogue::empty()));
}

/// An archive of one packed and one stored member, as `zip` writes it.
fn archive(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, content, deflate) in members {
        let mut crc = Crc::new();
        crc.update(content);
        let stored = if *deflate {
            let mut packer = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            packer.write_all(content).expect("memory");
            packer.finish().expect("memory")
        } else {
            content.to_vec()
        };
        let mut fields = vec![0, 0, if *deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        fields.extend(crc.sum().to_le_bytes());
        fields.extend((stored.len() as u32).to_le_bytes());
        fields.extend((content.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        let offset = file.len() as u32;
        file.extend(b"PK\x03\x04\x14\0");
        file.extend(&fields);
        file.extend([3, 0]);
        file.extend(name.as_bytes());
        file.extend(b"xyz");
        file.extend(&stored);
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        directory.extend(&fields);
        directory.extend([0; 12]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count) = (file.len() as u32, members.len() as u16);
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([7, 0]);
    file.extend(b"comment");
    file
}

#[test]
fn from_an_archive() {
    for deflate in [true, false] {
        let zip = archive(&[("set/README.md", b"hello", false), ("set/SMALL.txt", &series(), deflate)]);
        let (base, requests) = serve(vec![Reply::Cut(zip.clone(), 300), Reply::Whole(zip)]);
        let url = leak(format!("{base}small.zip")).as_str();
        let folder = Folder::new();
        let report = folder.put(small(&series(), vec![Address::Zip(url)]), &Quiet);
        assert_eq!(found(&report), Found::Address(url.into()));
        folder.check(&series());
        assert_eq!(*requests.lock().expect("log"), [("/small.zip".to_owned(), 0), ("/small.zip".to_owned(), 300)]);
        // Its other members are taken from the archive that is there.
        fs::remove_file(folder.0.path().join("cache/small/SMALL.txt")).expect("there");
        let report = folder.put(small(&series(), vec![Address::Zip(url)]), &Quiet);
        assert_eq!(found(&report), Found::Address(url.into()));
    }
}

#[test]
fn broken_archives_are_refused() {
    let whole = archive(&[("SMALL.txt", b"1 2 3\n", true)]);
    // All but the comment, which is nothing's loss.
    let broken = (0..whole.len() - 7).step_by(7).map(|cut| whole[..cut].to_vec());
    let mut damaged = whole.clone();
    damaged[45] ^= 0x40;
    for zip in broken.chain([damaged, archive(&[("OTHER.txt", b"1 2 3\n", true)])]) {
        let (base, _) = serve(vec![Reply::Whole(zip.clone())]);
        let url = leak(format!("{base}small.zip")).as_str();
        let said = reasons(&Folder::new().put(small(b"1 2 3\n", vec![Address::Zip(url)]), &Quiet));
        assert!(said.contains("archive"), "{} bytes: {said}", zip.len());
    }
}

#[test]
fn earlier_sets_stay_in_the_catalogue() {
    let folder = Folder::new();
    folder.write("from/small/SMALL.txt", &series());
    folder.put(small(&series(), vec![]), &Quiet);
    let [into, cache] = ["site/data", "cache"].map(|name| folder.0.path().join(name));
    let places = Places { from: None, into: &into, cache: &cache, online: false };
    let report = put(&["mnist", "strokes"], &places, &Quiet).expect("written");
    assert!(reasons(&report).contains("public addresses: not asked"), "{report}");
    assert_eq!(report.sets[1].2, Outcome::BuiltIn);
    folder.check(&series());
    // But not when their files are gone.
    let name = folder.names("site/data/small").remove(0);
    fs::remove_file(into.join("small").join(name)).expect("there");
    put(&["strokes"], &places, &Quiet).expect("written");
    let json = fs::read(into.join("catalogue.json")).expect("there");
    assert_eq!(Catalogue::read(&json), Ok(Catalogue::empty()));
}

#[test]
fn what_cannot_be_had_again_stays_as_long_as_it_is_the_published_one() {
    let folder = Folder::new();
    folder.write("from/small/SMALL.txt", &series());
    folder.put(small(&series(), vec![]), &Quiet);
    let [into, cache] = ["site/data", "cache"].map(|name| folder.0.path().join(name));
    let places = Places { from: None, into: &into, cache: &cache, online: false };
    let again = || put_sources(&[small(&series(), vec![])], &places, &Quiet).expect("written");
    let report = again();
    assert_eq!(found(&report), Found::Site, "{report}");
    assert!(report.to_string().contains("from an earlier run"), "{report}");
    folder.check(&series());
    // Another edition was published since: what is there is not it.
    let mut newer = series();
    newer.push(b'\n');
    let report = put_sources(&[small(&newer, vec![])], &places, &Quiet).expect("written");
    assert!(reasons(&report).contains("not asked"), "{report}");
    folder.put(small(&series(), vec![]), &Quiet);
    // Of the same length, but not the same: nobody could use it.
    let name = into.join("small").join(folder.names("site/data/small").remove(0));
    let mut damaged = fs::read(&name).expect("there");
    *damaged.last_mut().expect("not empty") ^= 1;
    fs::write(name, damaged).expect("written");
    let report = again();
    assert!(reasons(&report).contains("not asked"), "{report}");
    let json = fs::read(into.join("catalogue.json")).expect("there");
    assert_eq!(Catalogue::read(&json), Ok(Catalogue::empty()));
}

#[test]
fn what_stops_everything() {
    let folder = Folder::new();
    folder.write("site", b"a file where a folder should be");
    let [into, cache] = ["site/data", "cache"].map(|name| folder.0.path().join(name));
    let places = Places { from: None, into: &into, cache: &cache, online: false };
    let error = put(&["strokes"], &places, &Quiet).expect_err("no folder");
    assert!(matches!(error, FetchError::File { .. }) && error.to_string().contains("catalogue.json"), "{error}");
    let error = put(&["nothing"], &places, &Quiet).expect_err("unknown");
    assert!(error.to_string().contains("no data set called \"nothing\""), "{error}");
}
