//! Kernels: one update in slow motion, its calls, and what it is held to.
use crate::session::{open, opened, play, small};
use hourglass::compute::{Clock, Device};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Kernels, Unfolded};
use hourglass::lessons::Recipe;
use hourglass::lessons::kernels::{Check, Checked, Compared, Followed, Place, Times, Updated, Verdict};
use hourglass::nn::exact::{Bounded, Exact, ticked, updated};
use hourglass::nn::network::UpdateRule;
use hourglass::nn::spec::{Activation, Init, Loss, NetworkSpec, Optimiser};
use hourglass::nn::{Resident, Rows, Trainer, Training, Whole};
use std::rc::Rc;

const BOTH: [GpuChoice; 2] = [GpuChoice::Off, GpuChoice::Software];

fn ask(ask: Kernels) -> Command {
    crate::ask(Ask::Kernels(ask))
}

fn said(event: &Event) -> Option<Unfolded> {
    if let Some(Answer::Kernels(answer)) = crate::answer(event) { Some(answer) } else { None }
}

macro_rules! told {
    ($is:ident, $all:ident, $variant:ident, $of:ty) => {
        fn $is(event: &Event) -> bool {
            matches!(said(event), Some(Unfolded::$variant(_)))
        }

        fn $all(events: &[Event]) -> Vec<$of> {
            let of = |event| if let Some(Unfolded::$variant(answer)) = said(event) { Some(answer) } else { None };
            events.iter().filter_map(of).map(|answer| answer.clone().into()).collect()
        }
    };
}
told!(is_updated, updates, Updated, Updated);
told!(is_followed, followed, Followed, Box<Followed>);
told!(is_times, times, Times, Times);
told!(is_checked, checks, Checked, Check);
told!(is_compared, comparisons, Compared, Compared);

fn digit() -> Vec<f32> {
    (0..784).map(|i| if (200..500).contains(&i) && i % 28 > 9 && i % 28 < 18 { 0.9 } else { 0.0 }).collect()
}

fn next() -> Command {
    ask(Kernels::Update { input: None })
}

fn stepped(event: &Event) -> bool {
    matches!(event, Event::Progress(progress) if progress.step == 1)
}

#[test]
fn the_next_batchs_update_is_the_step_that_training_then_makes() {
    let place = Place { layer: 2, unit: 3, input: 1 };
    let follow = || ask(Kernels::Follow(place));
    for gpu in BOTH {
        for (optimiser, learning_rate) in Optimiser::ALL.into_iter().zip([1.0, 1.0, 1e-3]) {
            let script = vec![
                open(Recipe { optimiser, learning_rate, ..small() }),
                (opened, next()),
                (is_updated, follow()),
                (is_followed, Command::Step),
                (stepped, next()),
                (is_updated, follow()),
            ];
            let events = play(gpu, script);
            let [first, second] = &followed(&events)[..] else { panic!("{events:?}") };
            let steps: Vec<_> = updates(&events).iter().map(|update| (update.step, update.rows)).collect();
            assert_eq!(steps, [(0, 400), (1, 400)]);
            assert_ne!(first.weight[0], first.weight[1], "{gpu:?} {optimiser:?}: nothing was learned");
            assert_eq!(first.weight[1], second.weight[0], "{gpu:?} {optimiser:?}: training made another step");
            assert_eq!(first.second[1], second.second[0]);
            // The figures make the step that they explain.
            let rate = first.rate;
            let change = match optimiser {
                Optimiser::Sgd => rate * first.gradient,
                Optimiser::Momentum => rate * (0.9 * first.first[0] + first.gradient),
                Optimiser::Adam => {
                    let [m, v] = [first.first[1] / first.rest[0], first.second[1] / first.rest[1]];
                    rate * m / (v.sqrt() + 1e-8)
                }
            };
            let error = (first.weight[0] - change - first.weight[1]).abs();
            assert!(error <= 1e-6 * first.weight[1].abs() + 1e-3 * change.abs(), "{optimiser:?}: {error}");
        }
    }
}

#[test]
fn looking_changes_nothing_in_training() {
    let watch = || Command::Watch { input: Some((1, digit())) };
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(seen) if seen.step == 1);
    for gpu in BOTH {
        let with = vec![
            open(small()),
            (opened, ask(Kernels::Update { input: Some(digit()) })),
            (is_updated, ask(Kernels::Times)),
            (is_times, ask(Kernels::Check { place: Place::default(), others: 2, draw: 1 })),
            (is_checked, ask(Kernels::Compare)),
            (is_compared, Command::Step),
            (stepped, watch()),
            (seen, Command::Pause),
        ];
        let without = vec![open(small()), (opened, Command::Step), (stepped, watch()), (seen, Command::Pause)];
        let outputs = |events: &[Event]| {
            let last =
                events.iter().rev().find_map(|e| if let Event::Seen(seen) = e { Some(seen.clone()) } else { None });
            last.unwrap().signals
        };
        assert_eq!(outputs(&play(gpu, with)), outputs(&play(gpu, without)), "{gpu:?}");
    }
}

