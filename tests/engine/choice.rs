//! Which form of a kernel an adapter takes before anything is measured.
use hourglass::compute::{Choice, Class, Entry, Tile};
use hourglass::kernels::dense::DENSE;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn chosen(class: Class, sizes: [u32; 3]) -> Tile {
    let choice = Choice::new(class);
    DENSE.tile(choice.form(&DENSE, sizes))
}

#[test]
fn software_takes_large_tiles_for_large_products_and_narrow_ones_for_narrow() {
    let four = Class::Software { lanes: 4 };
    let soft = |rows, cols| Tile::Registers { rows, cols, lanes: 4, group: 1 };
    assert_eq!(chosen(four, [256, 512, 784]), soft(16, 16));
    assert_eq!(chosen(four, [256, 8, 100]), soft(16, 2));
    assert_eq!(chosen(four, [1, 1, 1]), soft(4, 4));
    let eight = Class::Software { lanes: 8 };
    assert!(matches!(chosen(eight, [256, 512, 784]), Tile::Registers { lanes: 8, .. }));
}

#[test]
fn gpus_share_memory_and_split_long_sums() {
    assert!(matches!(chosen(Class::Hardware, [256, 512, 784]), Tile::Shared { .. }));
    assert_eq!(chosen(Class::Hardware, [1, 10, 784]), Tile::Slim);
}

#[test]
fn what_was_measured_counts() {
    let mut choice = Choice::new(Class::Hardware);
    choice.learn("dense", [3, 3, 3], 1);
    assert_eq!(choice.form(&DENSE, [3, 3, 3]), 1);
    assert_ne!(choice.form(&DENSE, [3, 3, 4]), 1);
    assert_eq!(choice.candidates(&DENSE, [256, 512, 784], 3).len(), 3);
}
