//! Compression: networks of a sweep beside PCA, and files of codes, on every device.
use crate::session::{open, opened, play, small, strokes};
use hourglass::compute::Device;
use hourglass::data::Split;
use hourglass::data::pca::PcaJob;
use hourglass::engine::protocol::{Answer, Ask, Command, Compress, Compressed, Event, GpuChoice, Topic, Which};
use hourglass::lessons::Recipe;
use hourglass::lessons::compress::{Quantiser, RANGED, Rated, bytes, file, range};
use hourglass::lessons::distortion::{linear, squared_error};
use hourglass::nn::{NetworkSpec, Resident, Rows, Trainer, Training, signals};
use std::rc::Rc;

fn ask(compress: Compress) -> Command {
    crate::ask(Ask::Compress(compress))
}

fn answer(event: &Event) -> Option<Compressed> {
    if let Some(Answer::Compress(answer)) = crate::answer(event) { Some(answer) } else { None }
}

fn over(event: &Event) -> bool {
    matches!(answer(event), Some(Compressed::Rated { over: true, .. }))
}

/// What is there of a sweep already.
fn heard(event: &Event) -> bool {
    matches!(answer(event), Some(Compressed::Rated { epochs: 2, over: false, .. }))
}

/// All that was rated, in order, with whether it came as one that was there already.
fn rated(events: &[Event]) -> Vec<Rated> {
    let of = |answer| if let Compressed::Rated { rated, .. } = answer { rated } else { Vec::new() };
    events.iter().filter_map(answer).flat_map(of).collect()
}

/// Some rows of a set, one after the other.
fn rows(set: &hourglass::data::Dataset, len: usize) -> Vec<f32> {
    (0..len).filter_map(|row| set.row(row)).flatten().collect()
}

/// The errors at all bits by the plainest way, in this process: what the job on a device has to come to.
fn errors(split: &Split, spec: &NetworkSpec, values: &[f32]) -> [f32; 4] {
    let (inputs, known) = (rows(&split.test, split.test.len()), rows(&split.train, RANGED as usize));
    let run = |layers, len: usize, x: Vec<f32>| signals(spec, values, layers, len as u32, x).pop().unwrap();
    let encode = |x: Vec<f32>| run(0..spec.encoder, x.len() / 784, x);
    let (known, codes, z) = (encode(known), encode(inputs.clone()), spec.z() as usize);
    [32, 8, 4, 2].map(|bits| {
        let column = |value: usize| known.iter().skip(value).step_by(z).copied().collect();
        let codes = match bits {
            32 => codes.clone(),
            bits => {
                let quantiser = Quantiser { bits, ranges: (0..z).map(|value| range(column(value), bits)).collect() };
                quantiser.unpack(&quantiser.pack(&codes), split.test.len())
            }
        };
        let outputs = run(spec.encoder..spec.layers.len(), split.test.len(), codes);
        (squared_error(&inputs, &outputs, true) / inputs.len() as f64) as f32
    })
}

fn close(a: [f32; 4], b: [f32; 4], name: &str) {
    for (bits, (a, b)) in [32, 8, 4, 2].into_iter().zip(a.into_iter().zip(b)) {
        assert!((a - b).abs() < 2e-3 * b, "{name}, {bits} bits: {a}, should be {b}");
    }
}

