//! What lessons ask: maps, pictures, neighbours, of the built-in digits and a small network.
use crate::session::{finished, open, opened, play, play_alone, small, strokes};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice};
use hourglass::lessons::Recipe;
use hourglass::lessons::latent::{Chart, Space};
use hourglass::lessons::neighbours::{MOST, Metric, Rows, Tally};

fn answers(events: &[Event]) -> impl Iterator<Item = Answer> {
    events.iter().filter_map(crate::answer)
}

fn charts(events: &[Event]) -> Vec<Chart> {
    answers(events).filter_map(|answer| if let Answer::Map(chart) = answer { Some(chart) } else { None }).collect()
}

fn is_map(event: &Event) -> bool {
    matches!(crate::answer(event), Some(Answer::Map(_)))
}

#[test]
fn the_map_is_of_the_network_as_it_is() {
    let moving = |e: &Event| matches!(e, Event::Progress(p) if p.running && p.step > 0);
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let map = |all| crate::ask(Ask::Map { space: Space::Codes, all });
        let events = play(
            gpu,
            vec![
                open(small()),
                (opened, map(false)),
                (is_map, Command::Train),
                (moving, map(false)),
                (finished, map(true)),
                (is_map, Command::Sample { index: Some(17) }),
            ],
        );
        let charts = charts(&events);
        let [first, .., last] = charts.as_slice() else { panic!("{} maps", charts.len()) };
        assert_eq!((first.step, first.len(), first.width), (0, 4000, 4));
        assert_eq!((last.step, last.len(), last.labels.len()), (50, 24_000, 24_000), "asked after the last step");
        assert_ne!(first.codes[..40], last.codes[..40], "training moved nothing");
        assert_eq!(last.classes.len(), 10);
        // Components: orthonormal, by falling variance, which is all of it together.
        let axis = |i: usize| &last.axes[4 * i..4 * i + 4];
        for (i, j) in [(0, 0), (0, 1), (1, 2), (3, 3)] {
            let product: f32 = axis(i).iter().zip(axis(j)).map(|(a, b)| a * b).sum();
            assert!((product - f32::from(i == j)).abs() < 1e-4, "axes {i} and {j}: {product}");
        }
        assert!(last.shares.is_sorted_by(|a, b| a >= b) && (last.shares.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        let places = last.places([0, 1]);
        let mean = places.iter().map(|place| f64::from(place[0])).sum::<f64>() / places.len() as f64;
        let variance = |axis: usize| places.iter().map(|p| f64::from(p[axis]).powi(2)).sum::<f64>();
        assert!(mean.abs() < 1e-3, "the mean lies at {mean}");
        let ratio = variance(1) / variance(0);
        assert!((ratio - f64::from(last.shares[1] / last.shares[0])).abs() < 1e-3, "{ratio}");
    }
}

#[test]
fn a_point_of_the_map_is_the_code_of_its_input() {
    let split = strokes();
    let input = split.test.row(1234).unwrap();
    let watch = Command::Watch { input: Some((1, input)) };
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(_));
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let watch = watch.clone();
        // Paused in the middle of it: the drawing's code and the map are of the same step.
        let moving = |e: &Event| matches!(e, Event::Progress(p) if p.running && p.step > 5);
        let paused = |e: &Event| matches!(e, Event::Progress(p) if !p.running && p.step > 5);
        let map = crate::ask(Ask::Map { space: Space::Codes, all: false });
        // Longer than any machine takes to say that it trains: seldom, beside a drawing.
        let long = Recipe { epochs: 500, ..small() };
        let events = play(
            gpu,
            vec![open(long), (opened, watch), (seen, Command::Train), (moving, Command::Pause), (paused, map)],
        );
        let seen = events.iter().rev().find_map(|e| if let Event::Seen(seen) = e { Some(seen) } else { None }).unwrap();
        let chart = charts(&events).swap_remove(0);
        let code = chart.code(1234).unwrap();
        let close = seen.signals[2].iter().zip(code).all(|(a, b)| (a - b).abs() < 1e-4);
        assert_eq!(seen.step, chart.step, "{gpu:?}");
        assert!(close, "{gpu:?}: the drawing's code is {:?}, the map's {code:?}", seen.signals[2]);
        assert_eq!(chart.labels[1234], split.test.label(1234).unwrap());
    }
}

