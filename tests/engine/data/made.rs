//! Strokes and heartbeats: the same for everyone, laid out as the files are, and what their labels say.
use hourglass::data::beats::{Beats, SAMPLES};
use hourglass::data::strokes::{PIXELS, Strokes};
use hourglass::data::{DataError, Kind, Making, SOURCES, Values, built_in, catalogue};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn digits(seed: u64, count: u64) -> (Vec<u8>, Vec<u8>) {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    Strokes::new(seed).fill(0..count, &mut pixels, &mut labels);
    (pixels, labels)
}

fn beats(seed: u64, count: u64) -> (Vec<f32>, Vec<u8>) {
    let (mut samples, mut labels) = (Vec::new(), Vec::new());
    Beats::new(seed).fill(0..count, &mut samples, &mut labels);
    (samples, labels)
}

#[test]
fn every_system_makes_the_same() {
    // What this test printed when the formulas were settled; natively on Linux x86-64 and as WebAssembly alike.
    let (pixels, labels) = digits(42, 300);
    assert_eq!(
        catalogue::sum(&[pixels, labels].concat()),
        "60eb393e885211be4edf81f13daea45ae08e7be8f5150ebec4e90a0151f4b74a",
        "digits"
    );
    let (samples, labels) = beats(42, 300);
    let bytes = samples.iter().flat_map(|sample| sample.to_le_bytes()).chain(labels).collect::<Vec<_>>();
    assert_eq!(
        catalogue::sum(&bytes),
        "7b363727691d87590bbccba05cdd5d42f25025aae859970e751d508b6b6064be",
        "heartbeats"
    );
}

#[test]
fn a_row_depends_on_seed_and_index_alone() {
    let (pixels, labels) = digits(1, 20);
    let (digit, label) = Strokes::new(1).digit(13);
    assert_eq!(pixels[13 * PIXELS..14 * PIXELS], digit);
    assert_eq!(labels[13], label);
    assert_ne!(digits(2, 20).0, pixels);
    let (samples, labels) = beats(1, 20);
    let (beat, label) = Beats::new(1).beat(13);
    assert_eq!(samples[13 * SAMPLES..14 * SAMPLES], beat);
    assert_eq!(labels[13], label);
    assert_ne!(beats(2, 20).0, samples);
}

#[test]
fn digits_are_laid_out_as_mnist_is() {
    let (pixels, labels) = digits(3, 1000);
    let mut counts = [0; 10];
    labels.iter().for_each(|&label| counts[label as usize] += 1);
    assert!(counts.iter().all(|&count| count > 60), "{counts:?}");
    for (i, digit) in pixels.chunks(PIXELS).enumerate() {
        let inked: Vec<(usize, usize)> = (0..PIXELS).filter(|&p| digit[p] > 0).map(|p| (p % 28, p / 28)).collect();
        let span = |of: fn(&(usize, usize)) -> usize| {
            inked.iter().map(of).max().expect("ink") - inked.iter().map(of).min().expect("ink") + 1
        };
        let (wide, high) = (span(|p| p.0), span(|p| p.1));
        // 20 along one side. Ink that fades over a pixel's edge may touch one more, or one less, on either end.
        assert!((19..=22).contains(&wide.max(high)), "digit {i} is {wide} × {high}");
        let ink: f64 = digit.iter().map(|&b| f64::from(b)).sum();
        let mean = |of: fn(usize) -> usize| {
            digit.iter().enumerate().map(|(p, &b)| of(p) as f64 * f64::from(b)).sum::<f64>() / ink
        };
        let (x, y) = (mean(|p| p % 28), mean(|p| p / 28));
        assert!((x - 14.0).abs() <= 0.51 && (y - 14.0).abs() <= 0.51, "digit {i} is centred at {x}, {y}");
        assert_eq!(digit.iter().max(), Some(&255), "digit {i} is faint");
    }
    // MNIST: mean 0.1307, standard deviation 0.3081, 81 % without ink.
    let n = pixels.len() as f64;
    let mean = pixels.iter().map(|&b| f64::from(b) / 255.0).sum::<f64>() / n;
    let square = pixels.iter().map(|&b| (f64::from(b) / 255.0).powi(2)).sum::<f64>() / n;
    let blank = pixels.iter().filter(|&&b| b == 0).count() as f64 / n;
    assert!((mean - 0.1307).abs() < 0.01, "mean {mean}");
    assert!(((square - mean * mean).sqrt() - 0.3081).abs() < 0.01, "mean square {square}");
    assert!((blank - 0.81).abs() < 0.03, "blank {blank}");
}