#[test]
fn a_sweep_rates_each_width_beside_pca_and_keeps_it() {
    let split = strokes();
    let (sets, recipe) = ([&split.train, &split.test].map(|set| set.select(&[0, 1, 2]).unwrap()), small());
    let mut job = PcaJob::new(&split.train, &sets[1], 64).unwrap();
    let pca = loop {
        if let Some(pca) = job.step(&split.train, &sets[1]) {
            break pca;
        }
    };
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let rates = |zs: &[u32]| ask(Compress::Rates { zs: zs.to_vec(), epochs: 2 });
        let input = split.test.row(7).unwrap();
        let look = ask(Compress::Look { inputs: input.clone(), bits: 4, epochs: 2 });
        let events = play(
            gpu,
            vec![
                open(recipe.clone()),
                (opened, rates(&[2, 20])),
                (over, rates(&[2, 5, 20])),
                // Another network at hand changes nothing.
                (
                    over,
                    Command::Open {
                        recipe: Recipe { z: 3, ..small() },
                        origin: hourglass::engine::protocol::Origin::Seed,
                    },
                ),
                (opened, rates(&[])),
                (heard, ask(Compress::Rate)),
                (over, look),
            ],
        );
        let all = rated(&events);
        let zs: Vec<_> = all.iter().map(|rated| (rated.z, rated.at_hand)).collect();
        let expected = [2, 20, 2, 20, 5, 2, 5, 20].map(|z| (z, false));
        assert_eq!(zs, [&expected[..], &[(3, true)]].concat(), "{gpu:?}");
        assert_eq!(all[0], all[2], "{gpu:?}: what was kept is not trained again");
        for rated in &all[..2] {
            // The hidden layer is never narrower than z.
            let encoder = vec![16.max(rated.z)];
            let spec = Recipe { z: rated.z, encoder, ..small() }.network(784, true).unwrap();
            let training = Training { batch: 400, seed: recipe.seed, init: recipe.init, ..Training::default() };
            let values = pollster::block_on(async {
                let device = Rc::new(Device::Processor);
                let hourglass::data::Values::Bytes(values) = split.train.values() else { panic!("pictures") };
                let data = Resident::new(&device, Rows::Bytes(values), 784).unwrap();
                let mut trainer = Trainer::new(device, &spec, training, &data);
                trainer.run(100);
                trainer.snapshot(true).await.unwrap().weights.unwrap()
            });
            assert_eq!(rated.step, 100);
            let name = format!("{gpu:?}, z = {}", rated.z);
            close(rated.mse[0], errors(&split, &spec, &values), &name);
            let (spec, values) = linear(&pca, rated.z);
            close(rated.mse[1], errors(&split, &spec, &values), &format!("{name}, PCA"));
            assert!(rated.mse[1].is_sorted(), "{name}: fewer bits, more error: {rated:?}");
        }
        let Some(Compressed::Looks { looks, .. }) = events.iter().rev().find_map(answer) else { panic!("no looks") };
        let zs: Vec<_> = looks.iter().map(|look| (look.z, look.at_hand)).collect();
        assert_eq!(zs, [(2, false), (5, false), (20, false), (3, true)]);
        for look in &looks {
            for outputs in &look.outputs {
                let outputs: Vec<f32> = outputs.iter().map(|&byte| f32::from(byte) / 255.0).collect();
                let error = squared_error(&input, &outputs, true) / 784.0;
                // The network at hand has not learned anything yet.
                let most = if look.at_hand { 0.3 } else { 0.12 };
                assert!(outputs.len() == 784 && error < most, "z = {}: {error}", look.z);
            }
        }
    }
}

#[test]
fn a_sweep_that_was_stopped_goes_on_where_it_was() {
    let rates = || ask(Compress::Rates { zs: vec![6], epochs: 4 });
    let half: fn(&Event) -> bool = |e| matches!(e, Event::Answering { topic: Topic::Rates, done } if *done > 0.4);
    let again = play(GpuChoice::Off, vec![open(small()), (opened, rates()), (half, rates()), (over, Command::Pause)]);
    let once = play(GpuChoice::Off, vec![open(small()), (opened, rates()), (over, Command::Pause)]);
    assert_eq!(rated(&again), rated(&once), "the same network comes of it");
    let steps = |events: &[Event]| {
        let done = |e: &Event| if let Event::Answering { topic: Topic::Rates, done } = e { Some(*done) } else { None };
        events.iter().filter_map(done).collect::<Vec<_>>()
    };
    assert!(steps(&again).is_sorted(), "it never went back: {:?}", steps(&again));
}