#[test]
fn the_units_value_is_the_sum_that_is_shown() {
    for gpu in BOTH {
        for place in [Place { layer: 0, unit: 5, input: 300 }, Place { layer: 3, unit: 400, input: 7 }] {
            let script = vec![
                open(small()),
                (opened, ask(Kernels::Update { input: Some(digit()) })),
                (is_updated, ask(Kernels::Follow(place))),
            ];
            let events = play(gpu, script);
            let follow = &followed(&events)[0];
            assert_eq!(updates(&events)[0].rows, 1);
            assert_eq!(follow.place, place);
            let sum = follow.sum();
            let expected = if place.layer == 0 { sum.max(0.0) } else { 1.0 / (1.0 + (-sum).exp()) };
            assert!(
                (f64::from(follow.value) - expected).abs() < 1e-5,
                "{gpu:?} {place:?}: {} {expected}",
                follow.value
            );
            let all = follow.rows.iter().map(|term| term.product()).sum::<f64>() + follow.other_rows;
            assert!(
                (all - f64::from(follow.gradient)).abs() <= 1e-6 * all.abs(),
                "{gpu:?}: {all}, {}",
                follow.gradient
            );
            assert_eq!(follow.gradients[place.input as usize], follow.gradient);
        }
    }
}

#[test]
fn gradients_are_the_differences_of_the_loss_and_rounding_explains_the_rest() {
    let recipes = [
        small(),
        Recipe { loss: Loss::Bce, activation: Activation::Tanh, ..small() },
        Recipe {
            data: "beats".into(),
            batch: 32,
            optimiser: Optimiser::Sgd,
            activation: Activation::LeakyRelu,
            ..small()
        },
    ];
    for gpu in BOTH {
        for (i, recipe) in recipes.iter().enumerate() {
            // Yours alone and the next batch in turns, each on both devices.
            for own in [i != 1, false].into_iter().take(1 + usize::from(i == 0)) {
                let input = own.then(|| if recipe.data == "beats" { digit()[290..430].to_vec() } else { digit() });
                let script = vec![
                    open(Recipe { batch: recipe.batch.min(50), ..recipe.clone() }),
                    (opened, ask(Kernels::Update { input })),
                    (
                        is_updated,
                        ask(Kernels::Check { place: Place { layer: 1, unit: 1, input: 4 }, others: 40, draw: 3 }),
                    ),
                    (is_checked, ask(Kernels::Compare)),
                ];
                let events = play(gpu, script);
                let what = format!("{gpu:?}, {}, own {own}", recipe.data);
                let check = &checks(&events)[0];
                assert_eq!(check.rows.len(), 41);
                let wrong: Vec<_> = check.rows.iter().filter(|row| row.verdict() == Verdict::Wrong).collect();
                assert!(wrong.is_empty(), "{what}: {wrong:?}");
                let close = check.rows.iter().filter(|row| row.verdict() == Verdict::Close).count();
                assert!(close >= 38, "{what}: only {close} agree to four digits: {:?}", check.rows);
                // The bounds say something: most gradients could not be half as large again.
                let moving: Vec<_> = check.rows.iter().filter(|row| row.difference.abs() > 1e-9).collect();
                let larger = |row: &Checked| Checked { gradient: 1.5 * row.gradient, ..*row };
                let seen = moving.iter().filter(|row| larger(row).verdict() == Verdict::Wrong).count();
                assert!(seen > 5 && 2 * seen > moving.len(), "{what}: {seen} of {}", moving.len());
                let [_, single, lost] = check.single;
                let first = &check.rows[0];
                assert!(
                    (single - first.difference).abs() < 200.0 * lost + 0.1 * first.difference.abs(),
                    "{what}: {check:?}"
                );
                let compared = &comparisons(&events)[0];
                let gaps = [compared.between, compared.of_gpu, Some(compared.of_processor)];
                for gap in gaps.into_iter().flatten() {
                    assert!(gap.explained() && gap.largest > 0.0, "{what}: {gap:?}");
                }
                assert_eq!(compared.between.is_some(), gpu == GpuChoice::Software, "{what}");
            }
        }
    }
}

