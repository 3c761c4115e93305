//! Weights that leave as a file and come back are the same weights.
use crate::session::{finished, open, opened, play, small};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Origin};
use hourglass::lessons::Recipe;
use hourglass::nn::checkpoint;

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
