//! Denoise: two networks beside the one that stands, and what they, PCA and a median filter make of noise.
use crate::session::{finished, open, opened, play, small};
use hourglass::engine::protocol::{Answer, Ask, Cleaned, Command, Event, GpuChoice, Topic};
use hourglass::lessons::Recipe;
use hourglass::lessons::denoise::{Level, METHODS, Method, Trained, corrupted, mse, psnr};
use hourglass::lessons::recipe::Noise;

const NOISE: Noise = Noise::Gaussian { sd: 0.5 };

fn train() -> Command {
    crate::ask(Ask::Denoisers { noise: NOISE, fresh: false })
}

fn clean(inputs: &[f32]) -> Command {
    crate::ask(Ask::Cleaned { inputs: inputs.to_vec() })
}

fn trained(event: &Event) -> Option<Trained> {
    if let Some(Answer::Denoisers(trained)) = crate::answer(event) { Some(trained) } else { None }
}

/// Both have seen all their steps.
fn done(event: &Event) -> bool {
    trained(event).is_some_and(|trained| trained.step == trained.steps)
}

fn is_pca(event: &Event) -> bool {
    matches!(event, Event::Pca { .. })
}

fn is_cleaned(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Cleaned(_)))
}

fn cleaned(events: &[Event]) -> Vec<Cleaned> {
    let of = |event| if let Some(Answer::Cleaned(cleaned)) = crate::answer(event) { Some(cleaned) } else { None };
    events.iter().filter_map(of).collect()
}

fn is_level(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Level { .. }))
}

fn levels(events: &[Event]) -> Vec<Level> {
    let of = |event| if let Some(Answer::Level { level, .. }) = crate::answer(event) { Some(level) } else { None };
    events.iter().filter_map(of).collect()
}

/// All parts of a gallery: clean, then each method's outputs.
fn gallery(events: &[Event]) -> Vec<Vec<f32>> {
    let mut all = vec![Vec::new(); 1 + METHODS];
    for event in events {
        if let Some(Answer::Gallery { clean, cleaned, .. }) = crate::answer(event) {
            let parts = [clean, cleaned.noisy].into_iter().chain(cleaned.outputs);
            all.iter_mut().zip(parts).for_each(|(all, part)| all.extend(part));
        }
    }
    all
}

fn half() -> Vec<f32> {
    vec![0.5; 784]
}

#[test]
fn what_is_measured_on_the_device_is_what_the_pictures_say() {
    let none = Noise::Gaussian { sd: 0.0 };
    for (gpu, noises) in [(GpuChoice::Off, vec![none, NOISE]), (GpuChoice::Software, vec![none])] {
        for noise in noises {
            let measure = crate::ask(Ask::Levels { levels: vec![noise] });
            let show = crate::ask(Ask::Gallery { count: 4000, noise });
            let script =
                vec![open(Recipe { batch: 2000, ..small() }), (is_pca, train()), (done, measure), (is_level, show)];
            let events = play(gpu, script);
            let measured = levels(&events);
            let [level] = measured.as_slice() else { panic!("{} levels", measured.len()) };
            let pictures = gallery(&events);
            assert!(pictures.iter().all(|pictures| pictures.len() == 4000 * 784), "{gpu:?}: some are missing");
            for (i, method) in Method::ALL.into_iter().enumerate() {
                for (clip, measured) in [(false, level.raw[i]), (true, level.clipped[i])] {
                    let shown = mse(&pictures[0], &pictures[1 + i], clip);
                    // Without noise only rounding differs; with it the draws, over three million values.
                    let most = if noise == NOISE { 0.01 } else { 1e-4 };
                    let close = (shown - measured).abs() <= most * measured;
                    assert!(close, "{gpu:?} {noise:?} {method:?} clipped {clip}: {measured} measured, {shown} shown");
                }
            }
            let noisy = level.raw[0];
            match noise == NOISE {
                true => assert!((psnr(noisy) - 6.02).abs() < 0.02, "{} dB", psnr(noisy)),
                false => assert_eq!(noisy, 0.0),
            }
        }
    }
}

#[test]
fn the_plain_one_is_the_recipes_own_network_and_noise_makes_the_other_one_better() {
    let recipe = Recipe { noise: Noise::None, z: 32, encoder: vec![64], batch: 100, epochs: 3, ..small() };
    let watch = Command::Watch { input: Some((1, half())) };
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(seen) if seen.step > 0);
    let measure = crate::ask(Ask::Levels { levels: vec![NOISE] });
    let script = vec![
        open(recipe),
        (is_pca, Command::Train),
        (finished, watch),
        (seen, train()),
        (done, clean(&half())),
        (is_cleaned, measure),
    ];
    let events = play(GpuChoice::Off, script);
    let seen = events.iter().rev().find_map(|e| if let Event::Seen(seen) = e { Some(seen) } else { None }).unwrap();
    let outputs = &cleaned(&events)[0].outputs;
    assert_eq!(Some(&outputs[0]), seen.signals.last(), "the plain one learned otherwise");
    assert_ne!(outputs[0], outputs[1], "noise changed nothing");
    let [_, plain, denoising, ..] = levels(&events)[0].raw.map(psnr);
    assert!(denoising > plain + 0.5, "denoising {denoising} dB, plain {plain} dB");
}

