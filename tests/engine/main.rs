//! The engine, natively and in the browser: `cargo test --test engine`, and the same with
//! `--target wasm32-unknown-unknown`. Every test runs on every device that a visitor can have; REQUIRE_GPU=1 makes
//! a missing GPU a failure.
#![allow(missing_docs, reason = "a test's name says what it shows")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[cfg(not(target_arch = "wasm32"))]
pub mod asks;
pub mod check;
pub mod choice;
pub mod classify;
#[cfg(not(target_arch = "wasm32"))]
pub mod compress;
pub mod data;
#[cfg(not(target_arch = "wasm32"))]
pub mod denoise;
#[cfg(not(target_arch = "wasm32"))]
pub mod exact_runs;
#[cfg(not(target_arch = "wasm32"))]
pub mod files;
pub mod fuzzed;
pub mod golden;
pub mod gradients;
#[cfg(not(target_arch = "wasm32"))]
pub mod heartbeats;
#[cfg(not(target_arch = "wasm32"))]
pub mod keeping;
pub mod kernels;
pub mod limits;
#[cfg(target_arch = "wasm32")]
pub mod nudge;
#[cfg(not(target_arch = "wasm32"))]
pub mod once;
#[cfg(not(target_arch = "wasm32"))]
pub mod own;
pub mod randomness;
#[cfg(not(target_arch = "wasm32"))]
pub mod rates;
#[cfg(not(target_arch = "wasm32"))]
pub mod recovery;
pub mod resident;
pub mod search;
#[cfg(not(target_arch = "wasm32"))]
pub mod selftest;
#[cfg(not(target_arch = "wasm32"))]
pub mod session;
pub mod siamese;
pub mod training;
#[cfg(not(target_arch = "wasm32"))]
pub mod update;
pub mod variational;
pub mod workloads;
#[cfg(not(target_arch = "wasm32"))]
pub mod worlds;

use hourglass::compute::{Device, Gpu, GpuOptions};
use std::cell::RefCell;
use std::rc::Rc;

/// The devices a visitor can have. Software that behaves like a GPU counts: it runs the same WGSL.
///
/// Natively they go with the test that holds them, before its thread ends (wgpu cannot be dropped by the end of a thread):
/// drivers have only so many, and each keeps what it compiled. Who asks again while they are held gets the same ones.
#[cfg(not(target_arch = "wasm32"))]
pub async fn devices() -> Vec<Rc<Device>> {
    use std::rc::Weak;
    thread_local! {
        static DEVICES: RefCell<Vec<Weak<Device>>> = const { RefCell::new(Vec::new()) };
    }
    // All of them, or they are made anew.
    let held: Option<Vec<Rc<Device>>> = DEVICES.with_borrow(|all| all.iter().map(Weak::upgrade).collect());
    if let Some(held) = held.filter(|held| !held.is_empty()) {
        return held;
    }
    let devices = made().await;
    DEVICES.set(devices.iter().map(Rc::downgrade).collect());
    devices
}

/// In the browser all tests share one thread, and its devices: to compile the kernels takes longer than most tests.
#[cfg(target_arch = "wasm32")]
pub async fn devices() -> Vec<Rc<Device>> {
    thread_local! {
        static DEVICES: RefCell<Vec<Rc<Device>>> = const { RefCell::new(Vec::new()) };
    }
    if DEVICES.with_borrow(Vec::is_empty) {
        DEVICES.set(made().await);
    }
    DEVICES.with_borrow(Clone::clone)
}

async fn made() -> Vec<Rc<Device>> {
    let mut devices = vec![Rc::new(Device::Processor)];
    match Gpu::new(GpuOptions { software: true, plain: false }).await {
        Ok(gpu) => devices.push(Rc::new(Device::Gpu(gpu))),
        Err(reason) if gpu_is_required() => panic!("REQUIRE_GPU is set, but {reason}"),
        Err(reason) => eprintln!("no GPU, so only the processor is tested: {reason}"),
    }
    devices
}

/// A lesson's question.
#[cfg(not(target_arch = "wasm32"))]
pub fn ask(ask: hourglass::engine::protocol::Ask) -> hourglass::engine::Command {
    hourglass::engine::Command::Ask(hourglass::engine::protocol::About::sealed(&ask))
}

/// What an event says, if it is an answer.
#[cfg(not(target_arch = "wasm32"))]
pub fn answer(event: &hourglass::engine::Event) -> Option<hourglass::engine::protocol::Answer> {
    if let hourglass::engine::Event::Answer(answer) = event { answer.open() } else { None }
}

/// At run time natively; when the test was compiled in the browser, which has no environment.
fn gpu_is_required() -> bool {
    std::env::var("REQUIRE_GPU").is_ok() || option_env!("REQUIRE_GPU").is_some()
}

/// Numbers of both signs with a zero in every five, the same on every machine. Each `which` gives another sequence
/// with its zeros elsewhere, so that swapped buffers show.
pub fn wave(len: u32, which: usize) -> Vec<f32> {
    let value = |i: usize| match (i + which) % 5 {
        3 => 0.0,
        _ => ((i as f64 * 0.7 + which as f64 * 1.3 + 0.1).sin()) as f32,
    };
    (0..len as usize).map(value).collect()
}

/// MNIST's pixels.
#[cfg(not(target_arch = "wasm32"))]
pub struct Mnist {
    pub train: Vec<u8>,
    pub test: Vec<u8>,
}

/// MNIST from HOURGLASS_DATA. Where there is none, `test` says that it did not run; REQUIRE_DATA makes that a failure.
#[cfg(not(target_arch = "wasm32"))]
pub fn mnist(test: &str) -> Option<Mnist> {
    use std::io::Read;
    let Ok(folder) = std::env::var("HOURGLASS_DATA") else {
        assert!(std::env::var("REQUIRE_DATA").is_err(), "REQUIRE_DATA is set, but HOURGLASS_DATA is not");
        println!("NOT RUN: {test} needs MNIST; set HOURGLASS_DATA to a folder that has mnist/");
        return None;
    };
    let read = |name: &str| {
        let file = std::fs::File::open(format!("{folder}/mnist/{name}-images-idx3-ubyte.gz")).unwrap();
        let mut pixels = Vec::new();
        flate2::read::GzDecoder::new(file).read_to_end(&mut pixels).unwrap();
        pixels.split_off(16)
    };
    Some(Mnist { train: read("train"), test: read("t10k") })
}

/// A site that has MNIST and the weights that ship, made from HOURGLASS_DATA; where there is none, as [`mnist`].
#[cfg(not(target_arch = "wasm32"))]
pub fn mnist_site(test: &str) -> Option<String> {
    use hourglass::data::fetch::{Places, Quiet, put};
    use std::path::Path;
    use std::sync::OnceLock;
    static SITE: OnceLock<String> = OnceLock::new();
    mnist(test)?;
    let made = SITE.get_or_init(|| {
        let folder = std::env::var("HOURGLASS_DATA").unwrap();
        let site = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
        let (data, models) = (site.join("data"), site.join("models"));
        std::fs::create_dir_all(&models).unwrap();
        for file in std::fs::read_dir("www/models").unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), models.join(file.file_name())).unwrap();
        }
        let places = Places { from: Some(Path::new(&folder)), into: &data, cache: &site.join("cache"), online: false };
        put(&["mnist"], &places, &Quiet).unwrap();
        site.to_str().unwrap().to_owned()
    });
    Some(made.clone())
}
