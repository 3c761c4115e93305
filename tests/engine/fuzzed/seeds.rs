//! What fuzzing starts from: small files of every kind that the parsers know, good ones and some that are cut or wrong.
//! They lie in `fuzz/seeds/`, too, where the fuzzer finds them.
use super::parsers::{Parser, packed};
use hourglass::data::catalogue::{Catalogue, FileEntry, SetEntry, VERSION};
use hourglass::data::{Kind, png, source};
use hourglass::engine::keeping::Record;
use hourglass::engine::protocol::{Card, Point};
use hourglass::lessons::compress::{Quantiser, file};
use hourglass::lessons::link::{Drawing, View, write_shown};
use hourglass::lessons::recipe::{Activation, Init, Loss, Noise, Optimiser};
use hourglass::lessons::{LESSONS, Recipe};
use hourglass::nn::checkpoint::{self, Precision};
use hourglass::nn::spec::NetworkSpec;
use hourglass::nn::{State, first_weights};
use hourglass::words::Tongue;
use std::collections::HashMap;
use std::rc::Rc;

/// All of a parser, by their files' names.
pub fn of(parser: Parser) -> Vec<(String, Vec<u8>)> {
    let all = match parser {
        Parser::Idx => idx(),
        Parser::Gzip => gzip(),
        Parser::Csv => csv(),
        Parser::Ucr => ucr(),
        Parser::Png => pictures(),
        Parser::Own => own(),
        Parser::Weights => weights(),
        Parser::Compressed => compressed(),
        Parser::Link => links(),
        Parser::Drawing => drawings(),
        Parser::Record => records(),
        Parser::Catalogue => catalogues(),
    };
    let numbered = |(i, bytes): (usize, Vec<u8>)| (format!("{i:02}"), bytes);
    all.into_iter().enumerate().map(numbered).collect()
}

/// The file, and its first half.
fn and_cut(files: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let cut: Vec<Vec<u8>> = files.iter().take(3).map(|file| file[..file.len() / 2].to_vec()).collect();
    [files, cut].concat()
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Bytes of no pattern that a test would miss.
fn ramp(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * i * 7 % 251) as u8).collect()
}

fn idx_of(sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let sizes_as_bytes = sizes.iter().flat_map(|size| size.to_be_bytes());
    [0, 0, 8, sizes.len() as u8].into_iter().chain(sizes_as_bytes).chain(values.iter().copied()).collect()
}

fn idx() -> Vec<Vec<u8>> {
    and_cut(vec![
        idx_of(&[4, 3, 2], &ramp(24)),
        idx_of(&[9], &ramp(9)),
        idx_of(&[1, 28, 28], &ramp(784)),
        idx_of(&[u32::MAX, u32::MAX, u32::MAX], &[]),
        idx_of(&[0], &[]),
        idx_of(&[2, 2], &ramp(4)),
    ])
}

fn gzip() -> Vec<Vec<u8>> {
    let two = [packed(b"one"), packed(b"and another")].concat();
    and_cut(vec![packed(&ramp(900)), packed(&[0; 70_000]), two, packed(b""), b"no gzip at all".to_vec()])
}

fn csv() -> Vec<Vec<u8>> {
    let pictures: String = (0..5).map(|row| format!("{row},{}\n", vec!["7"; 16].join(","))).collect();
    let mut all = texts(&[
        "0.5,-1.25,3\n0.004,5.5,6\n",
        "label;a;b\nnormal;0,5;1,5\r\nodd;2,5;3e1\n",
        "\u{feff}index\tx\ty\n0\t1.5\t2\n1\t3\t4.25\n",
        "1  0.5 0.25\n2  1.5 -2.5\n",
        "\"a\",\"b\",\"class\"\n\"1\",\"2\",\"\u{fc}ber\"\n",
        "1,2,3\n4,5\n",
        "1,2\nnan,inf\n",
        "3,0.5,1\n\n\n4,0.5,1e39\n",
    ]);
    all.push(pictures.into_bytes());
    and_cut(all)
}

fn ucr() -> Vec<Vec<u8>> {
    and_cut(texts(&[
        "1 0.5 -0.25\n2 1e-3 4\n",
        "-1,1,2,3\n1,4,5,6\n",
        "\u{feff}  1.0\t2.0\r\n\r\n3\t4\r\n",
        "1 2 3\n1 2\n",
        "0.5 1\n",
        "16777216 1\n-16777217 2\n",
    ]))
}