#[test]
fn digits_are_what_their_labels_say() {
    let (pixels, labels) = digits(4, 3000);
    let (train, test) = pixels.split_at(2000 * PIXELS);
    let distance =
        |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(&a, &b)| (i32::from(a) - i32::from(b)).pow(2) as u64).sum::<u64>();
    let right = test.chunks(PIXELS).take(200).zip(&labels[2000..]).filter(|(digit, label)| {
        let nearest = train.chunks(PIXELS).zip(&labels).min_by_key(|(other, _)| distance(digit, other));
        nearest.map(|(_, label)| label) == Some(*label)
    });
    let right = right.count();
    // 1-nearest-neighbour from 2,000 digits of MNIST gets some 180 of 200; digits too much alike would get all.
    assert!((170..=199).contains(&right), "{right} of 200");
}

#[test]
fn beats_are_normalised_and_as_often_as_in_ecg5000() {
    let (samples, labels) = beats(5, 2000);
    for (i, beat) in samples.chunks(SAMPLES).enumerate() {
        let mean = beat.iter().map(|&z| f64::from(z)).sum::<f64>() / 140.0;
        let square = beat.iter().map(|&z| (f64::from(z) - mean).powi(2)).sum::<f64>() / 139.0;
        assert!(mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-4, "beat {i}: mean {mean}, variance {square}");
    }
    let count = |kind: u8| labels.iter().filter(|&&label| label == kind).count() as f64;
    for (kind, share) in [0.5838_f64, 0.3534, 0.0192, 0.0388, 0.0048].into_iter().enumerate() {
        let expected = 2000.0 * share;
        // Four standard deviations of a binomial count.
        let room = 4.0 * (expected * (1.0 - share)).sqrt();
        assert!((count(kind as u8) - expected).abs() < room, "{} beats of kind {kind}", count(kind as u8));
    }
}

#[test]
fn a_normal_beat_has_its_waves_where_the_model_puts_them() {
    let (samples, labels) = beats(6, 400);
    let normal: Vec<&[f32]> = samples.chunks(SAMPLES).zip(&labels).filter(|(_, l)| **l == 0).map(|(b, _)| b).collect();
    let mean: Vec<f32> =
        (0..SAMPLES).map(|i| normal.iter().map(|beat| beat[i]).sum::<f32>() / normal.len() as f32).collect();
    let top = |range: std::ops::Range<usize>| range.max_by(|&a, &b| mean[a].total_cmp(&mean[b])).expect("some");
    // R at 0.4 of the beat, P a sixth of a cycle before it, T a quarter or a little more after it.
    let (p, r, t) = (top(0..45), top(0..140), top(75..140));
    assert!((54..=57).contains(&r), "R at sample {r}");
    assert!((28..=36).contains(&p), "P at sample {p}");
    assert!((86..=98).contains(&t), "T at sample {t}");
    assert!(mean[r] > 3.0 * mean[t] && mean[t] > mean[p], "R {}, T {}, P {}", mean[r], mean[t], mean[p]);
    // Q and S are dips on either side of R.
    assert!(mean[r - 6] < -0.5 && mean[r + 7] < -0.5, "Q {}, S {}", mean[r - 6], mean[r + 7]);
}

#[test]
fn sets_are_made_in_slices() {
    for source in SOURCES.iter().filter(|source| source.kind == Kind::BuiltIn) {
        let mut making = Making::new(source.slug, 9).expect("listed");
        assert!(!making.step(7));
        assert_eq!(making.progress(), (7, source.train + source.test));
        let split = making.finish().expect("good");
        assert_eq!((split.train.len(), split.test.len()), (source.train, source.test), "{}", source.slug);
        assert_eq!((split.train.shape(), split.unit()), (source.shape, source.unit), "{}", source.slug);
        assert_eq!(split.train.classes(), source.classes);
        // Every row is where its index says, also across the end of a step, and the test rows follow the training rows.
        let last = source.train - 1;
        for (row, set, index) in
            [(6, &split.train, 6), (7, &split.train, 7), (last, &split.train, last), (0, &split.test, last + 1)]
        {
            let same = match set.values() {
                Values::Bytes(pixels) => {
                    pixels[row * PIXELS..(row + 1) * PIXELS] == Strokes::new(9).digit(index as u64).0
                }
                Values::Floats(samples) => {
                    samples[row * SAMPLES..(row + 1) * SAMPLES] == Beats::new(9).beat(index as u64).0
                }
            };
            assert!(same, "{}: row {row} is not number {index}", source.slug);
        }
    }
    assert_eq!(built_in("mnist", 1).expect_err("files"), DataError::UnknownSet("mnist".into()));
    assert!(
        built_in("nothing", 1)
            .expect_err("none")
            .to_string()
            .contains("no data set called \"nothing\": there are mnist")
    );
}
