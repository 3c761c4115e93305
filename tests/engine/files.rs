//! Weights that leave as a file and come back are the same weights.
use crate::session::{finished, open, opened, play, small, strokes};
use hourglass::compute::Device;
use hourglass::data::Values;
use hourglass::engine::protocol::{Answer, Ask, Command, Event, Exact, Exactly, GpuChoice, Origin};
use hourglass::lessons::Recipe;
use hourglass::lessons::recipe::Optimiser;
use hourglass::nn::{Resident, Rows, Trainer, Training, checkpoint, first_weights};
use std::rc::Rc;

fn file(events: &[Event]) -> (Vec<u8>, u32, f32) {
    let mut files = events.iter().filter_map(crate::answer).filter_map(|answer| match answer {
        Answer::Weights { file, step, test, inputs } => {
            assert_eq!(inputs, 4000);
            Some((file, step, test))
        }
        _ => None,
    });
    files.next().expect("a file")
}

fn brought(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Brought { .. }))
}

#[test]
fn out_in_and_out_again_are_the_same_tensors() {
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let weights = |before| crate::ask(Ask::Weights { before });
        let events = play(gpu, vec![open(small()), (opened, Command::Train), (finished, weights(7))]);
        let (first, step, test) = file(&events);
        assert_eq!(step, 57, "7 before this run, and 50 in it");
        let now = Recipe { z: 2, ..small() };
        let bring = crate::ask(Ask::Bring { name: "w.safetensors".into(), bytes: first.clone(), now: now.clone() });
        let back = Command::Open { recipe: small(), origin: Origin::File };
        let again = |e: &Event| matches!(e, Event::Opened { origin: Origin::File, step: 57, .. });
        let events = play(gpu, vec![open(now), (opened, bring), (brought, back), (again, weights(57))]);
        let (second, step, same) = file(&events);
        assert_eq!(step, 57);
        assert_eq!(second.len(), first.len());
        let spec = small().network(784, true).expect("good");
        let values = |bytes: &[u8]| checkpoint::read(bytes, &spec).expect("our own file");
        assert_eq!(values(&second), values(&first), "{gpu:?}");
        assert_ne!(values(&first), hourglass::nn::first_weights(&spec, small().init, small().seed));
        assert_eq!(same.to_bits(), test.to_bits(), "the same weights, the same loss");
    }
}

#[test]
fn what_is_no_file_of_weights_leaves_the_network_that_stands() {
    let bring = crate::ask(Ask::Bring { name: "notes.txt".into(), bytes: b"hello".to_vec(), now: small() });
    let refused = |e: &Event| matches!(e, Event::Unanswered { message, .. } if message.starts_with("notes.txt: "));
    let still = crate::ask(Ask::Weights { before: 0 });
    let events = play(GpuChoice::Off, vec![open(small()), (opened, bring), (refused, still)]);
    assert_eq!(file(&events).1, 0);
}

fn exactly(events: &[Event]) -> Exactly {
    let mut runs = events.iter().filter_map(crate::answer).filter_map(|answer| match answer {
        Answer::Exact(run) => Some(run),
        _ => None,
    });
    runs.next().expect("an exact run")
}

const LONG: Exact = Exact { steps: 1, optimiser: Optimiser::Sgd, rate: 16_384.0, batch: 64, shuffle: false, before: 0 };

#[pollster::test]
async fn an_exact_run_is_the_gradient_and_leaves_the_network_as_it_is() {
    let spec = small().network(784, true).unwrap();
    let weights = |bytes: &[u8]| checkpoint::read(bytes, &spec).unwrap();
    let first = first_weights(&spec, small().init, small().seed);
    let device = Rc::new(Device::Exact);
    let split = strokes();
    let Values::Bytes(bytes) = split.train.values() else { panic!("pictures are bytes") };
    let data = Resident::new(&device, Rows::Bytes(bytes), 784).unwrap();
    let training = Training {
        rate: LONG.rate,
        shuffle: false,
        ..Recipe { optimiser: LONG.optimiser, batch: LONG.batch, ..small() }.training(28)
    };
    let mut trainer = Trainer::new(device, &spec, training, &data);
    trainer.load(&first);
    trainer.run(1);
    let exact = trainer.state().await.unwrap().values;
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let answered = |e: &Event| matches!(crate::answer(e), Some(Answer::Exact(_)));
        let ask = crate::ask(Ask::Exact(LONG));
        let events = play(gpu, vec![open(small()), (opened, ask), (answered, crate::ask(Ask::Weights { before: 0 }))]);
        let run = exactly(&events);
        assert_eq!(weights(&run.first), first);
        assert_eq!((run.losses.len(), run.seconds.len()), (1, 1));
        let largest = first.iter().zip(&exact).fold(0.0_f32, |most, (w, v)| most.max((w - v).abs()));
        let off = weights(&run.last).iter().zip(&exact).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(off <= 1e-4 * largest, "{gpu:?}: off by {off} of {largest}");
        let (now, step, _) = file(&events);
        assert_eq!((weights(&now), step), (first.clone(), 0), "the network that stands moved");
    }
}

#[test]
fn files_of_an_exact_run_say_its_learning_rate() {
    for (rate, says) in [(0.25, (0.25, None)), (LONG.rate, (small().learning_rate, Some("16384")))] {
        let answered = |e: &Event| matches!(crate::answer(e), Some(Answer::Exact(_)));
        let ask = crate::ask(Ask::Exact(Exact { rate, ..LONG }));
        let weights = crate::ask(Ask::Weights { before: 0 });
        let events = play(GpuChoice::Off, vec![open(small()), (opened, ask), (answered, weights)]);
        let Exactly { first, last, .. } = exactly(&events);
        for file in [first, last] {
            let said = checkpoint::metadata(&file).unwrap();
            let recipe: Recipe = serde_json::from_str(&said["recipe"]).unwrap();
            assert_eq!((recipe.learning_rate, said.get("rate").map(String::as_str)), says);
        }
        assert_eq!(checkpoint::metadata(&file(&events).0).unwrap().get("rate"), None);
    }
}

