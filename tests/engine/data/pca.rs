//! PCA against numbers that can be worked out by hand or by another road.
use hourglass::data::pca::{MOST_WIDTH, Pca, PcaJob};
use hourglass::data::{DataError, Dataset, Shape, Values, strokes::Strokes};
use nalgebra::{DMatrix, SymmetricEigen};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Rows of so many values, without labels.
pub fn set(width: usize, values: Values) -> Dataset {
    Dataset::new("own", "Own", Shape { rows: 1, cols: width }, values, Vec::new(), Vec::new()).expect("good")
}

/// A whole fit, step by step.
pub fn fit(train: &Dataset, test: &Dataset, components: usize) -> Pca {
    let mut job = PcaJob::new(train, test, components).expect("good");
    loop {
        let before = job.progress(train, test);
        if let Some(pca) = job.step(train, test) {
            assert_eq!(job.progress(train, test), 1.0);
            assert_eq!(job.step(train, test), None, "the result comes once");
            return pca;
        }
        assert!(job.progress(train, test) >= before, "progress goes back");
    }
}

#[test]
fn points_on_a_line() {
    // x = (10, 20, 30) + t · (1, 2, 2), t = -3, -1, 1, 3: one direction, of variance 5 · 9.
    let line = |ts: &[f32]| {
        set(3, Values::Floats(ts.iter().flat_map(|t| [10.0 + t, 20.0 + 2.0 * t, 30.0 + 2.0 * t]).collect()))
    };
    let train = line(&[-3.0, -1.0, 1.0, 3.0]);
    // One point on the line; the other 3 off it, along (2, -2, 1) / 3, which is at right angles to it.
    let test = set(3, Values::Floats(vec![12.0, 24.0, 34.0, 12.0, 18.0, 31.0]));
    let pca = fit(&train, &test, 64);
    assert_eq!(pca.mean, [10.0, 20.0, 30.0]);
    let close = |got: &[f32], expected: &[f32]| {
        assert!(
            got.len() == expected.len() && got.iter().zip(expected).all(|(g, e)| (g - e).abs() < 1e-5),
            "{got:?}, not {expected:?}"
        );
    };
    close(&pca.components[..3], &[1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]);
    close(&pca.variances, &[45.0, 0.0, 0.0]);
    // Off the mean: (2, 4, 4) of length² 36 and (2, -2, 1) of length² 9, over two rows of three values.
    close(&pca.test_mse[..2], &[7.5, 1.5]);
    close(&pca.test_mse[3..], &[0.0]);
    close(&pca.errors(&test, 1).expect("fits"), &[0.0, 3.0]);
    close(&pca.code(&[12.0, 24.0, 34.0], 1).expect("fits"), &[6.0]);
    close(&pca.decode(&[6.0]), &[12.0, 24.0, 34.0]);
    assert!(pca.code(&[1.0], 1).is_err());
    assert!(pca.errors(&set(2, Values::Bytes(vec![1, 2])), 1).is_err());
}

#[test]
fn subspace_iteration_agrees_with_the_full_eigensolver() {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    Strokes::new(8).fill(0..700, &mut pixels, &mut labels);
    let floats: Vec<f32> = pixels.iter().map(|&b| f32::from(b) * (1.0 / 255.0) + 100.0).collect();
    let (at, width) = (500 * 784, 784);
    let bytes = [set(width, Values::Bytes(pixels[..at].to_vec())), set(width, Values::Bytes(pixels[at..].to_vec()))];
    let floats = [set(width, Values::Floats(floats[..at].to_vec())), set(width, Values::Floats(floats[at..].to_vec()))];
    let by_bytes = fit(&bytes[0], &bytes[1], 20);
    let by_floats = fit(&floats[0], &floats[1], 20);

    let x = DMatrix::from_row_iterator(500, width, pixels[..at].iter().map(|&b| f64::from(b) / 255.0));
    let mean = x.row_mean();
    let x = DMatrix::from_fn(500, width, |r, c| x[(r, c)] - mean[c]);
    let test = DMatrix::from_row_iterator(200, width, pixels[at..].iter().map(|&b| f64::from(b) / 255.0));
    let test = DMatrix::from_fn(200, width, |r, c| test[(r, c)] - mean[c]);
    // The 500 × 500 Gram matrix has the same eigenvalues, and its eigenvectors give the components.
    let eigen = SymmetricEigen::new(&x * x.transpose());
    let mut order: Vec<usize> = (0..500).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let vectors = x.transpose() * eigen.eigenvectors.select_columns(&order[..20]);
    let mut left = test.norm_squared();
    for k in 0..=20 {
        if k > 0 {
            let v = vectors.column(k - 1).normalize();
            left -= (&test * v).norm_squared();
        }
        let expected = left / (200.0 * width as f64);
        for (road, pca, room) in [("bytes", &by_bytes, 1e-4), ("floats", &by_floats, 1e-3)] {
            let got = f64::from(pca.test_mse[k]);
            assert!((got - expected).abs() < room * expected, "{road}, k = {k}: {got}, not {expected}");
        }
    }
    for (a, va) in by_bytes.components.chunks(width).enumerate() {
        for (b, vb) in by_bytes.components.chunks(width).enumerate() {
            let dot: f32 = va.iter().zip(vb).map(|(a, b)| a * b).sum();
            assert!((dot - f32::from(a == b)).abs() < 1e-4, "components {a} and {b}: {dot}");
        }
    }
    let errors = by_bytes.errors(&bytes[1], 20).expect("fits");
    let mean = errors.iter().sum::<f32>() / 200.0;
    assert!((mean - by_bytes.test_mse[20]).abs() < 1e-5, "{mean}, not {}", by_bytes.test_mse[20]);
}

