//! The command line as it is built: what it prints, where it computes, what it refuses.
#![allow(missing_docs, reason = "a test's name says what it shows")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(not(target_arch = "wasm32"))]
use hourglass::compute::{Device, Gpu, GpuOptions};
use hourglass::nn::signals;
use hourglass::nn::spec::NetworkSpec;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// More than go through a network together, and no multiple of it.
const ROWS: usize = 1_100;
const SIDE: usize = 6;
const Z: usize = 3;

/// Pictures, with classes and without, and weights that learned from them for a moment.
struct Place {
    folder: tempfile::TempDir,
    pixels: Vec<u8>,
}

/// What a command said.
struct Said {
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        let pixels: Vec<u8> = (0..ROWS * SIDE * SIDE).map(|i| (i * i / 7 % 251) as u8).collect();
        let place = Self { folder: tempfile::tempdir().unwrap(), pixels };
        let sides = |sides: &[usize]| sides.iter().flat_map(|&side| (side as u32).to_be_bytes()).collect::<Vec<u8>>();
        let images = [&[0, 0, 8, 3][..], &sides(&[ROWS, SIDE, SIDE]), &place.pixels].concat();
        let classes: Vec<u8> = (0..ROWS).map(|i| (i % 4) as u8).collect();
        let labels = [&[0, 0, 8, 1][..], &sides(&[ROWS]), &classes].concat();
        fs::write(place.path("images.idx"), images).unwrap();
        fs::write(place.path("labels.idx"), labels).unwrap();
        place.run("train --data images.idx,labels.idx --encoder 9 --z 3 --steps 20 --device cpu --out net");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a line in the folder.
    fn run(&self, line: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hourglass"));
        let done = command.args(line.split(' ')).current_dir(&self.folder).output().unwrap();
        let words = |bytes| String::from_utf8(bytes).unwrap();
        let said = Said { out: words(done.stdout), err: words(done.stderr) };
        assert!(done.status.success(), "{line}: {}", said.err);
        said
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.run(&format!("{line} --json")).out).unwrap()
    }

    /// The rows that a command prints.
    fn rows(&self, line: &str) -> Vec<Vec<f32>> {
        let json = self.json(line);
        let row = |row: &Value| serde_json::from_value(row["values"].clone()).unwrap();
        json["rows"].as_array().unwrap().iter().map(row).collect()
    }
}

/// What `--device` takes here, with the device's name.
async fn devices() -> Vec<(&'static str, String)> {
    let mut all = vec![("cpu", Device::Processor.name())];
    match Gpu::new(GpuOptions { software: true, plain: false }).await {
        Ok(gpu) => all.push(("gpu", Device::Gpu(gpu).name())),
        Err(reason) if std::env::var("REQUIRE_GPU").is_ok() => panic!("REQUIRE_GPU is set, but {reason}"),
        Err(reason) => eprintln!("no GPU, so only the processor is tested: {reason}"),
    }
    all
}

#[pollster::test]
async fn whatever_computes_says_where() {
    let place = Place::new();
    place.run("encode --weights net --device cpu --out codes.csv");
    for (device, name) in devices().await {
        for line in [
            "train --data images.idx --encoder 9 --z 3 --steps 2 --out other",
            "evaluate --weights net",
            "encode --weights net",
            "reconstruct --weights net",
            "decode --weights net --codes codes.csv",
            "neighbours --weights net --first 20",
            "compress --weights net --out packed.hgc",
            "decompress packed.hgc",
        ] {
            let Said { out, err } = place.run(&format!("{line} --device {device}"));
            assert!(err.contains(&name) || out.contains(&name), "{line} on {name} said {err}");
        }
        for line in ["evaluate --weights net", "neighbours --weights net --first 9", "compress --weights net --out c"] {
            assert_eq!(place.json(&format!("{line} --device {device}"))["device"], *name, "{line}");
        }
    }
}

