//! How much memory parsers ask for: in proportion to a file's size, whatever it promises. A program of its own, because
//! its allocator counts for all threads; its parts run one after the other.
#![allow(missing_docs, reason = "a test's name says what it shows")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(not(target_arch = "wasm32"))]
#[path = "../engine/fuzzed/parsers.rs"]
mod parsers;
#[path = "../engine/fuzzed/seeds.rs"]
mod seeds;

use hourglass::data::{gzip, png};
use hourglass::nn::checkpoint;
use hourglass::nn::spec::{Activation, LayerSpec, NetworkSpec};
use parsers::Parser;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that stood beside what was there before, while this ran.
fn peak(run: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    run();
    MEMORY.peak_usage() - before
}

/// For tables, messages and what a library keeps for its own work, such as the 32 KiB window of deflate.
const ROOM: usize = 1 << 20;

#[test]
fn what_a_file_promises_is_not_believed() {
    let mut wrong = Vec::new();
    let mut hold = |what: String, bytes: usize, most: usize, run: &dyn Fn()| {
        let got = peak(run);
        if got > most {
            wrong.push(format!("{what}: {got} bytes of memory for a file of {bytes}, {most} are allowed"));
        }
    };
    for parser in Parser::ALL {
        for (name, bytes) in seeds::of(parser) {
            // Lines of one digit become values of four bytes, and names of classes.
            let most = ROOM + 64 * bytes.len();
            hold(format!("{} {name}", parser.name()), bytes.len(), most, &|| pollster::block_on(parser.check(&bytes)));
        }
    }

    // Sixty million pixels in a hundred bytes.
    let picture = seeds::png_of(0, 0, 0, 1, 0);
    for size in [8000_u32, 60_000, 1 << 30] {
        let mut bytes = picture.clone();
        bytes[16..20].copy_from_slice(&size.to_be_bytes());
        bytes[20..24].copy_from_slice(&1000_u32.to_be_bytes());
        let sum = hourglass::lessons::compress::file::crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, &[0; 9]).unwrap();
        bytes.extend(seeds::chunk(b"IDAT", &packer.finish().unwrap()));
        hold(format!("a picture of {size} x 1000"), bytes.len(), ROOM, &|| assert!(png::read(&bytes).is_err()));
    }

    // A packed file whose last bytes say that 256 MB are in it.
    let mut bytes = parsers::packed(b"nothing");
    let end = bytes.len() - 4;
    bytes[end..].copy_from_slice(&(256_u32 << 20).to_le_bytes());
    let unpack = || drop(gzip::unpacked(bytes.clone(), gzip::MOST_UNPACKED).expect_err("another length"));
    hold("a packed file".into(), bytes.len(), ROOM, &unpack);

    // A header of 64 MB, and a network whose weights fill no memory that there is.
    let header = [&(64_u64 << 20).to_le_bytes()[..], b"{}"].concat();
    hold("a header".into(), header.len(), ROOM, &|| assert!(checkpoint::metadata(&header).is_err()));
    let (_, small) = seeds::of(Parser::Weights).swap_remove(0);
    for width in [40_000, u32::MAX] {
        let layer = LayerSpec { inputs: width, outputs: width, activation: Activation::Relu };
        let spec = NetworkSpec { layers: vec![layer; 3], encoder: 1 };
        let read = || assert!(checkpoint::read(&small, &spec).is_err());
        hold(format!("a network of widths {width}"), small.len(), ROOM, &read);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
