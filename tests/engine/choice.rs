//! Which form of a kernel an adapter takes, before anything is measured and after.
use crate::kernels::learning;
use crate::wave;
use hourglass::compute::{Choice, Class, Device, Entry, Tile};
use hourglass::engine::bench::workloads::Workload;
use hourglass::kernels::dense::{DENSE, DENSE_DW, Dense};
use hourglass::nn::{Resident, Rows, Trainer, Training, Whole};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wasm_bindgen_test::wasm_bindgen_test;

fn chosen(class: Class, sizes: [u32; 3]) -> Tile {
    let choice = Choice::new(class);
    DENSE.tile(choice.form(&DENSE, sizes))
}

#[test]
fn software_takes_large_tiles_for_large_products_and_narrow_ones_for_narrow() {
    let four = Class::Software { lanes: 4, most: 1024, cores: 2 };
    let soft = |rows, cols| Tile::Registers { rows, cols, lanes: 4, group: 1 };
    assert_eq!(chosen(four, [256, 512, 784]), soft(32, 32));
    assert_eq!(chosen(four, [256, 8, 100]), soft(16, 2));
    assert_eq!(chosen(four, [1, 1, 1]), soft(4, 4));
    let hasty = Class::Software { lanes: 4, most: 256, cores: 2 };
    assert_eq!(chosen(hasty, [256, 512, 784]), soft(16, 16), "what its compiler gets through");
    let eight = Class::Software { lanes: 8, most: 256, cores: 2 };
    assert!(matches!(chosen(eight, [256, 512, 784]), Tile::Registers { lanes: 8, .. }));
}

/// Where a sum has few terms, to keep sums of a large tile costs more than to make them.
#[test]
fn software_learns_from_small_batches_row_by_row() {
    let chosen = |class, terms| DENSE_DW.tile(Choice::new(class).form(&DENSE_DW, [784, 250, terms]));
    let four = Class::Software { lanes: 4, most: 1024, cores: 2 };
    assert_eq!(chosen(four, 32), Tile::Few { rows: 64, cols: 32, lanes: 4 });
    let last = Choice::new(four).form(&DENSE_DW, [250, 784, 32]);
    assert_eq!(DENSE_DW.tile(last), Tile::Few { rows: 64, cols: 28, lanes: 4 }, "none to spare");
    for terms in [8, 33, 128] {
        assert!(matches!(chosen(four, terms), Tile::Registers { lanes: 4, .. }), "{terms} terms");
    }
    let hasty = Class::Software { lanes: 4, most: 256, cores: 2 };
    assert!(matches!(chosen(hasty, 32), Tile::Registers { .. }), "what its compiler gets through");
    assert!(!matches!(chosen(Class::Hardware, 32), Tile::Few { .. }));
    // Not even where it is insisted on: it would leave terms out.
    let mut choice = Choice::new(four);
    choice.insist(Some(|tile| matches!(tile, Tile::Few { .. })));
    let form = |terms| DENSE_DW.tile(choice.form(&DENSE_DW, [3, 3, terms]));
    assert!(matches!(form(32), Tile::Few { .. }));
    assert!(!matches!(form(33), Tile::Few { .. }));
}