#[test]
fn drawings_from_elsewhere_go_the_way_of_ones_own() {
    let split = strokes();
    let inputs: Vec<Vec<f32>> = [5, 6, 7].iter().map(|&row| split.test.row(row).unwrap()).collect();
    let drawn = |inputs| crate::ask(Ask::Drawn { inputs });
    let watch = Command::Watch { input: Some((1, inputs[1].clone())) };
    let is_drawn: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Drawn { .. }));
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(_));
    let script = vec![
        open(small()),
        (opened, Command::Step),
        (|e| matches!(e, Event::Progress(p) if p.step == 1), watch),
        (seen, drawn(inputs.clone())),
        (is_drawn, drawn(vec![vec![0.0; 140]])),
    ];
    let events = play(GpuChoice::Off, script);
    let answer = answers(&events).find_map(|answer| match answer {
        Answer::Drawn { step, codes, outputs } => Some((step, codes, outputs)),
        _ => None,
    });
    let (step, codes, outputs) = answer.unwrap();
    let own = events.iter().rev().find_map(|e| if let Event::Seen(seen) = e { Some(seen) } else { None }).unwrap();
    assert_eq!((step, codes.len(), outputs.len()), (1, 3, 3));
    let close = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(close(&codes[1], &own.signals[2]), "{:?} and {:?}", codes[1], own.signals[2]);
    assert!(close(&outputs[1], &own.signals[4]) && !close(&outputs[1], &outputs[2]));
    let refused =
        events.iter().find_map(|e| if let Event::Unanswered { message, .. } = e { Some(message) } else { None });
    assert!(refused.unwrap().contains("140 values and the network takes 784"), "{refused:?}");
}

#[test]
fn a_map_of_the_inputs_is_pca() {
    let split = strokes();
    let map = crate::ask(Ask::Map { space: Space::Inputs, all: false });
    let events = play_alone(GpuChoice::Off, vec![open(small()), (opened, map)]);
    let chart = charts(&events).swap_remove(0);
    assert_eq!((chart.len(), chart.width, chart.mean.len()), (4000, 8, 784));
    let places = chart.places([0, 1]);
    for index in [0, 3999] {
        let input = split.test.row(index).unwrap();
        let expected = [0, 1].map(|axis| chart.along(axis, &input));
        let close = expected.iter().zip(places[index]).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(close, "{index} lies at {:?}, should at {expected:?}", places[index]);
    }
    let mean = split.train.row(0).unwrap().len() as f32;
    assert!(chart.shares[0] > 0.05 && chart.shares.iter().sum::<f32>() < 1.0 && mean == 784.0, "{:?}", chart.shares);
}

