//! The networks that speed is measured on learn as PyTorch's do, by every form of the kernels: a fast step that is
//! wrong is worth nothing. `tests/torch/workloads.py` prints the losses, in f64: PyTorch's own f32 strays further from
//! them than is allowed here.
use hourglass::compute::{Device, Tile};
use hourglass::engine::bench::workloads::Workload;
use hourglass::nn::{Resident, Rows, Trainer, Training, Whole};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;

/// A name, and which forms belong to it.
type Family = (&'static str, fn(Tile) -> bool);

const STEPS: usize = 24;
const LOSSES: [(&str, [f32; STEPS]); 4] = [
    // mnist, PyTorch 2.15.0+cu132
    (
        "mnist",
        [
            0.1057525, 0.1031664, 0.1027728, 0.1005628, 0.0989737, 0.0976630, 0.0919624, 0.0825829, 0.0759143,
            0.0668326, 0.0616607, 0.0575308, 0.0479841, 0.0474368, 0.0355407, 0.0354799, 0.0283423, 0.0242006,
            0.0221427, 0.0163518, 0.0163830, 0.0128115, 0.0106583, 0.0106259,
        ],
    ),
    // class, PyTorch 2.15.0+cu132
    (
        "class",
        [
            0.1065092, 0.1062285, 0.1003412, 0.1049281, 0.1028033, 0.1017212, 0.1001842, 0.0989867, 0.0989582,
            0.0966798, 0.0991236, 0.0946875, 0.0922691, 0.0918710, 0.0846570, 0.0818099, 0.0815255, 0.0772670,
            0.0740957, 0.0697756, 0.0639482, 0.0611081, 0.0565536, 0.0531947,
        ],
    ),
    // ecg, PyTorch 2.15.0+cu132
    (
        "ecg",
        [
            0.1026277, 0.1031097, 0.1046536, 0.1048813, 0.1063047, 0.1002594, 0.1041837, 0.1076505, 0.1029661,
            0.1061772, 0.1026466, 0.1030727, 0.1020637, 0.1054546, 0.1030366, 0.0988991, 0.1044212, 0.1070763,
            0.1025889, 0.1039091, 0.1002583, 0.1019038, 0.1007434, 0.1029183,
        ],
    ),
    // lab, PyTorch 2.15.0+cu132
    (
        "lab",
        [
            0.1029633, 0.1080356, 0.1025468, 0.1023429, 0.1042205, 0.1002544, 0.1051145, 0.1059566, 0.0983990,
            0.0985962, 0.0902946, 0.0920790, 0.0946838, 0.0958685, 0.0904891, 0.0920000, 0.0876719, 0.0854669,
            0.0830487, 0.0773945, 0.0715717, 0.0704413, 0.0654737, 0.0650576,
        ],
    ),
];

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_large_network_learns_as_in_pytorch() {
    for device in crate::devices().await {
        learns(&device, "mnist", Whole::Never, "the chosen forms").await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn the_others_learn_as_in_pytorch() {
    for device in crate::devices().await {
        for name in ["class", "ecg", "lab"] {
            learns(&device, name, Whole::Never, "the chosen forms").await;
        }
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn whole_steps_learn_as_in_pytorch() {
    for device in crate::devices().await {
        learns(&device, "ecg", Whole::Always, "whole steps").await;
        learns(&device, "ecg", Whole::Quads, "whole steps by vectors").await;
        learns(&device, "ecg", Whole::Parted, "whole steps in two calls").await;
    }
}

#[wasm_bindgen_test(unsupported = pollster::test)]
async fn every_form_learns_as_in_pytorch() {
    let forms: [Family; 5] = [
        ("plain", |tile| tile == Tile::Plain),
        ("registers", |tile| matches!(tile, Tile::Registers { rows: 4, cols: 4, .. })),
        ("shared", |tile| matches!(tile, Tile::Shared { .. })),
        ("slim", |tile| tile == Tile::Slim),
        ("few", |tile| matches!(tile, Tile::Few { .. })),
    ];
    for device in crate::devices().await {
        let Device::Gpu(gpu) = &*device else { continue };
        for (form, only) in forms {
            gpu.insist(Some(only));
            let names: &[&str] = match form {
                // It would take minutes for larger networks.
                "plain" => &["ecg"],
                // Made for small batches.
                "few" => &["lab"],
                // A browser's software would take minutes for the large networks, and for one of groups that small.
                "slim" if cfg!(target_arch = "wasm32") => &["ecg"],
                _ if cfg!(target_arch = "wasm32") => &["ecg", "lab"],
                _ => &["ecg", "lab", "class", "mnist"],
            };
            for name in names {
                learns(&device, name, Whole::Never, form).await;
            }
        }
        gpu.insist(None);
    }
}

/// 24 steps: the first loss to six digits, the last to four. Nearly everywhere all agree to seven; but where a sum lies
/// within its rounding of ReLU's kink, a device may take the other side, and from there on goes its own way (the lab's
/// network on SwiftShader from the 5th step, the large one in PyTorch's own f32 from the 3rd).
async fn learns(device: &Rc<Device>, name: &str, whole: Whole, how: &str) {
    let workload = Workload::named(name).unwrap();
    let expected = LOSSES.iter().find(|(other, _)| *other == name).unwrap().1;
    let data = Resident::new(device, Rows::Floats(&workload.data()), workload.widths[0]).unwrap();
    let training = Training { batch: workload.batch, epsilon: 1e-7, shuffle: false, whole, ..Training::default() };
    let mut trainer = Trainer::new(device.clone(), &workload.network(), training, &data);
    trainer.load(&workload.weights());
    let mut losses = Vec::new();
    while losses.len() < STEPS {
        // A few at a time: a submit must not take long, whatever the device.
        trainer.run(1);
        losses.extend(trainer.snapshot(false).await.unwrap().losses);
    }
    for (step, (&got, expected)) in losses.iter().zip(expected).enumerate() {
        let bound = match step {
            0 => 1e-6,
            _ if step + 1 == STEPS => 1e-4,
            _ => 3e-4,
        };
        let close = (got - expected).abs() <= bound;
        assert!(close, "{name}, {how}, on {}: loss {} is {got}, in PyTorch {expected}", device.name(), step + 1);
    }
}