#[test]
fn until_there_are_two_the_network_that_stands_is_the_plain_one() {
    let watch = Command::Watch { input: Some((1, half())) };
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(seen) if seen.step > 0);
    let plain = Recipe { noise: Noise::None, ..small() };
    let script = |recipe: Recipe| {
        vec![
            open(recipe),
            (opened as fn(&Event) -> bool, clean(&half())),
            (is_cleaned, Command::Train),
            (finished, watch.clone()),
            (seen, clean(&half())),
        ]
    };
    let events = play(GpuChoice::Off, script(plain));
    let last = events.iter().rev().find_map(|e| if let Event::Seen(seen) = e { Some(seen) } else { None }).unwrap();
    let [before, after] = &cleaned(&events)[..] else { panic!("two answers are expected") };
    assert!(before.outputs[0].is_empty(), "it has learned nothing yet");
    assert_eq!(Some(&after.outputs[0]), last.signals.last());
    assert!(after.outputs[1].is_empty() && after.trained.is_none(), "nobody trained the other one");
    // One that learns with noise is no plain one.
    let noisy = play(GpuChoice::Off, script(Recipe { noise: NOISE, ..small() }));
    assert!(cleaned(&noisy).iter().all(|cleaned| cleaned.outputs[0].is_empty()));
}

#[test]
fn training_that_was_stopped_goes_on_where_it_was() {
    let started: fn(&Event) -> bool = |e| trained(e).is_some_and(|trained| trained.step > 0);
    let script = |stop: bool| {
        let mut script = vec![open(small()), (opened as fn(&Event) -> bool, train())];
        if stop {
            // Beside it something else is answered, in three parts: one of those comes after the stop for sure.
            let is_part: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Gallery { .. }));
            script.extend([
                (started, crate::ask(Ask::Gallery { count: 300, noise: NOISE })),
                (is_part, Command::Drop(Topic::Denoisers)),
                (is_part, train()),
            ]);
        }
        script.push((done, clean(&half())));
        script
    };
    let whole = play(GpuChoice::Off, script(false));
    let parts = play(GpuChoice::Off, script(true));
    let outputs = |events: &[Event]| cleaned(events)[0].outputs[..2].to_vec();
    assert!(outputs(&whole)[0].len() == 784);
    assert_eq!(outputs(&whole), outputs(&parts));
    let steps: Vec<u32> = parts.iter().filter_map(trained).map(|trained| trained.step).collect();
    assert!(steps.is_sorted_by(|a, b| a < b), "it began anew: {steps:?}");
}

#[test]
fn what_is_not_there_yet_is_left_out_and_what_is_no_input_refused() {
    let script = vec![
        open(small()),
        (opened, clean(&half())),
        (is_cleaned, crate::ask(Ask::Levels { levels: vec![NOISE] })),
        (|e| matches!(e, Event::Unanswered { .. }), clean(&[0.0; 5])),
    ];
    let events = play(GpuChoice::Off, script);
    let first = &cleaned(&events)[0];
    assert_eq!((first.trained, first.outputs[0].len(), first.outputs[3].len()), (None, 0, 784));
    let refused: Vec<&str> = events
        .iter()
        .filter_map(|e| if let Event::Unanswered { message, .. } = e { Some(message.as_str()) } else { None })
        .collect();
    assert!(refused.len() == 2 && refused[0].contains("train them first") && refused[1].contains('5'), "{refused:?}");
}

#[test]
fn a_rate_that_is_too_high_is_said_and_a_lower_one_begins_anew() {
    let wild = Recipe { learning_rate: 10.0, activation: hourglass::nn::spec::Activation::Identity, ..small() };
    let script = vec![
        open(Recipe { optimiser: hourglass::nn::spec::Optimiser::Sgd, data: "beats".into(), ..wild }),
        (opened, train()),
        (|e| matches!(e, Event::Unanswered { .. }), Command::SetRate(0.001)),
        (|e| matches!(e, Event::Progress(_)), train()),
    ];
    let events = play(GpuChoice::Off, script);
    let words =
        events.iter().find_map(|e| if let Event::Unanswered { message, .. } = e { Some(message) } else { None });
    assert!(words.is_some_and(|words| words.contains("learning rate 10")), "{words:?}");
    assert!(events.iter().any(done), "the lower rate does not work either");
}

#[test]
fn noise_on_a_series_is_cleaned_too() {
    let recipe = Recipe { data: "beats".into(), encoder: vec![16], z: 4, epochs: 1, ..Recipe::default() };
    let noisy = corrupted(Noise::Block { size: 20 }, 1, 0, &[1.0; 140], 140, 140);
    let measure = crate::ask(Ask::Levels { levels: vec![Noise::Block { size: 20 }] });
    let script = vec![open(recipe), (is_pca, train()), (done, clean(&noisy)), (is_cleaned, measure)];
    let events = play(GpuChoice::Off, script);
    let cleaned = &cleaned(&events)[0];
    assert!(cleaned.outputs.iter().all(|output| output.len() == 140));
    // Of a step the median filter of three moves nothing.
    assert_eq!(cleaned.outputs[3], noisy);
    let level = levels(&events)[0];
    // 20 of 140 values of variance 1 are gone.
    assert!((level.raw[0] - 20.0 / 140.0).abs() < 0.05, "{}", level.raw[0]);
}