#[test]
fn trouble_ends_a_sweep_in_words() {
    let rates = |zs: Vec<u32>| ask(Compress::Rates { zs, epochs: 1 });
    let wild = Recipe {
        learning_rate: 10.0,
        activation: hourglass::lessons::recipe::Activation::Identity,
        optimiser: hourglass::lessons::recipe::Optimiser::Sgd,
        loss: hourglass::lessons::recipe::Loss::Bce,
        ..small()
    };
    let large = Recipe { encoder: vec![4096, 2000], ..small() };
    let pack = ask(Compress::Pack { which: Which { at_hand: false, z: 4, epochs: 1 }, method: 0, bits: 8 });
    let unpack = ask(Compress::Unpack { name: "mine.txt".into(), bytes: b"hello".to_vec() });
    let events = play(
        GpuChoice::Off,
        vec![
            open(wild),
            (opened, Command::Open { recipe: large, origin: hourglass::engine::protocol::Origin::Seed }),
            (opened, rates(vec![4, 8])),
            (over, pack),
            (|e| matches!(e, Event::Unanswered { .. }), unpack),
        ],
    );
    let trouble = events.iter().filter_map(answer).find_map(|answer| match answer {
        Compressed::Rated { trouble, .. } => trouble,
        _ => None,
    });
    assert!(trouble.as_ref().is_some_and(|words| words.contains("MiB")), "{trouble:?}");
    let said: Vec<_> = events
        .iter()
        .filter_map(|e| if let Event::Unanswered { message, .. } = e { Some(message) } else { None })
        .collect();
    assert!(
        said.len() == 2 && said[0].contains("z = 4") && said[1].starts_with("mine.txt: this is no file"),
        "{said:?}"
    );
}

#[test]
fn a_file_decodes_to_the_same_pictures_on_every_device() {
    let split = strokes();
    let devices = [GpuChoice::Off, GpuChoice::Software];
    let files = devices.map(|gpu| {
        let pack = ask(Compress::Pack { which: Which { at_hand: true, z: 4, epochs: 1 }, method: 0, bits: 8 });
        let events = play(gpu, vec![open(small()), (opened, ask(Compress::Rate)), (over, pack)]);
        match events.iter().rev().find_map(answer) {
            Some(Compressed::Packed { name, bytes: file, sizes }) => {
                assert_eq!(name, "strokes-z4-8bit.hgc");
                assert_eq!((sizes.inputs, sizes.codes as f32), (1000, 1000.0 * bytes(4, 8)));
                assert_eq!(sizes.file as usize, file.len());
                file
            }
            other => panic!("{gpu:?}: {other:?}"),
        }
    });
    let read = file::Compressed::read(&files[0]).unwrap();
    let layers = 0..read.decoder.layers.len();
    let exact = signals(&read.decoder, &read.weights, layers, read.count, read.codes()).pop().unwrap();
    let unpacked = devices.map(|gpu| {
        let unpack = ask(Compress::Unpack { name: "mine.hgc".into(), bytes: files[0].clone() });
        let events = play(gpu, vec![open(small()), (opened, unpack)]);
        match events.iter().rev().find_map(answer) {
            Some(Compressed::Unpacked { pictures, error, z: 4, bits: 8, shape: (28, 28), .. }) => {
                let inputs = rows(&split.test, 1000);
                let mse = squared_error(&inputs, &exact, true) / inputs.len() as f64;
                let [said, noise] = error.unwrap();
                assert!((f64::from(said) - mse).abs() < 1e-5 * mse, "{said}, should be {mse}");
                assert!((f64::from(noise) + 10.0 * mse.log10()).abs() < 1e-3, "{noise} dB");
                pictures
            }
            other => panic!("{gpu:?}: {other:?}"),
        }
    });
    assert_eq!(unpacked[0].len(), 784_000);
    for (pictures, gpu) in unpacked.iter().zip(devices) {
        let apart = |(a, b): (&u8, &f32)| (f32::from(*a) - b * 255.0).abs();
        let most = pictures.iter().zip(&exact).map(apart).fold(0.0, f32::max);
        assert!(most <= 1.0, "{gpu:?}: a pixel is {most} / 255 off");
    }
    let most = unpacked[0].iter().zip(&unpacked[1]).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(most <= Some(1), "a pixel is {most:?} / 255 apart between the devices");
    assert!(unpacked[0][..784] != unpacked[0][784..1568], "all pictures are one");
}