/// A core that waits for another one is not asleep meanwhile.
#[test]
fn software_leaves_no_core_without_work() {
    let chosen = |cores| chosen(Class::Software { lanes: 4, most: 1024, cores }, [32, 100, 250]);
    assert_eq!(chosen(1), Tile::Registers { rows: 32, cols: 32, lanes: 4, group: 1 });
    assert_eq!(chosen(2), Tile::Registers { rows: 32, cols: 16, lanes: 4, group: 1 });
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

#[test]
fn what_is_insisted_on_counts_more() {
    let mut choice = Choice::new(Class::Hardware);
    choice.learn("dense", [3, 3, 3], 1);
    choice.insist(Some(|tile| tile == Tile::Slim));
    assert_eq!(DENSE.tile(choice.form(&DENSE, [3, 3, 3])), Tile::Slim);
    choice.insist(None);
    assert_eq!(choice.form(&DENSE, [3, 3, 3]), 1);
}

/// A GPU's tiles add up in one order, so that a clock may choose between them.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn tiles_of_a_gpu_agree_to_the_bit() {
    let (rows, inputs, outputs) = (37, 101, 70);
    for device in crate::devices().await {
        if !matches!(*device, Device::Gpu(_)) {
            continue;
        }
        let params = device.uniform(Dense { rows, inputs, outputs, at: 0, activation: 4, skip: 0 });
        let (x, weights) = (device.buffer(&wave(rows * inputs, 0)), device.buffer(&wave((inputs + 1) * outputs, 1)));
        let mut all = Vec::new();
        for (form, of) in DENSE.forms.iter().enumerate() {
            if !matches!(of.tile, Tile::Registers { group: 8, .. } | Tile::Shared { .. }) {
                continue;
            }
            let y = device.zeros((rows * outputs) as usize);
            device.run(&device.plan(vec![DENSE.call(&params, [&x, &weights], [&y]).in_form(form)]), 1);
            let bits: Vec<u32> = device.read(&y).await.unwrap().iter().map(|y| y.to_bits()).collect();
            all.push((of.tile, bits));
        }
        assert_eq!(all.len(), 5);
        for (tile, bits) in &all[1..] {
            assert!(*bits == all[0].1, "{tile:?} and {:?} differ on {}", all[0].0, device.name());
        }
    }
}

/// Software starts with small tiles, and takes others when they are compiled: no bit may tell when that was.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn forms_of_software_learn_the_same_bits() {
    for device in crate::devices().await {
        let Device::Gpu(gpu) = &*device else { continue };
        for rows in [1, 31, 32] {
            let case = learning([rows, 101, 70], 0, 3);
            let params = device.uniform(case.params);
            let reads = case.reads.each_ref().map(|read| device.buffer(read));
            let mut all = Vec::new();
            for (form, of) in DENSE_DW.forms.iter().enumerate() {
                let soft = matches!(of.tile, Tile::Registers { rows: 4 | 8, group: 1, .. } | Tile::Few { .. });
                if !soft || !gpu.compiles(of.tile) {
                    continue;
                }
                let writes = case.writes.each_ref().map(|write| device.buffer(write));
                let call = DENSE_DW.call(&params, reads.each_ref(), writes.each_ref()).in_form(form);
                device.run(&device.plan(vec![call]), 1);
                let bits: Vec<u32> = device.read(&writes[0]).await.unwrap().iter().map(|w| w.to_bits()).collect();
                all.push((of.tile, bits));
            }
            assert!(all.iter().any(|(tile, _)| matches!(tile, Tile::Few { .. })), "no row by row: {}", device.name());
            for (tile, bits) in &all[1..] {
                assert!(*bits == all[0].1, "{tile:?} and {:?} differ, {rows} rows, {}", all[0].0, device.name());
            }
        }
    }
}

/// As a GPU's, though it is software: what the trials choose is up to the clock, what the network learns is not.
#[wasm_bindgen_test(unsupported = pollster::test)]
async fn trials_choose_forms_and_change_no_result() {
    let workload = Workload::named("class").unwrap();
    for device in crate::devices().await {
        let Device::Gpu(gpu) = &*device else { continue };
        gpu.pretend(Some(Class::Hardware));
        let data = Resident::new(&device, Rows::Floats(&workload.data()), workload.widths[0]).unwrap();
        let training = || Training { batch: workload.batch, seed: 3, whole: Whole::Never, ..Training::default() };
        let mut plain = Trainer::new(device.clone(), &workload.network(), training(), &data);
        let mut tried = Trainer::new(device.clone(), &workload.network(), training(), &data);
        while !tried.wants_weighing() {
            tried.run(1);
            tried.snapshot(false).await.unwrap();
        }
        let unmeasured = gpu.measured();
        tried.weigh().await.unwrap();
        let measured = gpu.measured();
        tried.run(2);
        plain.run(tried.steps());
        let [a, b] = [plain.snapshot(true).await.unwrap(), tried.snapshot(true).await.unwrap()];
        gpu.pretend(None);
        assert_eq!(unmeasured, 0);
        assert!(measured > 0, "nothing was tried on {}", device.name());
        assert!(a.weights == b.weights, "the weights differ on {}", device.name());
    }
}