#[test]
fn more_components_than_there_are() {
    // Two distinct rows of 200 values: one direction explains all, and nothing is left to be relative to.
    let row = |scale: u8| (0..200u8).map(move |i| i % 7 * scale);
    let twice = set(200, Values::Bytes(row(1).chain(row(3)).chain(row(1)).collect()));
    let pca = fit(&twice, &twice, 64);
    assert_eq!((pca.test_mse.len(), pca.variances.len()), (65, 64));
    assert!(
        pca.test_mse[0] > 1e-5 && pca.test_mse[1..].iter().all(|&mse| (0.0..1e-9).contains(&mse)),
        "{:?}",
        pca.test_mse
    );
    assert!(pca.components.iter().all(|v| v.is_finite()));
}

#[test]
fn data_of_few_directions_still_have_components_that_are_numbers() {
    // Seven discs in many shades of grey, and most pixels always dark.
    let disc = |i: usize| {
        let pixel = move |at: usize| {
            let (x, y) = ((at % 28) as f64 - 14.0, (at / 28) as f64 - 14.0);
            if x.hypot(y) < 3.0 + (i % 7) as f64 { 255 - i as u8 } else { 0 }
        };
        (0..784).map(pixel)
    };
    let train = set(784, Values::Bytes((0..42).flat_map(disc).collect()));
    let test = set(784, Values::Bytes((42..60).flat_map(disc).collect()));
    let pca = fit(&train, &test, 64);
    assert!(pca.test_mse[7] < 1e-9 * pca.test_mse[0], "{:?}", &pca.test_mse[..9]);
    for (a, va) in pca.components.chunks(784).enumerate() {
        for (b, vb) in pca.components.chunks(784).enumerate() {
            let dot: f32 = va.iter().zip(vb).map(|(a, b)| a * b).sum();
            assert!((dot - f32::from(a == b)).abs() < 1e-4, "components {a} and {b}: {dot}");
        }
    }
}

#[test]
fn many_bright_rows_do_not_overflow() {
    // 140,000 · 255² is beyond 32 bits. The first value is always 1; the second 0 or 1, so of variance 1/4.
    let bright = set(2, Values::Bytes([255, 0, 255, 255].repeat(70_000)));
    let pca = fit(&bright, &bright, 2);
    assert_eq!(pca.mean, [1.0, 0.5]);
    for (k, expected) in [0.125, 0.0, 0.0].into_iter().enumerate() {
        assert!((pca.test_mse[k] - expected).abs() < 1e-7, "k = {k}: {}, not {expected}", pca.test_mse[k]);
    }
}

#[test]
fn widths_are_checked() {
    let narrow = set(2, Values::Bytes(vec![1, 2]));
    let wide = set(MOST_WIDTH + 1, Values::Bytes(vec![0; MOST_WIDTH + 1]));
    assert!(matches!(PcaJob::new(&wide, &wide, 1), Err(DataError::TooLarge { got: 2049, most: 2048, .. })));
    assert!(matches!(PcaJob::new(&narrow, &wide, 1), Err(DataError::Disagree { .. })));
}
