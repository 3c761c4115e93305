//! Exactly so many steps, in file order, from given weights, through the command line as it is built: what anybody can
//! hold against their own gradients. `tests/torch/step.py` does the same against autograd.
use hourglass::compute::Device;
use hourglass::lessons::Recipe;
use hourglass::lessons::recipe::{Loss, Noise, Optimiser};
use hourglass::nn::checkpoint::{self, Precision};
use hourglass::nn::spec::NetworkSpec;
use hourglass::nn::{Resident, Rows, Trainer, Training, first_weights};
use safetensors::SafeTensors;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

const ROWS: usize = 40;
const SIDE: usize = 6;
/// (w_before - w_after) / lr is the gradient; at this rate the step is so long that rounding takes little of it.
const LONG: f32 = 16_384.0;

/// A network, data and first weights as files.
struct Bench {
    folder: tempfile::TempDir,
    recipe: Recipe,
    spec: NetworkSpec,
    data: Vec<u8>,
    first: Vec<f32>,
}

impl Bench {
    fn new(recipe: Recipe) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = recipe.network((SIDE * SIDE) as u32, true).unwrap();
        let bytes = |v: &f32| (v.abs() * 255.0) as u8;
        let data: Vec<u8> = crate::wave((ROWS * SIDE * SIDE) as u32, 3).iter().map(bytes).collect();
        let mut idx = vec![0, 0, 8, 3];
        for side in [ROWS, SIDE, SIDE] {
            idx.extend((side as u32).to_be_bytes());
        }
        idx.extend(&data);
        let mut first = first_weights(&spec, recipe.init, 99);
        // Biases that are all zero would hide which is whose.
        for (w, shift) in first.iter_mut().zip(crate::wave(spec.parameters() as u32, 1)) {
            *w += 0.05 * shift;
        }
        fs::write(folder.path().join("data.idx"), idx).unwrap();
        fs::write(folder.path().join("recipe.json"), serde_json::to_vec(&recipe).unwrap()).unwrap();
        let weights = checkpoint::write(&spec, &first, Precision::F32, HashMap::new()).unwrap();
        fs::write(folder.path().join("first.safetensors"), weights).unwrap();
        Self { folder, recipe, spec, data, first }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The tensors after so many steps of the command line.
    fn trained(&self, steps: u32, rate: f32, device: &str) -> HashMap<String, Vec<f32>> {
        let out = self.path(&format!("{device}.safetensors"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_hourglass"));
        command.args(["train", "--order", "file", "--device", device]);
        command.args(["--steps", &steps.to_string(), "--rate", &rate.to_string()]);
        command.arg("--data").arg(self.path("data.idx")).arg("--recipe").arg(self.path("recipe.json"));
        command.arg("--init").arg(self.path("first.safetensors")).arg("--out").arg(&out);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        tensors(&out)
    }

    /// The same in f64.
    async fn exactly(&self, steps: u32, rate: f32) -> HashMap<String, Vec<f32>> {
        let device = Rc::new(Device::Exact);
        let training = Training { rate, shuffle: false, ..self.recipe.training(SIDE as u32) };
        let data = Resident::new(&device, Rows::Bytes(&self.data), (SIDE * SIDE) as u32).unwrap();
        let mut trainer = Trainer::new(device, &self.spec, training, &data);
        trainer.load(&self.first);
        trainer.run(steps);
        let values = trainer.state().await.unwrap().values;
        let path = self.path("exact.safetensors");
        let file = checkpoint::write(&self.spec, &values, Precision::F32, HashMap::new()).unwrap();
        fs::write(&path, file).unwrap();
        tensors(&path)
    }
}

/// What the header of a file of weights says.
fn said(path: &Path) -> (Recipe, HashMap<String, String>) {
    let said = checkpoint::metadata(&fs::read(path).unwrap()).unwrap();
    (serde_json::from_str(&said["recipe"]).unwrap(), said)
}

fn tensors(path: &Path) -> HashMap<String, Vec<f32>> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |data: &[u8]| data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    file.tensors().into_iter().map(|(name, view)| (name, floats(view.data()))).collect()
}

#[pollster::test]
async fn one_long_step_of_sgd_is_the_gradient() {
    for loss in [Loss::Mse, Loss::Bce] {
        let batch = ROWS as u32;
        let recipe =
            Recipe { encoder: vec![9], z: 3, loss, optimiser: Optimiser::Sgd, batch, epochs: 1, ..Recipe::default() };
        let bench = Bench::new(recipe);
        let first = tensors(&bench.path("first.safetensors"));
        let exact = bench.exactly(1, LONG).await;
        for device in ["cpu", "gpu"] {
            let after = bench.trained(1, LONG, device);
            assert_eq!(after.len(), 8);
            for (name, after) in &after {
                let gradient = |after: &[f32]| -> Vec<f32> {
                    first[name].iter().zip(after).map(|(w, v)| (w - v) / LONG).collect()
                };
                let (got, expected) = (gradient(after), gradient(&exact[name]));
                let largest = expected.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
                assert!(largest > 1e-5, "{name} has no gradient to speak of: {largest}");
                let off = got.iter().zip(&expected).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
                assert!(off <= 1e-4 * largest, "{name}, {loss:?} on {device}: off by {off} of {largest}");
            }
        }
    }
}

#[pollster::test]
async fn a_hundred_steps_of_adam_stay_where_exact_ones_go() {
    // Batches that go past the end of the file and begin it again.
    let recipe = Recipe { encoder: vec![9], z: 3, batch: 16, epochs: 1, ..Recipe::default() };
    let rate = recipe.learning_rate;
    let bench = Bench::new(recipe);
    let first = tensors(&bench.path("first.safetensors"));
    let exact = bench.exactly(100, rate).await;
    for device in ["cpu", "gpu"] {
        for (name, after) in &bench.trained(100, rate, device) {
            let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
            assert!(apart(&first[name], after) > 0.01, "{name} hardly moved");
            let off = apart(&exact[name], after);
            assert!(off <= 1e-3, "{name} on {device} is off by {off}");
        }
    }
}

#[test]
fn in_file_order_nothing_is_left_to_chance() {
    let plain = Recipe { encoder: vec![9], z: 3, batch: 16, epochs: 1, ..Recipe::default() };
    let noisy = Recipe { noise: Noise::Gaussian { sd: 0.5 }, variational: Some(1.0), ..plain.clone() };
    let [plain, noisy] = [plain, noisy].map(Bench::new);
    assert_eq!(noisy.trained(20, 0.01, "cpu"), plain.trained(20, 0.01, "cpu"));
    let (recipe, _) = said(&noisy.path("cpu.safetensors"));
    assert_eq!((recipe.noise, recipe.variational), (Noise::None, None), "what it says is what was done");
}

#[test]
fn weights_say_the_learning_rate_that_they_learned_at() {
    let bench = Bench::new(Recipe { encoder: vec![9], z: 3, epochs: 1, ..Recipe::default() });
    let path = bench.path("cpu.safetensors");
    bench.trained(1, 0.25, "cpu");
    let (recipe, header) = said(&path);
    assert_eq!((recipe.learning_rate, header.get("rate")), (0.25, None));
    // Beyond what a recipe may have: a page would refuse it.
    bench.trained(1, LONG, "cpu");
    let (recipe, header) = said(&path);
    assert_eq!((recipe.learning_rate, header["rate"].as_str()), (bench.recipe.learning_rate, "16384"));
}
