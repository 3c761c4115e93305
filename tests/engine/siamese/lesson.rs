//! The lesson's questions, of the built-in digits; and of MNIST where there is a site that has it.
use crate::session::{Script, open, opened, play, play_at, small};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Origin};
use hourglass::lessons::Recipe;
use hourglass::lessons::recipe::Init;
use hourglass::lessons::siamese::{By, Choice, Dealing, Dealt, Measure, Pair, Start, Taught, Teaching, distance};

pub fn teach(start: Option<Start>, by: By, measure: Measure) -> Command {
    crate::ask(Ask::Pairs(Teaching { start, margin: 1.0, by, measure }))
}

pub fn taught(events: &[Event]) -> Vec<Taught> {
    let of = |event: &Event| match crate::answer(event) {
        Some(Answer::Taught(taught)) => Some(taught),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn dealt(events: &[Event]) -> Vec<Vec<Dealt>> {
    let of = |event: &Event| match crate::answer(event) {
        Some(Answer::Dealt(dealt)) => Some(dealt),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

pub fn done(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Taught(taught)) if taught.done)
}

fn is_dealt(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Dealt(_)))
}

#[test]
fn labels_teach_and_answers_go_on_from_there() {
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let labels = By::Labels { pairs: 6000, epochs: 2 };
        let answers = |steps| By::Answers { pairs: vec![Pair { a: 1, b: 2, same: false }; 3], steps };
        let events = play(
            gpu,
            vec![
                open(Recipe { init: Init::Torch, ..small() }),
                (opened, teach(Some(Start::Scratch), labels, Measure::Part)),
                (done, teach(None, answers(12), Measure::No)),
                (done, teach(None, answers(8), Measure::No)),
                (done, teach(Some(Start::Network), answers(0), Measure::Part)),
                (done, Command::Pause),
            ],
        );
        let all = taught(&events);
        let ends: Vec<&Taught> = all.iter().filter(|taught| taught.done).collect();
        assert_eq!(ends.len(), 4, "{gpu:?}");
        let first = &all[0];
        assert!(first.begun && first.steps == 0 && first.moved == 0.0 && first.loss.is_none());
        assert_eq!((first.chart.len(), first.chart.width, first.chart.labels.len()), (4000, 4, 4000));
        // 6,000 pairs twice over, 400 a step; then 12 more, and 8.
        assert_eq!(ends[..3].iter().map(|taught| taught.steps).collect::<Vec<_>>(), [30, 42, 50]);
        assert_eq!(ends[..3].iter().map(|taught| taught.pairs).collect::<Vec<_>>(), [6000, 3, 3]);
        let (before, after) = (first.measured.unwrap(), ends[0].measured.unwrap());
        assert_eq!((before.asked, before.known), (1000, 10_000));
        assert!(before.compares(&after) && after.percent() > before.percent() + 5.0, "{before:?} {after:?}");
        assert!(ends[0].moved > 0.2 && ends[0].chart.codes != first.chart.codes, "{}", ends[0].moved);
        assert!(ends[1].measured.is_none() && ends[3].measured.is_none());
        // Begun anew at the network, which was never trained, and so is the same as from scratch.
        assert!(ends[3].steps == 0 && ends[3].moved == 0.0, "{gpu:?}");
        let close = ends[3].chart.codes.iter().zip(&first.chart.codes).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(close, "the network's first weights are not those from scratch");
    }
}

#[test]
fn a_question_that_was_dropped_leaves_the_encoder_as_it_was() {
    let long = By::Labels { pairs: 1_000_000, epochs: 1 };
    let underway = |e: &Event| matches!(e, Event::Answering { done, .. } if *done > 0.1);
    let go_on = teach(None, By::Answers { pairs: vec![Pair { a: 0, b: 1, same: true }], steps: 5 }, Measure::No);
    let start = teach(Some(Start::Scratch), long, Measure::No);
    let events = play(GpuChoice::Off, vec![open(small()), (opened, start), (underway, go_on), (done, Command::Pause)]);
    let all = taught(&events);
    let last = all.last().unwrap();
    assert!(last.done && !last.begun && last.pairs == 1, "{} pairs", last.pairs);
    assert!(last.steps > 5 && last.moved > 0.0, "{} steps: what was learned before is lost", last.steps);
    assert_eq!(all.iter().filter(|taught| taught.begun).count(), 1);
}

