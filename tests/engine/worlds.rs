//! Two worlds: the classifier beside the network that stands, and what labels are worth to both.
use crate::session::{finished, open, opened, play, small};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Pupil, Topic};
use hourglass::lessons::Recipe;
use hourglass::lessons::neighbours::Metric;
use hourglass::lessons::worlds::{Measured, Piece, Voters, probabilities};

fn pupil(event: &Event) -> Option<Pupil> {
    if let Some(Answer::Classifier(pupil)) = crate::answer(event) { Some(pupil) } else { None }
}

fn pupils(events: &[Event]) -> Vec<Pupil> {
    events.iter().filter_map(pupil).collect()
}

fn graduated(event: &Event) -> bool {
    pupil(event).is_some_and(|pupil| pupil.step == pupil.of)
}

fn signals(events: &[Event]) -> Vec<Vec<Vec<f32>>> {
    let of =
        |event| if let Some(Answer::Classes { signals, .. }) = crate::answer(event) { Some(signals) } else { None };
    events.iter().filter_map(of).collect()
}

fn measured(events: &[Event]) -> Vec<Measured> {
    let of = |event| if let Some(Answer::Labels(measured)) = crate::answer(event) { Some(measured) } else { None };
    events.iter().filter_map(of).collect()
}

pub fn unanswered(events: &[Event]) -> Vec<String> {
    let of = |event: &Event| if let Event::Unanswered { message, .. } = event { Some(message.clone()) } else { None };
    events.iter().filter_map(of).collect()
}

fn train(train: bool) -> Command {
    crate::ask(Ask::Classifier { train })
}

#[test]
fn the_classifier_starts_from_the_same_encoder_and_learns_beside_it() {
    let input = vec![0.25; 784];
    let classes = || crate::ask(Ask::Classes { input: input.clone() });
    let said: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Classes { .. }));
    let watch = Command::Watch { input: Some((1, input.clone())) };
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let script = vec![
            open(Recipe { epochs: 3, ..small() }),
            (opened, watch.clone()),
            (|e: &Event| matches!(e, Event::Seen(_)), classes()),
            (said, train(true)),
            (graduated, classes()),
        ];
        let events = play(gpu, script);
        let seen = events.iter().find_map(|e| if let Event::Seen(seen) = e { Some(seen) } else { None }).unwrap();
        let [before, after] = signals(&events).try_into().unwrap();
        assert_eq!(before[..3], seen.signals[..3], "another encoder, {gpu:?}");
        assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [784, 16, 4, 10]);
        assert_ne!(before[2], after[2], "training moved nothing");
        assert!((probabilities(&after[3]).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let all = pupils(&events);
        let (first, last) = (all.first().unwrap(), all.last().unwrap());
        assert_eq!((first.step, last.step, last.of, last.parameters), (0, 150, 150, 784 * 16 + 16 + 68 + 50));
        assert!(first.right[0].1 < 0.3 && last.right.last().unwrap().1 > 0.6, "{:?}, {gpu:?}", last.right);
        assert!(last.losses.is_sorted_by_key(|point| point.0) && last.losses.last().unwrap().1 < last.losses[0].1);
        let chart = last.chart.as_ref().unwrap();
        assert_eq!((chart.step, chart.width, chart.len(), chart.labels.len()), (150, 4, 4000, 4000));
    }
}

#[test]
fn a_classifier_goes_on_where_it_was_left_and_a_reset_forgets_it() {
    let some = |e: &Event| pupil(e).is_some_and(|pupil| pupil.step > 20 && pupil.step < pupil.of);
    let whole = pupils(&play(GpuChoice::Off, vec![open(small()), (opened, train(true)), (graduated, train(false))]));
    let script = vec![
        open(small()),
        (opened, train(true)),
        // A new question takes the old one's place.
        (some, train(true)),
        (graduated, Command::Reset),
        (opened, train(false)),
    ];
    let events = play(GpuChoice::Off, script);
    let all = pupils(&events);
    let graduate = all.iter().find(|pupil| pupil.step == pupil.of).unwrap();
    let expected = whole.last().unwrap();
    assert_eq!(expected.chart.as_ref().unwrap().codes, graduate.chart.as_ref().unwrap().codes, "another run");
    assert_eq!(expected.right.last(), graduate.right.last());
    let last = all.last().unwrap();
    assert_eq!((last.step, last.losses.len(), last.right.len()), (0, 0, 1), "a reset forgets what was learned");
}