#[test]
fn what_is_no_exact_run_is_refused_with_its_numbers() {
    for (exact, words) in [
        (Exact { steps: 0, ..LONG }, "1 to 100000 steps, not 0"),
        (Exact { batch: 5000, ..LONG }, "1 to 4096 inputs per step, not 5000"),
        (Exact { rate: f32::INFINITY, ..LONG }, "the learning rate is inf"),
        (Exact { rate: 3e38, steps: 9, ..LONG }, "the learning rate"),
    ] {
        let refused = |e: &Event| matches!(e, Event::Unanswered { .. });
        let ask = crate::ask(Ask::Exact(exact));
        let events =
            play(GpuChoice::Off, vec![open(small()), (opened, ask), (refused, crate::ask(Ask::Weights { before: 0 }))]);
        let said = crate::worlds::unanswered(&events);
        assert!(said.iter().any(|said| said.contains(words)), "{said:?} says nothing of {words}");
        assert_eq!(file(&events).1, 0);
    }
}

#[test]
fn weights_for_other_inputs_leave_the_network_that_stands() {
    // A file that names data of other sizes than its own, and one that names none.
    let beats = Recipe { data: "beats".into(), ..small() };
    let spec = small().network(784, true).unwrap();
    let values = first_weights(&spec, small().init, 9);
    let named = std::collections::HashMap::from([("recipe".to_owned(), serde_json::to_string(&beats).unwrap())]);
    let bytes = checkpoint::write(&spec, &values, checkpoint::Precision::F32, named).unwrap();
    let bring = crate::ask(Ask::Bring { name: "w.safetensors".into(), bytes, now: small() });
    let back = Command::Open { recipe: beats, origin: Origin::File };
    let failed = |e: &Event| matches!(e, Event::Failed { message, .. } if message.contains("784 values"));
    let script =
        vec![open(small()), (opened, bring), (brought, back), (failed, crate::ask(Ask::Weights { before: 0 }))];
    let (bytes, ..) = file(&play(GpuChoice::Off, script));
    assert_eq!(checkpoint::read(&bytes, &spec).unwrap(), first_weights(&spec, small().init, small().seed));
}

/// Weights of a network for so many values, trained by this recipe.
fn learned(recipe: &Recipe, inputs: u32, unit: bool) -> (Vec<u8>, Vec<f32>) {
    let spec = recipe.network(inputs, unit).unwrap();
    let values = first_weights(&spec, recipe.init, 9);
    let said = hourglass::lessons::files::metadata(recipe, &spec, 57, recipe.learning_rate).unwrap();
    (checkpoint::write(&spec, &values, checkpoint::Precision::F32, said).unwrap(), values)
}

#[test]
fn weights_that_learned_from_data_of_elsewhere_open_on_those_at_hand() {
    // As the command line names a file; as it did before; and what another site has.
    for data in ["own-digits-0badf00d", "/home/someone/digits.idx", "letters"] {
        let elsewhere = Recipe { data: data.into(), z: 7, ..small() };
        let (bytes, values) = learned(&elsewhere, 784, true);
        let bring = crate::ask(Ask::Bring { name: "w.safetensors".into(), bytes, now: small() });
        let here = Recipe { data: small().data, ..elsewhere };
        let back = Command::Open { recipe: here.clone(), origin: Origin::File };
        let again = |e: &Event| matches!(e, Event::Opened { origin: Origin::File, step: 57, .. });
        let weights = crate::ask(Ask::Weights { before: 57 });
        let events = play(GpuChoice::Off, vec![open(small()), (opened, bring), (brought, back), (again, weights)]);
        let answer = events.iter().filter_map(crate::answer).find_map(|answer| match answer {
            Answer::Brought { recipe, step, foreign, moved } => Some((recipe, step, foreign, moved)),
            _ => None,
        });
        assert_eq!(answer.expect("they are read"), (here.clone(), 57, false, true), "{data}");
        let (bytes, step, _) = file(&events);
        let spec = here.network(784, true).unwrap();
        assert_eq!((checkpoint::read(&bytes, &spec).unwrap(), step), (values, 57), "{data}");
    }
}

#[test]
fn weights_from_elsewhere_that_do_not_fit_the_data_at_hand_stay_out() {
    let elsewhere = Recipe { data: "own-mine-0badf00d".into(), ..small() };
    // Another width; and values beyond 0..1, whose decoder ends otherwise.
    for (inputs, unit) in [(140, true), (784, false)] {
        let (bytes, _) = learned(&elsewhere, inputs, unit);
        let bring = crate::ask(Ask::Bring { name: "w.safetensors".into(), bytes, now: small() });
        let back = Command::Open { recipe: elsewhere.clone(), origin: Origin::File };
        let failed = |e: &Event| matches!(e, Event::Failed { .. });
        let script =
            vec![open(small()), (opened, bring), (brought, back), (failed, crate::ask(Ask::Weights { before: 0 }))];
        let events = play(GpuChoice::Off, script);
        let moved =
            events.iter().filter_map(crate::answer).any(|answer| matches!(answer, Answer::Brought { moved: true, .. }));
        assert!(!moved, "{inputs} values");
        let says = |e: &Event| matches!(e, Event::Failed { message, .. } if message.contains("“mine…”"));
        assert!(events.iter().any(says), "what to bring is said");
        assert_eq!(file(&events).1, 0, "the network that stood still stands");
    }
}
