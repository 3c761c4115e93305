//! What is written is read, and what is changed on the way is read or refused with a reason; never a panic.
use super::parsers::Parser;
use super::seeds;
use hourglass::data::csv::Reading;
use hourglass::data::png;
use hourglass::engine::keeping::Record;
use hourglass::engine::protocol::Card;
use hourglass::lessons::Recipe;
use hourglass::lessons::compress::Quantiser;
use hourglass::lessons::compress::file::Compressed;
use hourglass::lessons::draw::{self, Dot};
use hourglass::nn::State;
use hourglass::nn::checkpoint::{self, Precision};
use hourglass::nn::spec::{Activation, LayerSpec, NetworkSpec};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::HashMap;
use std::rc::Rc;

/// One thing that can happen to a file.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Twice(Index, Index),
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<Index>(), 1u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        1 => any::<Index>().prop_map(Change::Cut),
        2 => (any::<Index>(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => any::<[Index; 2]>().prop_map(|[a, b]| Change::Remove(a, b)),
        1 => any::<[Index; 2]>().prop_map(|[a, b]| Change::Twice(a, b)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let ordered = |a: &Index, b: &Index| at(a).min(at(b))..at(a).max(at(b));
        match change {
            Change::Flip(index, bits) => {
                let place = at(index);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= bits;
                }
            }
            Change::Cut(index) => bytes.truncate(at(index)),
            Change::Insert(index, new) => {
                let place = at(index);
                bytes.splice(place..place, new.iter().copied());
            }
            Change::Remove(a, b) => drop(bytes.drain(ordered(a, b))),
            Change::Twice(a, b) => {
                let part = bytes[ordered(a, b)].to_vec();
                bytes.extend(part);
            }
        }
    }
    bytes
}

fn any_layers() -> impl Strategy<Value = NetworkSpec> {
    (vec(1u32..6, 2..5), select(&Activation::ALL[..])).prop_map(|(widths, activation)| {
        let layers: Vec<LayerSpec> =
            widths.windows(2).map(|pair| LayerSpec { inputs: pair[0], outputs: pair[1], activation }).collect();
        NetworkSpec { encoder: layers.len() / 2, layers }
    })
}

fn finite() -> impl Strategy<Value = f32> {
    any::<f32>().prop_filter("a number", |value| value.is_finite())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_changed_file_is_read_or_refused(parser in select(&Parser::ALL[..]), seed in any::<Index>(), changes in vec(any_change(), 1..6)) {
        let mut all = seeds::of(parser);
        let (_, bytes) = all.swap_remove(seed.index(all.len()));
        pollster::block_on(parser.check(&changed(bytes, &changes)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(parser in select(&Parser::ALL[..]), bytes in vec(any::<u8>(), 0..400)) {
        pollster::block_on(parser.check(&bytes));
    }
}

proptest! {
    #[test]
    fn a_table_is_read_as_it_was_written(
        rows in vec((select(&["a", "b", "ü", "7"][..]), vec(finite(), 3)), 1..9),
        separator in select(&[",", ";", "\t"][..]),
        end in select(&["\n", "\r\n"][..]),
    ) {
        let header = ["label", "x", "y", "z"].join(separator);
        let lines = rows.iter().map(|(class, values)| {
            let values = values.iter().map(f32::to_string);
            [(*class).to_owned()].into_iter().chain(values).collect::<Vec<_>>().join(separator)
        });
        let text = [header].into_iter().chain(lines).collect::<Vec<_>>().join(end);
        let table = Reading::new(text.into_bytes()).finish().expect("good");
        let names: Vec<&str> = table.labels.iter().map(|&label| table.classes[usize::from(label)].as_str()).collect();
        prop_assert_eq!(names, rows.iter().map(|(class, _)| *class).collect::<Vec<_>>());
        prop_assert_eq!(table.values, rows.into_iter().flat_map(|(_, values)| values).collect::<Vec<_>>());
    }

    #[test]
    fn a_picture_is_read_as_it_was_written(rows in 1u32..40, cols in 1u32..40, seed in any::<u8>()) {
        let pixels: Vec<u8> = (0..rows * cols).map(|i| (i * i) as u8 ^ seed).collect();
        let read = png::read(&png::grey(rows, cols, &pixels).expect("good")).expect("our own");
        prop_assert_eq!((read.rows, read.cols, read.pixels), (rows, cols, pixels));
    }

    #[test]
    fn weights_are_read_as_they_were_written(spec in any_layers(), values in vec(finite(), 125), note in "\\PC{0,20}") {
        let values = &values[..spec.parameters()];
        let metadata = HashMap::from([("note".to_owned(), note)]);
        let file = checkpoint::write(&spec, values, Precision::F32, metadata.clone()).expect("they fit");
        prop_assert_eq!(checkpoint::read(&file, &spec).expect("our own"), values);
        prop_assert_eq!(checkpoint::metadata(&file).expect("our own"), metadata);
        let wider = NetworkSpec { layers: [spec.layers.clone(), spec.layers.clone()].concat(), ..spec };
        prop_assert!(checkpoint::read(&file, &wider).is_err());
    }

    #[test]
    fn compressed_inputs_are_read_as_they_were_written(
        spec in any_layers(), values in vec(-9.0f32..9.0, 125), bits in 1u32..9, count in 1u32..20, first in any::<u32>(), unit in any::<bool>(),
    ) {
        let decoder = NetworkSpec { encoder: 0, ..spec };
        let (z, outputs) = (decoder.inputs(), decoder.layers.last().expect("layers").outputs);
        let quantiser = Quantiser { bits, ranges: vec![[-9.0, 9.0]; z as usize] };
        let codes: Vec<f32> = values.iter().cycle().take((count * z) as usize).copied().collect();
        let file = Compressed {
            data: "strokes".into(),
            first,
            count,
            shape: (1, outputs),
            unit,
            packed: quantiser.pack(&codes),
            quantiser,
            weights: values[..decoder.parameters()].to_vec(),
            decoder,
            half: false,
        };
        let read = Compressed::read(&file.write().expect("small"));
        prop_assert_eq!(read.as_ref(), Ok(&file));
        prop_assert_eq!(&file.first_codes(3)[..], &file.codes()[..(3.min(count) * z) as usize]);
        // A level is never further than half of its width from what it stands for.
        let far = codes.iter().zip(file.codes()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        prop_assert!(far <= 9.0 / (1 << bits) as f32 * 1.001, "{}", far);
    }

    #[test]
    fn a_run_is_read_as_it_was_kept(values in vec(finite(), 0..40), name in prop::option::of("\\PC{0,9}"), drawing in vec(any::<u8>(), 0..40)) {
        let card = Card {
            id: "a".into(),
            name,
            recipe: Recipe::default(),
            before: 1,
            step: 2,
            when: 3.0,
            seconds: 4.0,
            curve: Vec::new(),
        };
        let record = Record { card, state: Rc::new(State::at_first(values)), drawing };
        prop_assert_eq!(Record::read(&record.bytes()), Ok(record));
    }

    #[test]
    fn any_way_of_a_pen_gives_a_digit(dots in vec((any::<f32>(), any::<f32>(), any::<f32>()), 1..9)) {
        let stroke = dots.into_iter().map(|(x, y, width)| Dot { x, y, width }).collect();
        let digit = draw::digit(&[stroke]);
        prop_assert!(digit.len() == 784 && digit.iter().all(|ink| (0.0..=1.0).contains(ink)));
    }
}
