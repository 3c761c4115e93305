use super::*;
use crate::nn::checkpoint::Precision;
use std::collections::HashMap;

/// A file of a network of 784 values, by its recipe or by its shapes alone.
fn file(recipe: &Recipe, metadata: &[(&str, String)]) -> (Vec<u8>, Vec<f32>) {
    let spec = recipe.network(784, true).expect("a good recipe");
    let values: Vec<f32> = (0..spec.parameters()).map(|i| (i as f32 * 0.37).sin()).collect();
    let metadata: HashMap<_, _> = metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    (checkpoint::write(&spec, &values, Precision::F32, metadata).expect("it fits"), values)
}

fn small() -> Recipe {
    Recipe { encoder: vec![9, 5], z: 3, learning_rate: 0.01, ..Recipe::default() }
}

fn refused(bytes: &[u8], now: &Recipe) -> String {
    read(bytes, now).expect_err("it is refused")
}

#[test]
fn an_own_file_says_how_it_was_trained() {
    let recipe = small();
    let network = serde_json::to_string(&recipe.network(784, true).expect("good")).expect("plain");
    let said =
        [("recipe", serde_json::to_string(&recipe).expect("plain")), ("network", network), ("step", "77".into())];
    let (bytes, values) = file(&recipe, &said);
    let got = read(&bytes, &Recipe::default()).expect("it is read");
    assert_eq!((got.recipe, got.values, got.step, got.foreign), (recipe, values, 77, false));
}

#[test]
fn a_file_of_pytorch_takes_the_recipe_at_hand_and_its_own_widths() {
    let (bytes, values) = file(&small(), &[]);
    let now = Recipe { seed: 5, variational: Some(1.0), ..Recipe::default() };
    let got = read(&bytes, &now).expect("it is read");
    assert_eq!(got.recipe, Recipe { encoder: vec![9, 5], z: 3, seed: 5, ..Recipe::default() });
    assert_eq!((got.values, got.step, got.foreign), (values, 0, true));
}

#[test]
fn what_does_not_fit_is_named_with_its_numbers() {
    let (bytes, _) = file(&small(), &[]);
    assert!(refused(&bytes[..100], &small()).contains("no readable safetensors"));
    assert!(refused(b"{}", &small()).contains("no readable safetensors"));
    let heartbeats = Recipe { data: "ecg5000".into(), ..small() };
    assert!(refused(&bytes, &heartbeats).contains("784 values"), "{}", refused(&bytes, &heartbeats));
    let other = serde_json::to_string(&Recipe { z: 4, ..small() }).expect("plain");
    let (bytes, _) = file(&small(), &[("recipe", other)]);
    let said = refused(&bytes, &small());
    assert!(said.contains("encoder.4.weight") && said.contains("[3, 5]") && said.contains("[4, 5]"), "{said}");
    let (bytes, _) = file(&small(), &[("recipe", "{\"z\": 0}".into())]);
    assert!(refused(&bytes, &small()).contains("z is 0"));
    let (bytes, _) = file(&small(), &[("recipe", "{\"zz\": 1}".into())]);
    assert!(refused(&bytes, &small()).contains("recipe is unreadable"));
}

#[test]
fn what_a_file_says_at_length_is_not_repeated_at_length() {
    let long = "x".repeat(50_000);
    for metadata in [[("recipe", format!("{{\"loss\": \"{long}\"}}"))], [("network", format!("\"{long}\""))]] {
        let (bytes, _) = file(&small(), &metadata);
        let said = refused(&bytes, &small());
        assert!(said.contains("is unreadable") && said.contains("xxx"), "{}", said.len());
        assert!(said.len() < 300, "{} bytes", said.len());
    }
    let header = format!("{{\"a\":{{\"dtype\":\"{long}\",\"shape\":[],\"data_offsets\":[0,0]}}}}");
    let said = refused(&[&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat(), &small());
    assert!(said.contains("no readable safetensors") && said.len() < 300, "{} bytes", said.len());
}

#[test]
fn a_decoder_that_is_no_mirror_is_refused() {
    let widths = checkpoint::Widths { encoder: vec![784, 9, 3], decoder: vec![3, 8, 784] };
    let said = of_shapes(&widths, &small()).expect_err("no mirror");
    assert!(said.contains("784-9-3") && said.contains("3-8-784"), "{said}");
}