#[pollster::test]
async fn every_row_goes_through_the_network_wherever_that_is() {
    let place = Place::new();
    place.run("encode --weights net --device cpu --out codes.csv");
    let bytes = fs::read(place.path("net")).unwrap();
    let metadata = hourglass::nn::checkpoint::metadata(&bytes).unwrap();
    let spec: NetworkSpec = serde_json::from_str(&metadata["network"]).unwrap();
    let values = hourglass::nn::checkpoint::read(&bytes, &spec).unwrap();
    let x: Vec<f32> = place.pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let expected = signals(&spec, &values, 0..spec.layers.len(), ROWS as u32, x);
    let (codes, outputs) = (&expected[spec.encoder], &expected[spec.layers.len()]);
    for (device, name) in devices().await {
        for (line, expected, width) in [
            ("encode --weights net", codes, Z),
            ("encode --weights net --first 501", codes, Z),
            ("reconstruct --weights net", outputs, SIDE * SIDE),
            ("decode --weights net --codes codes.csv", outputs, SIDE * SIDE),
        ] {
            let got = place.rows(&format!("{line} --device {device}"));
            assert_eq!(got.len(), if line.ends_with("501") { 501 } else { ROWS }, "{line} on {name}");
            for (i, (got, expected)) in got.iter().zip(expected.chunks(width)).enumerate() {
                assert_eq!(got.len(), width);
                let off = got.iter().zip(expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
                // Sums of 36 products around 1, in another order.
                assert!(off < 1e-5, "{line} on {name}: row {i} is off by {off}");
            }
        }
    }
}

#[test]
fn neighbours_without_labels_are_listed_and_not_judged() {
    let place = Place::new();
    for by in ["codes", "values"] {
        let line = format!("neighbours --weights net --device cpu --first 300 --by {by}");
        let said = place.run(&format!("{line} --data images.idx --out near.csv")).out;
        assert!(said.contains("no labels") && !said.contains('%'), "{said}");
        let csv = fs::read_to_string(place.path("near.csv")).unwrap();
        assert_eq!(csv.lines().count(), 301);
        // Data that are both learned from and tested with: every input is its own nearest, and nobody votes.
        assert!(csv.lines().nth(8).unwrap().starts_with("7,,,,7,,0,"), "{csv}");
        let json = place.json(&format!("{line} --data images.idx"));
        assert_eq!((&json["right"], &json["accuracy"], &json["asked"]), (&Value::Null, &Value::Null, &300.into()));
        let json = place.json(&line);
        assert_eq!(json["accuracy"][0], 1.0, "with labels: {json}");
        assert!(place.run(&line).out.contains("% right with k = 9"));
    }
}

#[pollster::test]
async fn a_machine_is_measured() {
    let place = Place::new();
    for (device, name) in devices().await {
        let json = place.json(&format!("bench --only ecg --device {device}"));
        assert_eq!(json["device"], *name);
        let positive = |value: &Value| assert!(value.as_f64().is_some_and(|v| v > 0.0), "{value} in {json}");
        ["gflops", "gbytesPerS", "usPerCall"].iter().for_each(|limit| positive(&json[limit]));
        assert_eq!(json["products"], Value::Array(Vec::new()), "only the heartbeats' network was asked for");
        assert_eq!(json["workloads"].as_array().unwrap().len(), 1);
        let ecg = &json["workloads"][0];
        assert_eq!(ecg["name"], "ecg");
        ["msPerStep", "samplesPerS", "floorMs", "share"].iter().for_each(|figure| positive(&ecg[figure]));
        let share = 100.0 * ecg["floorMs"].as_f64().unwrap() / ecg["msPerStep"].as_f64().unwrap();
        assert!((ecg["share"].as_f64().unwrap() - share).abs() < 1e-6);
        // As PyTorch has it: tests/torch/workloads.py.
        assert!((ecg["lossFirst"].as_f64().unwrap() - 0.102_627_7).abs() < 1e-6);
        positive(&ecg["calls"][0]["ms"]);
    }
    let table = place.run("bench --only ecg --device cpu");
    assert!(table.out.starts_with("processor: ") && table.out.contains("\n  ecg: "), "{}", table.out);
    assert!(table.err.contains("measuring processor"), "{}", table.err);
    let refused = Command::new(env!("CARGO_BIN_EXE_hourglass")).args(["bench", "--only", "ecgs"]).output().unwrap();
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("mnist, class, ecg, lab, products"), "{words}");
}

/// What a command refuses to do, and the code it ends with.
fn refused(place: &Place, line: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hourglass"));
    let done = command.args(line.split(' ')).current_dir(&place.folder).output().unwrap();
    assert!(!done.status.success(), "{line} is not refused");
    (String::from_utf8(done.stderr).unwrap(), done.status.code())
}

