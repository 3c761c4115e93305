//! Learning by pairs: the loss and its gradient against PyTorch and finite differences, the task on every device, and the
//! lesson's questions.
use crate::gradients::distance;
use crate::wave;
use hourglass::compute::{Buffer, Device};
use hourglass::kernels::pairs::{CONTRASTIVE, Contrastive};
use hourglass::nn::spec::{Activation, Init, NetworkSpec};
use hourglass::nn::tasks::pairs::{Pairs, encoder_of};
use hourglass::nn::{Resident, Rows, State, Trainer, Training};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

const MARGIN: f32 = 0.75;
const ROWS: u32 = 7;
const COLS: u32 = 3;
const SAME: [f32; 7] = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];

/// The codes of tests/torch/contrastive.py: distances of 0, of the margin, within it and beyond.
fn codes() -> Vec<f32> {
    let mut z = wave(2 * ROWS * COLS, 0);
    let mut second = |row: usize, add: [f32; 3]| {
        for (col, add) in add.into_iter().enumerate() {
            z[(7 + row) * 3 + col] = z[row * 3 + col] + add;
        }
    };
    second(0, [0.0; 3]);
    second(1, [0.0; 3]);
    second(2, [0.0, MARGIN, 0.0]);
    second(4, [0.1, -0.2, 0.05]);
    second(5, [0.1, -0.2, 0.05]);
    z
}