#[test]
fn labels_are_worth_more_the_more_there_are() {
    let pieces = [(10, 0), (200, 0), (200, 1), (20_000, 0)].map(|(n, draw)| Piece { n, draw });
    let ask = crate::ask(Ask::Labels { pieces: pieces.to_vec() });
    let recipe = Recipe { epochs: 6, ..small() };
    let events = play(GpuChoice::Off, vec![open(recipe), (opened, Command::Train), (finished, ask)]);
    let all = measured(&events);
    assert_eq!(all.iter().map(|one| one.piece).collect::<Vec<_>>(), pieces);
    assert!(all.iter().all(|one| one.asked == 4000 && one.votes.asked == 4000 && one.step == 300), "{all:?}");
    assert!(all.iter().all(|one| (1..=25).contains(&one.own_k)), "{all:?}");
    let shares: Vec<_> = all.iter().map(|one| one.shares(Voters::These(1))).collect();
    for which in [0, 1] {
        let [few, some, again, every] = [0, 1, 2, 3].map(|i| shares[i][which]);
        assert!(few > 0.1 && few + 0.1 < some && some < every, "{which}: {shares:?}");
        assert!(some != again && (some - again).abs() < 0.15, "two draws are alike, and not the same: {shares:?}");
    }
    let progress = events.iter().filter_map(|e| match e {
        Event::Answering { topic: Topic::Labels, done } => Some(*done),
        _ => None,
    });
    let progress: Vec<f32> = progress.collect();
    assert!(progress.len() > 20 && progress.iter().all(|done| (0.0..=1.0).contains(done)));
}

#[test]
fn on_a_gpu_labels_are_worth_what_they_are_on_the_processor() {
    let pieces = vec![Piece { n: 30, draw: 0 }];
    let [processor, gpu] = [GpuChoice::Off, GpuChoice::Software].map(|gpu| {
        let ask = crate::ask(Ask::Labels { pieces: pieces.clone() });
        measured(&play(gpu, vec![open(small()), (opened, ask)])).pop().unwrap()
    });
    // Untrained codes are the same to a few roundings; the classifiers have gone 500 steps apart.
    let votes = [&processor, &gpu].map(|one| one.votes.accuracy(9));
    assert!((votes[0] - votes[1]).abs() < 0.005, "{votes:?}");
    let [a, b] = [&processor, &gpu].map(|one| one.shares(Voters::These(9))[0]);
    assert!((a - b).abs() < 0.03 && a > 0.2, "{a} and {b}");
}

#[test]
fn measuring_goes_on_where_it_was_stopped() {
    let piece = Piece { n: 20_000, draw: 0 };
    let ask = || crate::ask(Ask::Labels { pieces: vec![piece] });
    let near: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Neighbours(_)));
    // Encodes the training set, so that all progress is that of the classifier.
    let encode = crate::ask(Ask::Neighbours { input: vec![0.0; 784], metric: Metric::Euclidean, k: 9 });
    let under_way =
        |e: &Event| matches!(e, Event::Answering { topic: Topic::Labels, done } if (0.1..0.3).contains(done));
    // A new question takes the old one's place.
    let script = vec![open(small()), (opened, encode), (near, ask()), (under_way, ask())];
    let events = play(GpuChoice::Off, script);
    let done: Vec<f32> = events
        .iter()
        .filter_map(|e| if let Event::Answering { topic: Topic::Labels, done } = e { Some(*done) } else { None })
        .collect();
    assert_eq!(measured(&events).len(), 1);
    let whole = play(GpuChoice::Off, vec![open(small()), (opened, ask())]);
    assert_eq!(measured(&events), measured(&whole), "another run");
    assert!(done.len() > 10 && done.is_sorted(), "it began anew: {done:?}");
}

#[test]
fn where_there_is_nothing_to_tell_apart_it_says_so() {
    let recipe = Recipe { abnormal: Some(0.0), ..small() };
    let events = play(GpuChoice::Off, vec![open(recipe), (opened, train(true))]);
    let said = unanswered(&events);
    assert!(said.iter().any(|said| said.contains("of one class")), "{said:?}");
    assert!(pupils(&events).is_empty());
}