#[test]
fn pictures_come_in_parts_and_grids_as_they_are_decoded() {
    let split = strokes();
    let codes = vec![0.5, -0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let is_grid: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Grid { .. }));
    let decode = Command::Decode { z: codes[..4].to_vec() };
    // Of the test set and, counting on, of the training set; the last does not exist.
    let wanted: Vec<u32> = (3900..4050).chain([23_999, 24_000]).collect();
    let events = play(
        GpuChoice::Off,
        vec![
            open(small()),
            (opened, crate::ask(Ask::Grid { codes: codes.clone() })),
            (is_grid, decode),
            (|e| matches!(e, Event::Decoded { .. }), crate::ask(Ask::Pictures { indices: wanted.clone() })),
            (
                |e| matches!(crate::answer(e), Some(Answer::Pictures { indices, .. }) if indices.is_empty()),
                crate::ask(Ask::Grid { codes: vec![0.0; 5] }),
            ),
        ],
    );
    let mut all = Vec::new();
    for answer in answers(&events) {
        if let Answer::Pictures { indices, pictures } = answer {
            assert_eq!(pictures.len(), indices.len() * 784);
            all.extend(indices.iter().copied().zip(pictures.chunks(784).map(<[u8]>::to_vec).collect::<Vec<_>>()));
        }
    }
    assert_eq!(all.iter().map(|(index, _)| *index).collect::<Vec<_>>(), wanted[..151]);
    for (index, picture) in all.iter().step_by(50) {
        let index = *index as usize;
        let input = if index < 4000 { split.test.row(index) } else { split.train.row(index - 4000) };
        let expected: Vec<u8> = input.unwrap().iter().map(|x| (x * 255.0).round() as u8).collect();
        assert_eq!(*picture, expected, "input {index}");
    }
    let grid = answers(&events).find_map(|a| if let Answer::Grid { pictures, .. } = a { Some(pictures) } else { None });
    let decoded = events.iter().find_map(|e| match e {
        Event::Decoded { signals, .. } => signals.last(),
        _ => None,
    });
    let (grid, decoded) = (grid.unwrap(), decoded.unwrap());
    assert_eq!(grid.len(), 2 * 784);
    let close = grid.iter().zip(decoded).all(|(&byte, value)| (f32::from(byte) - value * 255.0).abs() <= 0.51);
    assert!(close, "a grid's picture is not what its code decodes to");
    assert!(grid[..784] != grid[784..], "two codes gave one picture");
    let said = events.iter().find_map(|e| if let Event::Unanswered { message, .. } = e { Some(message) } else { None });
    assert!(said.is_some_and(|said| said.contains("5 values")), "{said:?}");
}

#[test]
fn neighbours_are_exact_by_codes_and_by_values() {
    let split = strokes();
    // A training digit is its own nearest neighbour.
    let input = split.train.row(4321).unwrap();
    for (gpu, metric) in [
        (GpuChoice::Off, Metric::Euclidean),
        (GpuChoice::Off, Metric::Cosine),
        (GpuChoice::Software, Metric::Euclidean),
    ] {
        let ask = |k| crate::ask(Ask::Neighbours { input: input.clone(), metric, k });
        let is_answer: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Neighbours { .. }));
        let events = play(gpu, vec![open(small()), (opened, ask(9)), (is_answer, Command::Train), (finished, ask(9))]);
        let lists: Vec<_> = answers(&events)
            .filter_map(|answer| match answer {
                Answer::Neighbours(said) => Some(said),
                _ => None,
            })
            .collect();
        let [before, after] = lists.as_slice() else { panic!("{lists:?}") };
        assert_eq!([before.step, after.step], [0, 50]);
        assert_eq!((after.near.each, after.near.places.len(), after.inputs.len()), (9, 18, 18 * 784));
        assert_ne!(before.near.places[..9], after.near.places[..9], "training moved no neighbour");
        assert_eq!(before.near.places[9..], after.near.places[9..], "pixels do not move");
        for nearest in [0, 9] {
            let (place, distance) = (after.near.places[nearest], after.near.distances[nearest]);
            assert!(place == 4321 && distance.abs() < 1e-3, "{metric:?}: the nearest is {place}, {distance} away");
        }
        for (i, &place) in after.near.places.iter().enumerate() {
            assert_eq!(after.labels[i], split.train.label(place as usize).unwrap());
            assert_eq!(after.inputs[i * 784..(i + 1) * 784], split.train.row(place as usize).unwrap());
        }
        let rows = Rows::of(&split.train);
        let mut best = Vec::new();
        rows.scan(metric, &rows.row(4321), 0..rows.len(), 9, &mut best);
        assert_eq!(after.near.places[9..], best.iter().map(|b| b.1).collect::<Vec<_>>(), "{metric:?}");
    }
}