/// Layers of every σ, and inputs of both signs.
fn stand(device: Rc<Device>, hidden: Activation, loss: Loss, training: &Training) -> (NetworkSpec, Vec<f32>, Trainer) {
    let spec = NetworkSpec::autoencoder(20, &[15, 8], 3, hidden, Activation::Sigmoid);
    let data: Vec<f32> = crate::wave(20 * training.batch, 2).iter().map(|x| x.abs()).collect();
    let resident = Resident::new(&device, Rows::Floats(&data), 20).unwrap();
    let trainer = Trainer::new(device, &spec, Training { loss, ..training.clone() }, &resident);
    (spec, data, trainer)
}

#[test]
fn double_precision_is_the_twins_own_and_every_device_stays_within_its_bounds() {
    pollster::block_on(async {
        for hidden in Activation::ALL {
            for (loss, optimiser) in
                [(Loss::Mse, Optimiser::Adam), (Loss::Bce, Optimiser::Momentum), (Loss::Mse, Optimiser::Sgd)]
            {
                let training =
                    Training { optimiser, init: Init::Torch, batch: 9, shuffle: false, seed: 5, ..Training::default() };
                let frozen = Training { frozen: true, ..training.clone() };
                let (spec, data, mut twin) = stand(Rc::new(Device::Exact), hidden, loss, &frozen);
                let state = twin.state().await.unwrap();
                twin.run(1);
                let expected = crate::gradients::exact(&twin.weights.first);
                let exact = Exact::new(&spec, &state.values);
                let gradient = gradient_of(&exact, &spec, loss, 9, &data);
                for (i, (ours, twins)) in gradient.value.iter().zip(&expected).enumerate() {
                    // The kernels' scale is a float: they are that far apart.
                    assert!(
                        (ours - twins).abs() <= 1e-7 * twins.abs() + 1e-18,
                        "{hidden:?} {loss:?} {i}: {ours} {twins}"
                    );
                }
                let code = optimiser as u32 + 1;
                let rule = UpdateRule { code, beta1: training.beta1, beta2: training.beta2, epsilon: training.epsilon };
                let clock = ticked(&state.clock, rule, training.rate);
                for device in crate::devices().await {
                    let (_, _, mut trainer) = stand(device.clone(), hidden, loss, &training);
                    trainer.restore(&state);
                    trainer.run(1);
                    let after = trainer.state().await.unwrap().values;
                    let mut useful = 0;
                    for (i, &w) in state.values.iter().enumerate() {
                        let bounded = [gradient.value[i], gradient.error[i]];
                        let [exact, allowed] = updated(rule, clock, bounded, [w.into(), 0.0, 0.0]);
                        let error = (f64::from(after[i]) - exact).abs();
                        let what = format!("{hidden:?} {loss:?} {optimiser:?} {i} on {}", device.name());
                        assert!(
                            error <= allowed,
                            "{what}: {} is {error:.1e} from {exact}, allowed {allowed:.1e}",
                            after[i]
                        );
                        // A hundredth of Adam's first step.
                        useful += usize::from(allowed < 1e-5);
                    }
                    assert!(useful * 2 > after.len(), "{hidden:?} {optimiser:?}: the bound says nothing: {useful}");
                }
            }
        }
    });
}

fn gradient_of(exact: &Exact, spec: &NetworkSpec, loss: Loss, rows: u32, data: &[f32]) -> Bounded {
    let mut inputs = vec![Bounded::given(data)];
    let mut signals = Vec::new();
    for i in 0..exact.layers() {
        let signal = exact.forward(i, rows, &inputs[i]);
        inputs.push(signal.out.clone());
        signals.push(signal);
    }
    let zeros = vec![0.0; spec.parameters()];
    let mut gradient = Bounded { value: zeros.clone(), error: zeros };
    let last = signals.len() - 1;
    let (_, mut dy) = exact.loss(loss, rows, &signals[last], &inputs[0].value);
    for i in (0..=last).rev() {
        exact.gradient(i, rows, &dy, &inputs[i], &mut gradient);
        if i > 0 {
            dy = exact.back(i, rows, &dy, &signals[i - 1]);
        }
    }
    gradient
}