fn pictures() -> Vec<Vec<u8>> {
    let mut all = vec![
        png::grey(3, 4, &ramp(12)).expect("good"),
        png::grey(28, 56, &ramp(28 * 56)).expect("good"),
        png::grey(1, 1, &[7]).expect("good"),
    ];
    // Every other kind of pixels, and an order of rows in passes: what our own writer never makes.
    let kinds =
        [(0, 1), (0, 2), (0, 4), (0, 16), (2, 8), (2, 16), (3, 1), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)];
    all.extend(kinds.map(|(colour, depth)| png_of(5, 3, colour, depth, 0)));
    all.extend([png_of(9, 9, 6, 8, 1), png_of(5, 5, 0, 1, 1)]);
    // A header that promises four thousand million pixels, and nothing after it.
    all.push(png_of(0, 0, 2, 8, 0).into_iter().chain(chunk(b"IDAT", &[])).collect());
    and_cut(all)
}

/// A chunk of a PNG file, as its standard (W3C, third edition, 5.3) has it.
pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let sum = file::crc32(&[&name[..], data].concat());
    [&(data.len() as u32).to_be_bytes()[..], name, data, &sum.to_be_bytes()].concat()
}

/// A picture of these kinds of pixels; with no rows, a header alone that promises as many as there can be.
pub fn png_of(rows: u32, cols: u32, colour: u8, depth: u8, interlace: u8) -> Vec<u8> {
    let size = if rows == 0 { [u32::MAX >> 1; 2] } else { [cols, rows] };
    let header = [&size[0].to_be_bytes()[..], &size[1].to_be_bytes(), &[depth, colour, 0, 0, interlace]].concat();
    let mut file = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header)].concat();
    if rows == 0 {
        return file;
    }
    if colour == 3 {
        file.extend(chunk(b"PLTE", &ramp(3 << depth)));
        file.extend(chunk(b"tRNS", &[0, 128]));
    }
    let channels = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
    // Enough for seven passes of their own filters; what is too much is left over.
    let lines = if interlace == 1 { 3 * rows } else { rows };
    let bytes = (cols * channels * u32::from(depth)).div_ceil(8) as usize;
    let pixels: Vec<u8> = (0..lines).flat_map(|row| [vec![(row % 5) as u8], ramp(bytes)].concat()).collect();
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &pixels).expect("memory");
    file.extend(chunk(b"IDAT", &packer.finish().expect("memory")));
    file.extend(chunk(b"IEND", &[]));
    file
}

/// A choice of several files as one: see the parser's check.
fn own_of(head: u8, tile: [u8; 2], files: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let count = (files.len() - 1) as u8;
    let mut all = vec![head | count, tile[0], tile[1], 0];
    for (name, bytes) in files {
        let [low, high] = (bytes.len() as u16).to_le_bytes();
        all.extend([*name, low, high]);
        all.extend(bytes);
    }
    all
}

fn own() -> Vec<Vec<u8>> {
    let pictures = |count: u32| idx_of(&[count, 4, 4], &ramp(16 * count as usize));
    let labels = |count: u32| idx_of(&[count], &ramp(count as usize));
    let series: String = (0..12).map(|i| format!("{},{}.5,{}.25,1\n", i % 3, i * i % 7, i)).collect();
    let whole: String = (0..9).map(|i| format!("{}\n", vec![(i * 20).to_string(); 16].join(","))).collect();
    let sheet = png::grey(8, 12, &ramp(96)).expect("good");
    let tile = |seed: usize| png::grey(4, 4, &ramp(16 + seed)[seed..]).expect("good");
    let quarter = |i: usize| tile(i);
    and_cut(vec![
        own_of(0, [0; 2], &[(0, pictures(9))]),
        own_of(0, [0; 2], &[(0, pictures(9)), (2, labels(9))]),
        own_of(0, [0; 2], &[(0, pictures(8)), (1, pictures(5)), (0, labels(8)), (2, labels(5))]),
        own_of(0, [0; 2], &[(0, packed(&pictures(9)))]),
        own_of(0, [0; 2], &[(7, series.clone().into_bytes())]),
        own_of(0x0c, [0; 2], &[(0, series.clone().into_bytes()), (1, packed(series.as_bytes()))]),
        own_of(0x08, [0; 2], &[(7, whole.clone().into_bytes())]),
        own_of(0x3c, [0; 2], &[(7, whole.into_bytes())]),
        own_of(0x40, [4, 4], &[(5, sheet.clone())]),
        own_of(0x70, [2, 3], &[(5, sheet)]),
        own_of(0, [0; 2], &[(3, quarter(1)), (3, quarter(2)), (4, quarter(3)), (4, quarter(4))]),
        own_of(0, [0; 2], &[(5, b"PK\x03\x04".to_vec())]),
    ])
}