#[test]
fn accuracy_is_measured_over_the_whole_test_set() {
    let split = strokes();
    let ask = crate::ask(Ask::Accuracy { metric: Metric::Euclidean });
    let recipe = Recipe { epochs: 4, batch: 100, ..small() };
    let events = play(GpuChoice::Off, vec![open(recipe), (opened, Command::Train), (finished, ask)]);
    let mut whole = Vec::new();
    for answer in answers(&events) {
        if let Answer::Accuracy { space, step, tally, of, near, known, .. } = answer {
            assert_eq!((step, of, tally.right.len()), (800, 4000, MOST));
            assert_eq!(near.places.is_empty(), tally.asked < 4000, "the lists come with the last part");
            if tally.asked == 4000 {
                whole.push((space, tally, near));
                assert_eq!(known, split.train.labels());
            }
        }
    }
    let [(Space::Codes, codes, _), (Space::Inputs, inputs, near)] = whole.as_slice() else { panic!("{whole:?}") };
    // Digits made by formula are near to others of their style: anything less is a mistake.
    assert!(inputs.accuracy(9) > 0.95, "{:.3} by values", inputs.accuracy(9));
    assert!(codes.accuracy(9) > 0.5 && codes.accuracy(9) < inputs.accuracy(9), "{:.3} by codes", codes.accuracy(9));
    // Some of them again, one by one.
    let rows = Rows::of(&split.train);
    let mut tally = Tally::default();
    for index in (0..4000).step_by(400) {
        let mut best = Vec::new();
        rows.scan(Metric::Euclidean, &Rows::of(&split.test).row(index), 0..rows.len(), MOST, &mut best);
        let places: Vec<u32> = best.iter().map(|&(_, place)| place).collect();
        assert_eq!(near.places[index * MOST..(index + 1) * MOST], places, "test digit {index}");
        let labels = best.iter().map(|&(_, place)| split.train.label(place as usize).unwrap());
        tally.add(split.test.label(index).unwrap(), labels);
    }
    assert_eq!(tally.asked, 10);
}

#[test]
fn a_network_of_some_rows_is_asked_about_those_rows() {
    let recipe =
        Recipe { data: "beats".into(), abnormal: Some(0.3), batch: 400, epochs: 1, encoder: vec![16], ..small() };
    let split = hourglass::data::built_in("beats", 1).unwrap();
    let part = recipe.learned_from(&split.train).unwrap();
    assert!(part.len() < split.train.len() && part.labels() != &split.train.labels()[..part.len()]);
    let test = split.test.len() as u32;
    let near = crate::ask(Ask::Neighbours { input: part.row(321).unwrap(), metric: Metric::Euclidean, k: 9 });
    let is_near: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Neighbours { .. }));
    let events = play(
        GpuChoice::Off,
        vec![
            open(recipe.clone()),
            (opened, near),
            (is_near, crate::ask(Ask::Map { space: Space::Codes, all: true })),
            (is_map, crate::ask(Ask::Pictures { indices: vec![test + 7, test + part.len() as u32] })),
        ],
    );
    let found =
        answers(&events).find_map(|a| if let Answer::Neighbours(found) = a { Some(found) } else { None }).unwrap();
    for first in [0, 9] {
        assert!(found.near.places[first] == 321 && found.near.distances[first].abs() < 1e-3, "{:?}", found.near);
    }
    for (i, &place) in found.near.places.iter().enumerate() {
        assert_eq!(found.labels[i], part.label(place as usize).unwrap());
        assert_eq!(found.inputs[i * part.width()..(i + 1) * part.width()], part.row(place as usize).unwrap());
    }
    let charts = charts(&events);
    let labels = [split.test.labels(), part.labels()].concat();
    assert_eq!((charts[0].len(), &charts[0].labels), (labels.len(), &labels));
    let pictures: Vec<_> = answers(&events)
        .filter_map(|a| if let Answer::Pictures { indices, pictures } = a { Some((indices, pictures)) } else { None })
        .collect();
    assert_eq!(pictures[0].0, [test + 7], "the second is of no row that was learned from");
    let expected = part.row(7).unwrap();
    let off = pictures[0].1.iter().zip(&expected).map(|(&byte, x)| (f32::from(byte) / 255.0 * 12.0 - 6.0 - x).abs());
    assert!(off.fold(0.0, f32::max) < 0.03, "the picture is another row's");
}
