//! The published data sets, where `HOURGLASS_DATA` says that they lie: their facts, and PCA's errors on them.
use super::pca::fit;
use hourglass::data::{Kind, Split, Values, assemble, gzip, source};
use std::path::Path;

/// The data set, or nothing with a line that says so; a failure where `REQUIRE_DATA` is set.
pub fn published(test: &str, slug: &str) -> Option<Split> {
    let source = source(slug).expect("listed");
    let Kind::Files { folder, files, .. } = source.kind else { panic!("{slug} is made by formula") };
    let Some(root) = std::env::var_os("HOURGLASS_DATA") else {
        assert!(std::env::var_os("REQUIRE_DATA").is_none(), "{test}: REQUIRE_DATA is set, and HOURGLASS_DATA is not");
        println!("{test} did not run: HOURGLASS_DATA does not say where {} lies", source.title);
        return None;
    };
    let read = |name: &str| {
        let path = Path::new(&root).join(folder).join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        gzip::unpacked(bytes, gzip::MOST_UNPACKED).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    Some(assemble(source, files.iter().map(|file| (file.role, read(file.name))).collect()).expect("as published"))
}

/// The figures agree in the digits that are given.
fn agree(what: &str, got: &[f32], expected: &[f32]) {
    // Half a unit of the fourth decimal, and a little for figures that lie on the edge.
    let close = got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 0.000_055);
    assert!(got.len() == expected.len() && close, "{what}: {got:?}, not {expected:?}");
}

fn counts(labels: &[u8], classes: usize) -> Vec<usize> {
    (0..classes).map(|class| labels.iter().filter(|&&label| label as usize == class).count()).collect()
}

const KS: [usize; 7] = [0, 2, 3, 8, 16, 32, 64];

#[test]
fn mnist() {
    let Some(split) = published("data::published::mnist", "mnist") else { return };
    assert_eq!(counts(split.train.labels(), 10), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(counts(split.test.labels(), 10), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let Values::Bytes(pixels) = split.train.values() else { panic!("bytes") };
    let mean = pixels.iter().map(|&byte| u64::from(byte)).sum::<u64>() as f64 / pixels.len() as f64 / 255.0;
    assert!((mean - 0.130_660).abs() < 1e-6, "{mean}");
    // numpy.linalg.eigh of the training covariance, test set projected: see the yardsticks in docs/FORMATS.md.
    let pca = fit(&split.train, &split.test, 64);
    agree("MNIST", &KS.map(|k| pca.test_mse[k]), &[0.0675, 0.0557, 0.0516, 0.0374, 0.0269, 0.0168, 0.0091]);
}

#[test]
fn fashion_mnist() {
    let Some(split) = published("data::published::fashion_mnist", "fashion-mnist") else { return };
    assert_eq!(counts(split.train.labels(), 10), [6000; 10]);
    assert_eq!(counts(split.test.labels(), 10), [1000; 10]);
    let pca = fit(&split.train, &split.test, 64);
    agree("Fashion-MNIST", &KS.map(|k| pca.test_mse[k]), &[0.0866, 0.0461, 0.0409, 0.0266, 0.0205, 0.0151, 0.0104]);
}

#[test]
fn ecg5000() {
    let Some(split) = published("data::published::ecg5000", "ecg5000") else { return };
    assert_eq!(counts(split.train.labels(), 5), [292, 177, 10, 19, 2]);
    assert_eq!(counts(split.test.labels(), 5), [2627, 1590, 86, 175, 22]);
    assert!(!split.unit());
    // The order of the files is kept.
    assert!(split.train.labels().is_sorted() && split.test.labels()[..2627].iter().all(|&label| label == 0));
    let normal = split.train.select(&split.train.rows_of(0)).expect("some");
    let pca = fit(&normal, &split.test, 64);
    let ks = [0, 2, 4, 8, 16, 32];
    let errors = ks.map(|k| pca.errors(&split.test, k).expect("fits"));
    let mean = |errors: &[f32]| errors.iter().map(|&e| f64::from(e)).sum::<f64>() as f32 / errors.len() as f32;
    // All normal beats come first in the test file.
    let mut normals = errors.clone().map(|errors| errors[..2627].to_vec());
    let abnormals = errors.map(|errors| errors[2627..].to_vec());
    agree("normal", &normals.each_ref().map(|e| mean(e)), &[0.2097, 0.0958, 0.0581, 0.0240, 0.0098, 0.0054]);
    agree("abnormal", &abnormals.each_ref().map(|e| mean(e)), &[1.1478, 0.8081, 0.3972, 0.1724, 0.0519, 0.0197]);
    normals.iter_mut().for_each(|errors| errors.sort_by(f32::total_cmp));
    for (k, expected) in [0.978, 0.993, 0.986, 0.985, 0.971, 0.957].into_iter().enumerate() {
        // The share of pairs in which the abnormal beat has the larger error.
        let below = |error: &f32| normals[k].partition_point(|normal| normal < error);
        let pairs: usize = abnormals[k].iter().map(below).sum();
        let auc = pairs as f64 / (2627.0 * 1873.0);
        assert!((auc - expected).abs() < 0.000_6, "k = {}: AUC {auc}, not {expected}", ks[k]);
    }
}