#[test]
fn pairs_are_dealt_as_they_are_to_be_judged() {
    let deal = |choice| crate::ask(Ask::Deal(Dealing { count: 16, seed: 9, choice, margin: 4.0 }));
    let inputs = vec![vec![0.5; 784], vec![0.0; 784]];
    let events = play(
        GpuChoice::Off,
        vec![
            open(small()),
            (opened, deal(Choice::Chance)),
            (is_dealt, deal(Choice::Unsure)),
            (is_dealt, crate::ask(Ask::Apart { inputs })),
        ],
    );
    let [chance, unsure] = dealt(&events).try_into().unwrap();
    for dealt in [&chance, &unsure] {
        assert_eq!(dealt.len(), 16);
        let same = dealt.iter().filter(|pair| pair.truth == Some(true)).count();
        assert!((3..=13).contains(&same), "{same} of 16 are of one class");
        assert!(dealt.iter().all(|pair| pair.a != pair.b && pair.inputs.iter().all(|input| input.len() == 784)));
    }
    let doubt = |dealt: &[Dealt]| dealt.iter().map(|pair| (pair.distance - 2.0).abs()).sum::<f32>();
    assert!(doubt(&unsure) < 0.5 * doubt(&chance), "{} {}", doubt(&unsure), doubt(&chance));
    let codes = events.iter().find_map(|event| match crate::answer(event) {
        Some(Answer::Apart { codes }) => Some(codes),
        _ => None,
    });
    let codes = codes.unwrap();
    assert_eq!((codes.len(), codes[0][0].len()), (2, 4));
    assert_eq!(codes[0][0], codes[0][1], "nothing was learned yet");
    assert!(distance(&codes[0][0], &codes[1][0]) > 0.0);
}

#[test]
fn what_cannot_be_done_is_said() {
    let none = By::Answers { pairs: Vec::new(), steps: 0 };
    let wide = crate::ask(Ask::Pairs(Teaching { start: None, margin: 0.0, by: none, measure: Measure::No }));
    let said: fn(&Event) -> bool = |e| matches!(e, Event::Unanswered { .. });
    let far = By::Answers { pairs: vec![Pair { a: 0, b: 1 << 20, same: true }], steps: 5 };
    let events = play(
        GpuChoice::Off,
        vec![
            open(small()),
            (opened, wide),
            (said, teach(Some(Start::Scratch), far, Measure::No)),
            (said, crate::ask(Ask::Apart { inputs: vec![vec![0.0; 3]] })),
            (said, Command::Pause),
        ],
    );
    let words: Vec<_> = events
        .iter()
        .filter_map(|e| if let Event::Unanswered { message, .. } = e { Some(message) } else { None })
        .collect();
    assert!(words[0].contains("margin is 0"), "{words:?}");
    assert!(words[1].contains("other data"), "{words:?}");
    assert!(words[2].contains("3 values"), "{words:?}");
}

/// What the page says is possible.
#[test]
fn sixty_thousand_pairs_of_mnist() {
    let Some(site) = crate::mnist_site("siamese::lesson::sixty_thousand_pairs_of_mnist") else { return };
    let recipe = Recipe { z: 8, ..Recipe::default() };
    let labels = By::Labels { pairs: 60_000, epochs: 2 };
    let script = vec![
        open(recipe),
        (opened as fn(&Event) -> bool, teach(Some(Start::Scratch), labels, Measure::Whole)),
        (done, Command::Pause),
    ];
    let events = play_at(&site, GpuChoice::Off, script);
    let last = taught(&events).pop().unwrap();
    let measured = last.measured.unwrap();
    println!("{} steps, loss {:?}, {measured:?}: {:.2} %", last.steps, last.loss, measured.percent());
    assert_eq!((measured.asked, measured.known), (10_000, 60_000));
    assert!(measured.percent() >= 96.5, "{measured:?}");
}

/// As many pairs as a visitor may answer, by the true labels, as the game takes its steps.
#[test]
fn two_hundred_pairs_of_mnist_move_the_map() {
    let Some(site) = crate::mnist_site("siamese::lesson::two_hundred_pairs_of_mnist_move_the_map") else { return };
    for start in [Start::Network, Start::Scratch] {
        for steps in [100, 400] {
            let recipe = Recipe { batch: 32, ..Recipe::default() };
            let open = Command::Open { recipe, origin: Origin::Shipped };
            let labels = By::Labels { pairs: 200, epochs: steps * 32 / 200 };
            let script: Script = vec![
                (|e| matches!(e, Event::Ready { .. }), open),
                (opened, teach(Some(start), labels, Measure::Part)),
                (done, Command::Pause),
            ];
            let all = taught(&play_at(&site, GpuChoice::Off, script));
            let (first, last) = (&all[0], &all[all.len() - 1]);
            println!("{start:?}, {} steps: loss {:?}, moved {:.2}", last.steps, last.loss, last.moved);
            println!("    from {:?} to {:?}", first.measured.unwrap(), last.measured.unwrap());
            assert!(last.moved > 0.1, "the map does not visibly move: {}", last.moved);
        }
    }
}