#[test]
fn results_for_programs_stay_apart_from_files_for_people() {
    let place = Place::new();
    let name = Device::Processor.name();
    for (line, columns, named) in [
        ("encode --weights net --first 7", Z, true),
        ("reconstruct --weights net --first 7", SIDE * SIDE, true),
        ("decode --weights net --codes codes.csv", SIDE * SIDE, false),
    ] {
        place.run("encode --weights net --first 7 --device cpu --out codes.csv");
        let csv = place.run(&format!("{line} --device cpu")).out;
        let Said { out, .. } = place.run(&format!("{line} --device cpu --out rows.csv"));
        assert_eq!((out.as_str(), fs::read_to_string(place.path("rows.csv")).unwrap()), ("", csv.clone()), "{line}");
        fs::remove_file(place.path("rows.csv")).unwrap();

        let json = place.json(&format!("{line} --device cpu --out rows.csv"));
        assert_eq!(fs::read_to_string(place.path("rows.csv")).unwrap(), csv, "{line}: a file of CSV is one");
        let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
        assert_eq!(json, serde_json::json!({ "device": name, "columns": header, "count": 7, "file": "rows.csv" }));

        let json = place.json(&format!("{line} --device cpu"));
        assert_eq!(
            (&json["device"], &json["columns"], &json["count"]),
            (&name.clone().into(), &header.into(), &7.into())
        );
        for (i, (row, line)) in json["rows"].as_array().unwrap().iter().zip(csv.lines().skip(1)).enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            let values: Vec<f32> = serde_json::from_value(row["values"].clone()).unwrap();
            let cells: Vec<f32> = cells[cells.len() - columns..].iter().map(|cell| cell.parse().unwrap()).collect();
            assert_eq!(values, cells);
            let whose = if named { (Value::from(i), Value::from(i % 4)) } else { (Value::Null, Value::Null) };
            assert_eq!((row["index"].clone(), row["label"].clone()), whose, "{line}");
        }
    }
    let unlabelled = place.json("encode --weights net --data images.idx --first 1 --device cpu");
    assert!(unlabelled["rows"][0].as_object().unwrap()["label"].is_null(), "{unlabelled}");

    place.run("compress --weights net --first 9 --device cpu --out packed.hgc");
    let bytes = fs::metadata(place.path("packed.hgc")).unwrap().len();
    let json = place.json("decompress packed.hgc --device cpu --out sheet.png");
    let shape = [SIDE, SIDE];
    let expected =
        serde_json::json!({ "device": name, "count": 9, "shape": shape, "bytes": bytes, "file": "sheet.png" });
    assert_eq!(json, expected);
    assert!(fs::read(place.path("sheet.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn weights_of_files_name_them_as_the_page_does_and_find_them_again() {
    let place = Place::new();
    let bytes = fs::read(place.path("net")).unwrap();
    let said = hourglass::nn::checkpoint::metadata(&bytes).unwrap();
    let recipe: hourglass::lessons::Recipe = serde_json::from_str(&said["recipe"]).unwrap();
    let named =
        |name: &str| hourglass::data::own::Named { name: name.into(), content: fs::read(place.path(name)).unwrap() };
    let own = |names: &[&str]| {
        let files = names.iter().map(|name| named(name)).collect();
        let read = hourglass::data::own::read(files, Default::default(), |_| std::future::ready(()));
        pollster::block_on(read).unwrap().split.train.slug().to_owned()
    };
    assert_eq!(recipe.data, own(&["images.idx", "labels.idx"]));
    assert_eq!(said["files"], "images.idx,labels.idx");
    // The page's link to it is a good one.
    assert!(recipe.data.len() <= 32 && !recipe.data.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
    place.run("train --data images.idx --encoder 9 --z 3 --steps 1 --device cpu --out alone");
    let said = hourglass::nn::checkpoint::metadata(&fs::read(place.path("alone")).unwrap()).unwrap();
    let alone: hourglass::lessons::Recipe = serde_json::from_str(&said["recipe"]).unwrap();
    assert_eq!(alone.data, own(&["images.idx"]));
    assert_ne!(alone.data, recipe.data, "with other classes it is another set");

    assert_eq!(place.json("evaluate --weights net --device cpu")["inputs"], ROWS);
    fs::rename(place.path("images.idx"), place.path("moved.idx")).unwrap();
    let (words, _) = refused(&place, "evaluate --weights net --device cpu");
    assert!(words.contains("images.idx") && words.contains("--data"), "{words}");
    assert_eq!(place.json("evaluate --weights net --data moved.idx --device cpu")["inputs"], ROWS);
}

#[test]
fn a_run_of_more_steps_than_are_counted_is_refused() {
    let place = Place::new();
    let (words, code) = refused(&place, "train --data images.idx --steps 16776193 --device cpu --out other");
    assert!(words.contains("16776193") && words.contains("16776192"), "{words}");
    assert_eq!(code, Some(2), "nothing was begun");
}

#[test]
fn the_last_row_of_a_curve_has_the_loss_of_the_test_set() {
    let place = Place::new();
    let line =
        "train --data images.idx --encoder 9 --z 3 --steps 3 --rate 0.5 --device cpu --out other --curve curve.csv";
    let json = place.json(line);
    let csv = fs::read_to_string(place.path("curve.csv")).unwrap();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["step", "epoch", "train_loss", "test_loss", "learning_rate", "seconds"]);
    assert_eq!(rows.len(), 4);
    for (step, row) in rows.iter().enumerate().skip(1) {
        assert_eq!((row[0], row[4]), (step.to_string().as_str(), "0.5"));
        assert!(row[2].parse::<f32>().unwrap() > 0.0 && row[3].is_empty() == (step < 3), "{row:?}");
    }
    let test: f64 = rows[3][3].parse().unwrap();
    assert!((test - json["test_loss"].as_f64().unwrap()).abs() < 1e-7, "{test} and {json}");
}

#[test]
fn data_sets_that_are_required_are_named_where_they_are_missing() {
    let place = Place::new();
    let line = "data --into site --from . --cache cache --offline --sets strokes,mnist";
    assert!(place.run(line).out.contains("MNIST: not there"), "one of two is enough where none is required");
    let (words, code) = refused(&place, &format!("{line} --require"));
    assert!(words.contains("MNIST") && !words.contains("strokes"), "{words}");
    assert_eq!(code, Some(1));
}
