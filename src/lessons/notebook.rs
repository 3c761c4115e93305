//! A notebook that goes on in PyTorch where the page ends: it loads the weights and repeats the evaluation.
use super::own::file_of;
use super::recipe::{Loss, Recipe};
use crate::data::{Kind, source};
use crate::nn::spec::{Activation, NetworkSpec};
use serde_json::{Value, json};
use std::fmt::Write;

/// The file that the notebook looks for beside itself.
pub const WEIGHTS: &str = "hourglass.safetensors";

/// What the page measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Steps of training.
    pub step: u32,
    /// The mean loss over the test set.
    pub test: f32,
    /// Inputs of the test set.
    pub inputs: u32,
}

/// The notebook, in Jupyter's format (nbformat 4.5).
pub fn notebook(recipe: &Recipe, spec: &NetworkSpec, measured: Measured) -> String {
    let cells: Vec<Value> = cells(recipe, spec, measured)
        .into_iter()
        .enumerate()
        .map(|(i, (kind, text))| {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let mut cell =
                json!({ "cell_type": kind, "id": format!("hourglass-{i}"), "metadata": {}, "source": lines });
            if kind == "code" {
                cell["execution_count"] = Value::Null;
                cell["outputs"] = json!([]);
            }
            cell
        })
        .collect();
    let python = json!({ "display_name": "Python 3", "language": "python", "name": "python3" });
    let book = json!({ "cells": cells, "metadata": { "kernelspec": python }, "nbformat": 4, "nbformat_minor": 5 });
    format!("{book:#}\n")
}

