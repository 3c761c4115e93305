//! Data sets on devices: whose memory they are read from.
use hourglass::compute::{Device, Held, Words};
use hourglass::data::{Dataset, Shape, Values};
use hourglass::nn::{Resident, Rows};
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn set(values: Values, cols: usize) -> Dataset {
    Dataset::new("own", "Own", Shape { rows: 1, cols }, values, Vec::new(), Vec::new()).unwrap()
}

fn words(resident: &Resident) -> &[u32] {
    match resident.words() {
        Words::Processor(words) => (**words).as_ref(),
        Words::Gpu(_) => panic!("these are not on a GPU"),
    }
}

fn held(set: &Dataset) -> Option<Held> {
    set.words().map(|words| Rc::new(words) as Held)
}

#[test]
fn a_processor_reads_whole_words_where_they_are() {
    let pictures = set(Values::Bytes((0..24).collect()), 12);
    let Values::Bytes(bytes) = pictures.values() else { panic!("bytes") };
    let there = Resident::held(&Device::Processor, Rows::Bytes(bytes), 12, held(&pictures)).unwrap();
    assert_eq!(words(&there).as_ptr().cast(), bytes.as_ptr());
    assert_eq!(words(&there)[..2], [0x0302_0100, 0x0706_0504]);
    let copied = Resident::new(&Device::Processor, Rows::Bytes(bytes), 12).unwrap();
    assert_eq!(words(&copied), words(&there));
    let series = set(Values::Floats(vec![0.5, -1.0, 2.0]), 3);
    let Values::Floats(floats) = series.values() else { panic!("floats") };
    let there = Resident::held(&Device::Processor, Rows::Floats(floats), 3, held(&series)).unwrap();
    assert_eq!(words(&there).as_ptr().cast(), floats.as_ptr());
    // The data set may go first.
    drop(series);
    assert_eq!(words(&there), [0.5f32, -1.0, 2.0].map(f32::to_bits));
}

#[test]
fn what_is_no_whole_words_is_copied() {
    let odd = set(Values::Bytes(vec![1, 2, 3, 4, 5, 6]), 3);
    assert!(odd.words().is_none());
    let Values::Bytes(bytes) = odd.values() else { panic!("bytes") };
    let copied = Resident::held(&Device::Processor, Rows::Bytes(bytes), 3, held(&odd)).unwrap();
    assert_eq!(words(&copied), [0x0403_0201, 0x0605]);
}

#[test]
fn another_set_of_the_same_size_is_not_taken_for_it() {
    let [one, other] = [1, 2].map(|value| set(Values::Bytes(vec![value; 8]), 4));
    let Values::Bytes(bytes) = one.values() else { panic!("bytes") };
    let there = Resident::held(&Device::Processor, Rows::Bytes(bytes), 4, held(&other)).unwrap();
    assert_eq!(words(&there), [0x0101_0101; 2]);
}