#[test]
fn the_calls_that_are_listed_and_timed_are_the_step() {
    pollster::block_on(async {
        for device in crate::devices().await {
            let training = Training { batch: 9, whole: Whole::Never, seed: 5, ..Training::default() };
            let (_, _, mut whole) = stand(device.clone(), Activation::Relu, Loss::Mse, &training);
            let (_, _, parts) = stand(device.clone(), Activation::Relu, Loss::Mse, &training);
            whole.run(1);
            let plan = parts.plan();
            for call in 0..plan.len() {
                device.run_part(plan, call..call + 1, 1);
            }
            assert_eq!(whole.state().await.unwrap(), parts.state().await.unwrap(), "{}", device.name());
        }
    });
    let names = ["gather", "dense", "dense", "dense", "dense", "loss", "tick"];
    let back = ["dense_dx", "dense_dw", "dense_dx", "dense_dw", "dense_dx", "dense_dw", "dense_dw"];
    for gpu in BOTH {
        let script = vec![open(small()), (opened, next()), (is_updated, ask(Kernels::Times))];
        let events = play(gpu, script);
        let (update, times) = (&updates(&events)[0], &times(&events)[0]);
        for calls in [&update.calls, &times.calls] {
            let kernels: Vec<_> = calls.calls.iter().map(|call| call.kernel.as_str()).collect();
            assert_eq!(kernels, [&names[..], &back[..]].concat());
            let layers: Vec<_> = calls.calls.iter().map(|call| call.layer).collect();
            assert_eq!(layers, [0, 0, 1, 2, 3, 0, 0, 3, 3, 2, 2, 1, 1, 0]);
            for call in &calls.calls {
                assert_eq!(call.text.is_some(), gpu == GpuChoice::Software, "{}", call.kernel);
                if let Some(text) = call.text {
                    let text = &calls.texts[text as usize];
                    assert!(text.contains("@compute") && call.workgroups.iter().product::<u32>() > 0, "{text}");
                }
            }
            // dense of the first layer: 400 inputs, 16 units, sums of 784 terms.
            assert_eq!((calls.calls[1].sizes, calls.calls[1].flops), ([400, 16, 784], 2.0 * 400.0 * 16.0 * 784.0));
        }
        assert!(times.calls.calls.iter().all(|call| call.ms.is_some_and(|ms| ms > 0.0)), "{times:?}");
        assert!(times.step > 0.0 && times.share() > 0.0 && times.limits.gflops > 0.0 && times.whole.is_none());
        println!(
            "{gpu:?}: {:.3} ms in {} calls, the step {:.3} ms: {:.1} %, stamped {}",
            times.sum(),
            times.calls.calls.len(),
            times.step,
            100.0 * times.share(),
            times.stamped
        );
    }
}

#[test]
fn a_gpus_clock_and_the_walls_agree() {
    pollster::block_on(async {
        for device in crate::devices().await {
            let (plan, _) = hourglass::nn::limits::arithmetic(&device, 1 << 12, 64);
            device.run(&plan, 1);
            device.finish().await.unwrap();
            let start = std::time::Instant::now();
            let (ms, clock) = device.time(&plan, 0..1, 20).await.unwrap();
            let wall = start.elapsed().as_secs_f64() * 1e3;
            // Within it, and not next to nothing: however busy the machine is, its own clock is no later than the wall's.
            assert!(ms > 0.0 && ms <= wall, "{ms} ms by {clock:?}, {wall} ms on the wall, {}", device.name());
            let start = std::time::Instant::now();
            let turn = device.time_in_turn(&plan, 20).await.unwrap();
            let wall = start.elapsed().as_secs_f64() * 1e3;
            assert_eq!(turn.is_some(), clock == Clock::Stamps || matches!(*device, Device::Processor));
            let sum: f64 = turn.iter().flatten().sum();
            assert!(turn.is_none() || sum > 0.1 * ms && sum <= wall, "{sum} ms, {wall} on the wall, {}", device.name());
        }
    });
}

#[test]
fn what_is_no_input_is_refused_and_nothing_can_be_followed_before_an_update() {
    let script = vec![
        open(small()),
        (opened, ask(Kernels::Follow(Place::default()))),
        (|e| matches!(e, Event::Unanswered { .. }), ask(Kernels::Update { input: Some(vec![0.0; 5]) })),
    ];
    let events = play(GpuChoice::Off, script);
    let refused: Vec<&str> = events
        .iter()
        .filter_map(|e| if let Event::Unanswered { message, .. } = e { Some(message.as_str()) } else { None })
        .collect();
    assert!(refused.len() == 2 && refused[0].contains("ask for one first") && refused[1].contains('5'), "{refused:?}");
}

#[test]
fn a_drawn_digit_is_a_batch_of_its_own_wherever_training_is() {
    for gpu in BOTH {
        // The run's own next batch does not begin at the front of its data any more.
        let script = vec![
            open(small()),
            (opened, Command::Step),
            (stepped, ask(Kernels::Update { input: Some(digit()) })),
            (is_updated, ask(Kernels::Follow(Place { layer: 0, unit: 0, input: 300 }))),
        ];
        let events = play(gpu, script);
        let follow = &followed(&events)[0];
        assert_eq!(follow.inputs, digit(), "{gpu:?}");
        assert_eq!((updates(&events)[0].step, updates(&events)[0].rows), (1, 1), "{gpu:?}");
        // 1 − 0.9²: the moments are those of the run.
        assert!((follow.rest[0] - 0.19).abs() < 1e-6, "{gpu:?}: {:?}", follow.rest);
    }
}