/// The same as a program.
pub fn program(recipe: &Recipe, spec: &NetworkSpec, measured: Measured) -> String {
    let parts = cells(recipe, spec, measured).into_iter().map(|(kind, text)| match kind {
        "code" => text,
        _ => text.lines().map(|line| format!("# {line}\n")).collect(),
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn cells(recipe: &Recipe, spec: &NetworkSpec, measured: Measured) -> Vec<(&'static str, String)> {
    let Measured { step, test, inputs } = measured;
    let widths: Vec<String> = spec.widths().iter().map(u32::to_string).collect();
    let title = source(&recipe.data).map_or(recipe.data.as_str(), |source| source.title);
    let intro = format!(
        "An autoencoder {} on {title}, trained in Hourglass for {step} steps.\n\nIt needs `{WEIGHTS}` beside it, and \
         `pip install torch safetensors numpy`.\n",
        widths.join("–")
    );
    let network = format!(
        "import torch\nfrom torch import nn\nfrom safetensors.torch import load_file\n\nencoder = nn.Sequential(\n{})\n\
         decoder = nn.Sequential(\n{})\nmodel = nn.ModuleDict({{\"encoder\": encoder, \"decoder\": decoder}})\n\
         model.load_state_dict(load_file(\"{WEIGHTS}\"), strict=True)\nmodel.eval()\nprint(sum(p.numel() for p in \
         model.parameters()), \"parameters\")\n",
        modules(spec, 0..spec.encoder),
        modules(spec, spec.encoder..spec.layers.len()),
    );
    let mut cells = vec![("markdown", intro), ("code", network)];
    let Some(reader) = reader(recipe) else {
        let why = match file_of(&recipe.data) {
            Some(file) => format!("The data are your own file “{file}…”, as the page divided and scaled it"),
            None => format!("{title} are made by the page and are no file"),
        };
        cells.push((
            "markdown",
            format!(
                "{why}, so the evaluation is not repeated here. The page found a mean loss of {test:.6} over {inputs} \
                 inputs.\n"
            ),
        ));
        return cells;
    };
    let loss = match recipe.loss {
        Loss::Mse => "nn.functional.mse_loss",
        Loss::Bce => "nn.functional.binary_cross_entropy",
    };
    cells.push(("code", reader));
    cells.push((
        "code",
        format!(
            "with torch.no_grad():\n    z = encoder(x)\n    y = decoder(z)\n    loss = {loss}(y, x).item()\n\
             print(f\"test loss here {{loss:.6f}}, in Hourglass {test:.6}, over {{len(x)}} inputs\")\n\
             assert len(x) == {inputs} and abs(loss - {test}) < 1e-5 + 1e-4 * abs(loss)\n"
        ),
    ));
    let widest = format!(
        "To go on training, wherever there is more to compute with:\n\n```python\noptimiser = torch.optim.{}\n\
         for step in range(1000):\n    batch = x[torch.randint(len(x), ({},))]  # better: of the training set\n    \
         loss = {loss}(decoder(encoder(batch)), batch)\n    optimiser.zero_grad()\n    loss.backward()\n    \
         optimiser.step()\n```\n",
        optimiser(recipe),
        recipe.batch
    );
    cells.push(("markdown", widest));
    cells
}

/// `nn.Linear(784, 250), nn.ReLU(), …`, a layer per line, the activations where `nn.Sequential` counts them.
fn modules(spec: &NetworkSpec, range: std::ops::Range<usize>) -> String {
    let last = range.end - 1;
    let mut text = String::new();
    for i in range {
        let layer = &spec.layers[i];
        let activation = match layer.activation {
            // After the last layer there is nothing that would be counted.
            Activation::Identity if i == last => "",
            Activation::Identity => " nn.Identity(),",
            Activation::Relu => " nn.ReLU(),",
            Activation::LeakyRelu => " nn.LeakyReLU(0.01),",
            Activation::Tanh => " nn.Tanh(),",
            Activation::Sigmoid => " nn.Sigmoid(),",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    nn.Linear({}, {}),{activation}", layer.inputs, layer.outputs);
    }
    text
}

fn optimiser(recipe: &Recipe) -> String {
    use super::recipe::Optimiser;
    let rate = recipe.learning_rate;
    match recipe.optimiser {
        Optimiser::Sgd => format!("SGD(model.parameters(), lr={rate})"),
        Optimiser::Momentum => format!("SGD(model.parameters(), lr={rate}, momentum=0.9)"),
        Optimiser::Adam => format!("Adam(model.parameters(), lr={rate})"),
    }
}

/// Reads the test set into `x`. `None`: there is no file of it.
fn reader(recipe: &Recipe) -> Option<String> {
    let source = source(&recipe.data)?;
    let Kind::Files { folder, .. } = source.kind else { return None };
    let start = format!(
        "import gzip, os\nfrom pathlib import Path\nimport numpy as np\n\n# A folder that has {folder}/.\n\
         folder = Path(os.environ.get(\"HOURGLASS_DATA\", \".\")) / \"{folder}\"\n"
    );
    let read = if source.unit {
        "pixels = gzip.open(folder / \"t10k-images-idx3-ubyte.gz\").read()[16:]\n\
         x = torch.from_numpy(np.frombuffer(pixels, np.uint8).reshape(-1, 784).astype(np.float32) / 255)\n"
    } else {
        "table = np.loadtxt(folder / \"ECG5000_TEST.txt\", dtype=np.float32)\n\
         x = torch.from_numpy(table[:, 1:].copy())  # the first column is the class\n"
    };
    Some(start + read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Measured = Measured { step: 300, test: 0.0123, inputs: 10_000 };

    fn of(recipe: &Recipe, inputs: u32, unit: bool) -> (Value, String) {
        let spec = recipe.network(inputs, unit).expect("good");
        let book = serde_json::from_str(&notebook(recipe, &spec, MEASURED)).expect("a notebook is JSON");
        (book, program(recipe, &spec, MEASURED))
    }

    #[test]
    fn it_builds_the_network_and_names_the_pages_figure() {
        let (book, program) = of(&Recipe::default(), 784, true);
        let cells = book["cells"].as_array().expect("cells");
        assert!(cells.len() >= 4 && cells.iter().all(|cell| cell["id"].is_string() && cell["source"].is_array()));
        assert!(program.contains(
            "    nn.Linear(100, 10),\n)\ndecoder = nn.Sequential(\n    nn.Linear(10, 100), nn.ReLU(),\n    nn.Linear(100, 250), \
             nn.ReLU(),\n    nn.Linear(250, 784), nn.Sigmoid(),\n)\n"
        ));
        assert!(program.contains("len(x) == 10000 and abs(loss - 0.0123)"), "{program}");
        assert!(program.contains("\"mnist\"") && program.contains("mse_loss"));
    }

    #[test]
    fn other_data_are_read_from_their_own_files_or_not_at_all() {
        let heartbeats = Recipe { data: "ecg5000".into(), ..Recipe::default() };
        assert!(of(&heartbeats, 140, false).1.contains("ECG5000_TEST.txt"));
        let made = Recipe { data: "strokes".into(), loss: Loss::Bce, ..Recipe::default() };
        let (book, program) = of(&made, 784, true);
        assert_eq!(book["cells"].as_array().map(Vec::len), Some(3));
        assert!(!program.contains("HOURGLASS_DATA") && program.contains("0.012300"));
    }
}
