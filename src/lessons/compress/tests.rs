use super::file::{self, Compressed, FileError, MAGIC, crc32};
use super::*;
use crate::data::pca::Pca;
use crate::lessons::distortion::{linear, squared_error};
use crate::nn::NetworkSpec;
use crate::nn::spec::{Activation, LayerSpec};

fn wave(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * 0.37 + 0.2).sin() * (1.0 + (i % 7) as f32)).collect()
}

/// A small file with an odd number of bits in its codes.
fn small() -> Compressed {
    let layer = |inputs, outputs, activation| LayerSpec { inputs, outputs, activation };
    let decoder =
        NetworkSpec { layers: vec![layer(3, 5, Activation::Relu), layer(5, 6, Activation::Sigmoid)], encoder: 0 };
    let quantiser = Quantiser { bits: 2, ranges: vec![[-1.0, 1.0], [0.0, 4.0], [2.0, 2.0]] };
    let packed = quantiser.pack(&wave(21));
    let weights = wave(decoder.parameters());
    Compressed {
        data: "mnist".into(),
        first: 3,
        count: 7,
        shape: (2, 3),
        unit: true,
        quantiser,
        decoder,
        weights,
        half: false,
        packed,
    }
}

/// The bytes with a checksum that is right again.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let checksum = crc32(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

fn changed(change: impl Fn(&mut Vec<u8>)) -> FileError {
    let mut bytes = small().write().expect("small");
    change(&mut bytes);
    Compressed::read(&signed(bytes)).expect_err("a damaged file was read")
}

#[test]
fn a_level_is_the_nearest_and_packs_into_its_bits() {
    for bits in 1..=8 {
        let quantiser = Quantiser { bits, ranges: vec![[-7.0, 7.0], [-2.0, 3.0], [1.0, 1.0]] };
        let codes = wave(3 * 11);
        let packed = quantiser.pack(&codes);
        assert_eq!(packed.len(), (33 * bits as usize).div_ceil(8), "{bits} bits");
        let back = quantiser.unpack(&packed, 11);
        assert_eq!(back, quantiser.rounded(&codes), "{bits} bits");
        for (i, (&z, &back)) in codes.iter().zip(&back).enumerate() {
            let [low, high] = quantiser.ranges[i % 3];
            let half = (high - low) / 2.0 / (1 << bits) as f32;
            let nearest = z.clamp(low + half, high - half);
            assert!((back - nearest).abs() <= half + 1e-5, "{bits} bits: {z} became {back}, half a step is {half}");
        }
        // Codes that are levels stay, and the first lies in the lowest bits.
        assert_eq!(quantiser.pack(&back), packed);
    }
    let four = Quantiser { bits: 4, ranges: vec![[0.0, 16.0]] };
    assert_eq!(four.pack(&[1.5, 14.5, 7.5]), [0xe1, 0x07]);
    assert_eq!(four.rounded(&[f32::NAN, f32::INFINITY, -9.0]), [0.5, 15.5, 0.5]);
}