/// The gradient of the mean, and the losses.
async fn by_kernel(device: &Device, z: &Buffer) -> [Vec<f32>; 2] {
    let params = Contrastive { rows: ROWS, cols: COLS, margin: MARGIN, scale: 1.0 / ROWS as f32 };
    let (dz, sums) = (device.zeros(42), device.zeros(7));
    let call = CONTRASTIVE.call(&device.uniform(params), [z, &device.buffer(&SAME)], [&dz, &sums]);
    device.run(&device.plan(vec![call]), 1);
    device.read_all(&[&dz, &sums]).await.unwrap().try_into().unwrap()
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_contrastive_loss_is_that_of_pytorch() {
    let losses = [0.5625, 0.0, 0.0, 2.935_104_435, 0.271_306_823, 0.0525, 0.0];
    let half = [
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        -0.188_927_131,
        0.153_994_961,
        0.424_490_817,
        0.064_950_524,
        -0.129_901_049,
        0.032_475_262,
        -0.028_571_429,
        0.057_142_857,
        -0.014_285_714,
        0.0,
        0.0,
        0.0,
    ];
    let mut devices = crate::devices().await;
    devices.push(Rc::new(Device::Exact));
    for device in devices {
        let [dz, sums] = by_kernel(&device, &device.buffer(&codes())).await;
        for (i, (&got, expected)) in sums.iter().zip(losses).enumerate() {
            assert!((f64::from(got) - expected).abs() <= 1e-5, "loss {i}: {got} on {}", device.name());
        }
        let both = half.into_iter().chain(half.into_iter().map(|g: f64| -g));
        for (i, (&got, expected)) in dz.iter().zip(both).enumerate() {
            assert!((f64::from(got) - expected).abs() <= 1e-5, "gradient {i}: {got}, {expected} on {}", device.name());
        }
    }
}

fn exact(buffer: &Buffer) -> Vec<f64> {
    let Buffer::Exact(values) = buffer else { unreachable!() };
    values.borrow().clone()
}

/// The mean over pairs, by its definition.
fn loss_of(z: &[f64], same: &[f64], cols: usize, margin: f64) -> f64 {
    let (first, second) = z.split_at(z.len() / 2);
    let pairs = first.chunks(cols).zip(second.chunks(cols)).zip(same);
    let loss = |((a, b), y): ((&[f64], &[f64]), &f64)| {
        let d = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        y * d * d + (1.0 - y) * (margin - d).max(0.0).powi(2)
    };
    pairs.map(loss).sum::<f64>() / same.len() as f64
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn its_gradient_is_that_of_finite_differences_also_at_no_distance_and_at_the_margin() {
    let device = Device::Exact;
    let z: Vec<f64> = codes().into_iter().map(f64::from).collect();
    let same = SAME.map(f64::from);
    let buffer = device.buffer(&codes());
    let params = Contrastive { rows: ROWS, cols: COLS, margin: MARGIN, scale: 1.0 };
    let (dz, sums) = (device.zeros(42), device.zeros(7));
    let call = CONTRASTIVE.call(&device.uniform(params), [&buffer, &device.buffer(&SAME)], [&dz, &sums]);
    device.run(&device.plan(vec![call]), 1);
    for (i, ours) in exact(&dz).into_iter().enumerate() {
        let look = |add: f64| {
            let mut z = z.clone();
            z[i] += add;
            loss_of(&z, &same, 3, MARGIN.into()) * 7.0
        };
        let step = 1e-6;
        // Where the margin begins the slope is 0 on both sides, but the curve bends on one of them: half a step is left.
        let numerical = (look(step) - look(-step)) / (2.0 * step);
        assert!((numerical - ours).abs() <= 1e-6, "code {i}: {numerical} by finite differences, {ours}");
    }
}

const INPUTS: u32 = 6;
const BATCH: u32 = 5;

fn pairs() -> Vec<(u32, u32, bool)> {
    vec![(0, 3, true), (1, 2, false), (4, 0, false), (3, 1, true), (2, 4, false)]
}

/// Frozen, with as many pairs as the batch: every step is the same step.
fn trainer(device: &Rc<Device>, spec: &NetworkSpec, frozen: bool) -> Trainer {
    let data: Vec<f32> = wave(INPUTS * 5, 0).iter().map(|x| x.abs() * 0.9 + 0.05).collect();
    let data = Resident::new(device, Rows::Floats(&data), INPUTS).unwrap();
    let task = Pairs::new(device, &data, &pairs(), 1.5).unwrap();
    let (init, rate) = (Init::Torch, 1e-2);
    let training = Training { init, rate, batch: BATCH, seed: 3, shuffle: !frozen, frozen, ..Training::default() };
    Trainer::with_task(device.clone(), spec, training, &task)
}

fn encoders() -> [NetworkSpec; 2] {
    [
        encoder_of(&NetworkSpec::autoencoder(INPUTS, &[5, 4], 3, Activation::Tanh, Activation::Identity)),
        encoder_of(&NetworkSpec::autoencoder(INPUTS, &[], 2, Activation::Relu, Activation::Identity)),
    ]
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn both_sides_go_through_the_same_weights_and_both_teach_them() {
    let device = Rc::new(Device::Exact);
    for spec in encoders() {
        let mut trainer = trainer(&device, &spec, true);
        assert_eq!(exact(&trainer.input).len(), (2 * BATCH * INPUTS) as usize);
        let start: State = trainer.state().await.unwrap();
        let same: Vec<f64> = pairs().iter().map(|&(.., same)| f64::from(u8::from(same))).collect();
        let mut look = |i: usize, add: f64| {
            trainer.restore(&start);
            let Buffer::Exact(values) = trainer.weights.values.clone() else { unreachable!() };
            values.borrow_mut()[i] += add;
            trainer.run(1);
            let z = exact(trainer.outputs.last().unwrap());
            (loss_of(&z, &same, spec.z() as usize, 1.5), exact(&trainer.weights.first))
        };
        let (loss, gradient) = look(0, 0.0);
        assert!(loss > 0.1 && gradient.iter().any(|g| g.abs() > 1e-3), "{loss}: there is nothing to learn");
        for (i, ours) in gradient.into_iter().enumerate() {
            let step = 1e-5;
            let numerical = (look(i, step).0 - look(i, -step).0) / (2.0 * step);
            let error = (numerical - ours).abs() / (1e-3 + numerical.abs());
            assert!(error <= 1e-6, "{:?}: weight {i}: {numerical} by finite differences, {ours}", spec.layers);
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_device_learns_the_same_by_pairs() {
    for spec in encoders() {
        let mut reference = trainer(&Rc::new(Device::Exact), &spec, true);
        reference.run(1);
        let expected: Vec<f32> = exact(&reference.weights.first).iter().map(|&w| w as f32).collect();
        for device in crate::devices().await {
            let mut still = trainer(&device, &spec, true);
            still.run(1);
            let got = device.read(&still.weights.first).await.unwrap();
            let error = distance(&got, &expected);
            assert!(error <= 1e-5, "{:?} on {}: relative error {error:.1e}", spec.layers, device.name());
            let mut moving = trainer(&device, &spec, false);
            moving.run(30);
            let losses = moving.snapshot(false).await.unwrap().losses;
            assert!(losses[29] < 0.7 * losses[0], "nothing was learned on {}: {losses:?}", device.name());
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn pairs_that_point_outside_are_refused() {
    let device = Device::Processor;
    let data = Resident::new(&device, Rows::Floats(&[0.0; 12]), 3).unwrap();
    assert!(Pairs::new(&device, &data, &[(0, 3, true)], 1.0).is_some());
    assert!(Pairs::new(&device, &data, &[(0, 4, true)], 1.0).is_none());
    assert!(Pairs::new(&device, &data, &[], 1.0).is_none());
}

#[cfg(not(target_arch = "wasm32"))]
mod lesson {
    use crate::session::{Script, open, opened, play, play_at, small};
    use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Origin};
    use hourglass::lessons::Recipe;
    use hourglass::lessons::siamese::{By, Choice, Dealing, Dealt, Measure, Pair, Start, Taught, Teaching, distance};

    fn teach(start: Option<Start>, by: By, measure: Measure) -> Command {
        crate::ask(Ask::Pairs(Teaching { start, margin: 1.0, by, measure }))
    }

    fn taught(events: &[Event]) -> Vec<Taught> {
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

    fn done(event: &Event) -> bool {
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
                    open(small()),
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
            assert_eq!((first.chart.len(), first.chart.width, first.chart.labels.len()), (2000, 4, 2000));
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
        let events =
            play(GpuChoice::Off, vec![open(small()), (opened, start), (underway, go_on), (done, Command::Pause)]);
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

    /// What the page says is possible. It needs the built site, with MNIST in it.
    #[test]
    fn sixty_thousand_pairs_of_mnist() {
        let Ok(site) = std::env::var("HOURGLASS_SITE") else {
            println!("NOT RUN: set HOURGLASS_SITE to a built site that has MNIST");
            return;
        };
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
        let Ok(site) = std::env::var("HOURGLASS_SITE") else {
            println!("NOT RUN: set HOURGLASS_SITE to a built site that has MNIST");
            return;
        };
        for start in [Start::Network, Start::Scratch] {
            for steps in [100, 400, 1600] {
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
}