fn small() -> Recipe {
    Recipe { data: "none".into(), encoder: vec![3], z: 2, ..Recipe::default() }
}

fn weights_of(recipe: &Recipe, inputs: u32, precision: Precision, says: bool) -> Vec<u8> {
    let spec = recipe.network(inputs, true).expect("a good recipe");
    let values: Vec<f32> = first_weights(&spec, recipe.init, recipe.seed);
    // A map's order differs from run to run; one entry has only one.
    let recipe = serde_json::to_string(recipe).expect("plain");
    let metadata = HashMap::from_iter(says.then(|| ("recipe".to_owned(), recipe)));
    checkpoint::write(&spec, &values, precision, metadata).expect("they fit")
}

fn weights() -> Vec<Vec<u8>> {
    let other = Recipe { encoder: vec![], z: 1, ..small() };
    // Headers that promise: tensors longer than the file, none of a length, sizes whose product no number holds.
    let header = |json: &str| [&(json.len() as u64).to_le_bytes()[..], json.as_bytes()].concat();
    let tensor = |shape: &str, end: &str| {
        header(&format!("{{\"encoder.0.weight\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[0,{end}]}}}}"))
    };
    let empty = |name: &str, shape: &str| {
        format!("\"{name}.0.weight\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[0,0]}}")
    };
    let pair =
        |first: &str, second: &str| header(&format!("{{{},{}}}", empty("encoder", first), empty("decoder", second)));
    let mut all = vec![
        weights_of(&small(), 5, Precision::F32, true),
        weights_of(&small(), 5, Precision::F32, false),
        weights_of(&small(), 5, Precision::F16 { bits: 10 }, false),
        weights_of(&other, 2, Precision::F16 { bits: 3 }, true),
        tensor("[4294967296,4294967296]", "0"),
        tensor("[9,9]", "324"),
        pair("[0,4294967295]", "[4294967295,0]"),
        pair("[1,0]", "[0,1]"),
        header("{}"),
        u64::MAX.to_le_bytes().to_vec(),
    ];
    let mut nan = all[1].clone();
    let end = nan.len();
    nan[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    all.push(nan);
    and_cut(all)
}

fn compressed() -> Vec<Vec<u8>> {
    let file_of = |bits: u32, half: bool, shape: (u32, u32), count: u32, z: u32| {
        let decoder = NetworkSpec {
            encoder: 0,
            ..NetworkSpec::autoencoder(shape.0 * shape.1, &[], z, Activation::Relu, Activation::Sigmoid)
        };
        let layers = vec![decoder.layers[1]];
        let decoder = NetworkSpec { layers, encoder: 0 };
        let weights: Vec<f32> = first_weights(&decoder, Init::He, 3);
        let quantiser = Quantiser { bits, ranges: (0..z).map(|i| [-1.0, i as f32]).collect() };
        let codes: Vec<f32> = (0..count * z).map(|i| (i % 5) as f32 / 3.0 - 0.5).collect();
        let packed = quantiser.pack(&codes);
        let file = file::Compressed {
            data: "mnist".into(),
            first: 7,
            count,
            shape,
            unit: true,
            quantiser,
            decoder,
            weights,
            half,
            packed,
        };
        file.write().expect("small")
    };
    and_cut(vec![
        file_of(8, false, (2, 3), 4, 2),
        file_of(3, true, (4, 4), 5, 3),
        file_of(1, true, (1, 9), 9, 1),
        file_of(2, false, (1, 1), 100_000, 1)[..200].to_vec(),
    ])
}

fn links() -> Vec<Vec<u8>> {
    let recipe = Recipe {
        data: "strokes".into(),
        abnormal: Some(0.25),
        encoder: vec![64, 32],
        z: 2,
        activation: Activation::Tanh,
        loss: Loss::Bce,
        optimiser: Optimiser::Momentum,
        learning_rate: 0.05,
        batch: 7,
        epochs: 3,
        noise: Noise::Gaussian { sd: 0.5 },
        variational: Some(2.0),
        seed: u64::MAX,
        init: Init::Torch,
    };
    let drawing = Drawing::of(&ramp(784).iter().map(|&byte| f32::from(byte) / 255.0).collect::<Vec<_>>());
    let view =
        View { lock: vec!["z", "lr"], hide: vec!["menu"], present: true, embed: true, lang: Some(Tongue::Dutch) };
    let mut all = vec![write_shown(&LESSONS[0], &recipe, &view, drawing.as_ref()).into_bytes()];
    all.extend(LESSONS.iter().map(|lesson| format!("#/{}?v=1", lesson.slug).into_bytes()));
    all.extend(texts(&[
        "#/studio?v=1&z=-3&lr=1e999&enc=1,,2&noise=salt:9&seed=99999999999999999999",
        "#/%73tudio?%7A=%32&data=%2e%2e%2Fetc&draw=AAAA",
        "#/studio?v=2&z=3",
        "#/nowhere?&&=&z&z=1&z=2&lock=a,b,z&hide=,",
        "#/studio?noise=block:28&kl=-0&abn=-0&enc=none",
    ]));
    and_cut(all)
}

fn drawings() -> Vec<Vec<u8>> {
    let of = |shape: [u8; 2], numbers: &[f32]| {
        shape.into_iter().chain(numbers.iter().flat_map(|number| number.to_le_bytes())).collect::<Vec<u8>>()
    };
    and_cut(vec![
        of([28, 28], &[60.0, 40.0, 20.0, 150.0, 200.0, 20.0, 80.0, 10.0, 0.0, 90.0, 20.0, 5.0]),
        of([32, 9], &[0.25, -1.0, 0.75, 2.0, 0.5, 1.5, 0.0, 0.1, 0.2, 0.3, 0.4]),
        of([160, 3], &[1.0, 2.0, 3.0]),
        of([0, 7], &[]),
        of([28, 28], &[0.0, 0.0, 1.0, 1e6, 1e6, 1.0, -1e6, 3.0, 1.0]),
        of([28, 28], &[f32::MAX, f32::MIN, f32::MAX, f32::MIN, f32::MAX, 0.0, f32::NAN, f32::INFINITY, 1.0]),
    ])
}

fn records() -> Vec<Vec<u8>> {
    let point = Point { step: 4, train: 0.5, test: Some(0.25), learning_rate: 0.001, seconds: 2.0 };
    let record_of = |name: Option<&str>, curve: Vec<Point>, values: Vec<f32>, drawing: &[u8]| {
        let card = Card {
            id: "a".into(),
            name: name.map(str::to_owned),
            recipe: small(),
            before: 7,
            step: 9,
            when: 1e12,
            seconds: 2.5,
            curve,
        };
        let state = State::at_first(values);
        Record { card, state: Rc::new(state), drawing: drawing.to_vec() }.bytes()
    };
    and_cut(vec![
        record_of(None, Vec::new(), vec![1.0, -0.0], &[]),
        record_of(Some("my run"), vec![point; 3], vec![0.5; 9], &[1, 2, 3]),
    ])
}

fn catalogues() -> Vec<Vec<u8>> {
    let mnist = source("mnist").expect("listed");
    let Kind::Files { files, .. } = mnist.kind else { panic!("it has files") };
    let entry = |i: usize| FileEntry {
        path: format!("mnist/{i}.gz"),
        role: files[i].role,
        bytes: 9,
        sha256: "0".repeat(64),
        raw_sha256: "a".repeat(64),
    };
    let set = SetEntry {
        slug: "mnist".into(),
        title: "MNIST".into(),
        train: mnist.train as u32,
        test: mnist.test as u32,
        rows: 28,
        cols: 28,
        unit: true,
        files: (0..files.len()).map(entry).collect(),
    };
    let unknown = SetEntry { slug: "new".into(), files: Vec::new(), ..set.clone() };
    let of = |sets: Vec<SetEntry>| Catalogue { version: VERSION, sets }.to_json().into_bytes();
    and_cut(
        [
            vec![of(vec![set]), of(vec![unknown.clone()]), of(Vec::new()), of(vec![unknown.clone(), unknown])],
            texts(&["{\"version\":2}", "[]"]),
        ]
        .concat(),
    )
}