#[test]
fn a_range_is_the_one_with_the_least_error() {
    // Of a logistic distribution, whose ends are long.
    let share = |i: usize| (i as f32 + 0.5) / 20_000.0;
    let mut values: Vec<f32> = (0..20_000).map(|i| (share(i) / (1.0 - share(i))).ln()).collect();
    let error = |values: &[f32], range, bits| -> f32 {
        let rounded = Quantiser { bits, ranges: vec![range] }.rounded(values);
        values.iter().zip(rounded).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    let [wide, narrow] = [8, 2].map(|bits| range(values.clone(), bits));
    assert!(
        wide[1] > 1.3 * narrow[1] && wide[0] < 1.3 * narrow[0],
        "few levels leave out the ends: {narrow:?}, {wide:?}"
    );
    assert!(error(&values, narrow, 2) < 0.5 * error(&values, [values[0], values[19_999]], 2));
    // One far out costs more than all others: the range reaches it.
    values[0] = 500.0;
    assert_eq!(range(values.clone(), 8)[1], 500.0);
    assert_eq!(range(vec![3.0; 5], 8), [3.0, 3.0]);
    assert_eq!(range(Vec::new(), 8), [0.0, 0.0]);
}

#[test]
fn a_file_comes_back_as_it_was_written() {
    let written = small();
    let bytes = written.write().expect("small");
    // 40 + the name + layers + ranges + weights + 42 bits of codes + the checksum.
    assert_eq!(bytes.len(), 40 + 5 + 16 + 24 + 4 * (20 + 36) + 6 + 4);
    assert_eq!(Compressed::read(&bytes).expect("good"), written);
    assert_eq!(written.codes(), written.quantiser.rounded(&wave(21)));
    let half = Compressed { half: true, ..written };
    let bytes = half.write().expect("small");
    assert_eq!(bytes.len(), 40 + 5 + 16 + 24 + 2 * (20 + 36) + 6 + 4);
    let read = Compressed::read(&bytes).expect("good");
    assert!(file::fit_half(&read.weights) && !file::fit_half(&[70_000.0]));
    assert!(read.weights.iter().zip(&half.weights).all(|(a, b)| (a - b).abs() <= b.abs() / 2048.0));
    assert_eq!(read.write().expect("small"), bytes);
}

#[test]
fn the_checksum_is_that_of_gzip() {
    // The check value of CRC-32/ISO-HDLC.
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc32(b""), 0);
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_place_and_numbers() {
    let good = small().write().expect("small");
    for len in 0..good.len() {
        let error = Compressed::read(&good[..len]).expect_err("cut off");
        match error {
            FileError::Truncated { got, needed, .. } => assert!(got == len as u64 && needed > got, "{error}"),
            FileError::Magic { .. } => assert_eq!(len, 0),
            other => panic!("{len} bytes: {other}"),
        }
    }
    let longer = [&good[..], &[0]].concat();
    let needed = good.len() as u64;
    assert_eq!(Compressed::read(&longer), Err(FileError::TooLong { got: needed + 1, needed }));
    assert_eq!(Compressed::read(b"PK\x03\x04 is a zip"), Err(FileError::Magic { got: b"PK\x03\x04 is ".to_vec() }));
    let mut turned = good.clone();
    turned[100] ^= 1;
    assert!(matches!(Compressed::read(&turned), Err(FileError::Checksum { .. })));

    assert_eq!(changed(|b| b[8] = 9), FileError::Version { got: 9 });
    let range = |what, at, got, least, most| FileError::Range { what, at, got, least, most };
    assert_eq!(changed(|b| b[10] = 0), range("the number of bits", 10, 0, 1, 8));
    assert_eq!(changed(|b| b[10] = 9), range("the number of bits", 10, 9, 1, 8));
    assert_eq!(changed(|b| b[12] = 3), range("the size of a weight", 12, 3, 2, 4));
    let all = u64::from(u32::MAX);
    let most = |b: &mut Vec<u8>, at: usize| b[at..at + 4].fill(0xff);
    assert_eq!(changed(|b| most(b, 20)), range("the number of inputs", 20, all, 1, 100_000));
    assert_eq!(changed(|b| most(b, 24)), range("the number of rows", 24, all, 1, 4096));
    assert_eq!(changed(|b| most(b, 32)), range("z", 32, all, 1, 256));
    assert_eq!(changed(|b| most(b, 36)), range("the number of layers", 36, all, 1, 7));
    assert_eq!(changed(|b| b[40] = b'/'), FileError::Name { at: 40 });
    assert_eq!(changed(|b| most(b, 45)), range("the width of a layer", 45, all, 1, 4096));
    assert_eq!(changed(|b| most(b, 49)), range("the activation of a layer", 49, all, 0, 4));
    assert_eq!(changed(|b| b[53] = 7), FileError::Shape { got: 7, expected: 6 });
    assert_eq!(changed(|b| b[24] = 3), FileError::Shape { got: 6, expected: 9 });
    let put = |b: &mut Vec<u8>, at: usize, value: f32| b[at..at + 4].copy_from_slice(&value.to_le_bytes());
    for (low, high) in [(f32::NAN, 1.0), (0.0, f32::INFINITY), (2.0, 1.0)] {
        let error = changed(|b| {
            put(b, 69, low);
            put(b, 73, high);
        });
        assert!(matches!(error, FileError::NoRange { index: 1, at: 69, .. }), "{error}");
    }
    assert_eq!(changed(|b| put(b, 85 + 40, f32::NAN)), FileError::NotFinite { index: 10, at: 125 });
    // A wide range overflows a float's difference, and no panic.
    let mut bytes = small().write().expect("small");
    put(&mut bytes, 61, f32::MIN);
    put(&mut bytes, 65, f32::MAX);
    let wide = Compressed::read(&signed(bytes)).expect("wide, but a range");
    assert!(wide.codes().iter().all(|z| z.is_finite()));
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let good = small().write().expect("small");
    for i in 0..20_000_u32 {
        let mut bytes = good.clone();
        let at = (i.wrapping_mul(2_654_435_761) >> 7) as usize % bytes.len();
        bytes[at] ^= 1 << (i % 8);
        bytes[(at * 31 + 8) % good.len()] = (i >> 3) as u8;
        bytes.truncate(good.len() - (i % 5) as usize);
        if let Ok(read) = Compressed::read(&bytes) {
            assert_eq!(read.codes().len(), (read.count * read.decoder.inputs()) as usize);
        }
        if bytes.len() > 44 && bytes.starts_with(&MAGIC) {
            let _ = Compressed::read(&signed(bytes));
        }
    }
}

#[test]
fn noise_and_sizes_are_what_their_formulas_say() {
    assert!((psnr(0.01, 1.0) - 20.0).abs() < 1e-5);
    assert!((psnr(0.01, 10.0) - 40.0).abs() < 1e-5);
    assert_eq!(bytes(16, 8), 16.0);
    assert_eq!(bytes(1, 2), 0.25);
    assert_eq!(squared_error(&[0.0, 1.0, 0.5], &[-1.0, 1.5, 0.25], true), 0.0625);
    assert_eq!(squared_error(&[0.0, 1.0, 0.5], &[-1.0, 1.5, 0.25], false), 1.3125);
    let original = Original { bytes: 784, png: Some(300.0), peak: 1.0 };
    let rated = Rated { z: 16, step: 5, at_hand: false, mse: [[0.01; 4], [0.1; 4]] };
    let csv = csv(&[rated], &original);
    assert_eq!(csv.lines().count(), 9);
    assert!(csv.contains("16,5,false,autoencoder,8,16,49.000,18.750,0.01,20.0000\n"), "{csv}");
    assert!(csv.contains("16,5,false,PCA,2,4,196.000,75.000,0.1,10.0000\n"), "{csv}");
}

#[test]
fn widths_are_read_as_they_are_written() {
    assert_eq!(widths(" 16, 2;2 8", 64), Ok(vec![2, 8, 16]));
    for wrong in ["", "0", "65", "4.5", "-1", "one", "1,2,3,4,5,6,7,8,9,10,11,12,13"] {
        assert!(widths(wrong, 64).is_err(), "{wrong}");
    }
    assert!(widths("9", 8).is_err_and(|said| said.contains("1 to 8")));
}

#[test]
fn pca_is_a_network_of_two_linear_layers() {
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let pca = Pca {
        mean: vec![1.0, 2.0, 3.0],
        components: vec![half, half, 0.0, 0.0, 0.0, 1.0],
        variances: vec![2.0, 1.0],
        test_mse: vec![0.0; 3],
    };
    let input = vec![2.0, -1.0, 0.5];
    for z in [1, 2, 9] {
        let (spec, values) = linear(&pca, z);
        let all = crate::nn::signals(&spec, &values, 0..2, 1, input.clone());
        let code = pca.code(&input, z as usize).expect("of this width");
        let close = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(close(&all[1], &code), "{:?} {code:?}", all[1]);
        assert!(close(&all[2], &pca.decode(&code)), "{:?}", all[2]);
    }
}
