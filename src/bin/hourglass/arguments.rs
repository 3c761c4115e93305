//! What the command line understands.
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use hourglass::engine::bench::report;
use hourglass::nn::trainer::MOST_STEPS;
use std::path::PathBuf;

/// Trains and uses autoencoders: the engine of the Hourglass page, natively.
#[derive(Parser)]
#[command(name = "hourglass", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Results for programs on standard output, as JSON: of a command that writes a file, what is in it.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Train a network and keep its weights.
    Train(Train),
    /// The reconstruction error of weights over a test set.
    Evaluate(Evaluate),
    /// Reconstructions as CSV: index, label, values.
    Reconstruct(Rows),
    /// Latent codes as CSV: index, label, z0, z1, ...
    Encode(Rows),
    /// The nearest training inputs of every test input as CSV, and how often their vote is right.
    Neighbours(Neighbours),
    /// Put the public data sets into a site's folder, checked against their published sums.
    Data(Data),
    /// From latent codes (CSV with columns z0, z1, ...) to values as CSV.
    Decode(Decode),
    /// Compress inputs into a file that holds their codes and the decoder.
    Compress(Compress),
    /// Decode a file of compressed inputs, of this program or the page.
    Decompress(Decompress),
    /// How fast this machine trains: four networks beside the floor that follows from what it can do at most, and products.
    Bench(Bench),
}

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum On {
    /// A GPU if there is a real one, else the processor.
    Auto,
    /// The GPU, software or not; an error if there is none.
    Gpu,
    /// The processor.
    Cpu,
}

/// In which order a run sees its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// Another random order each epoch, from the seed.
    Shuffled,
    /// As in the file.
    File,
}

/// Which half of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// What was never learnt from.
    Test,
    /// What was learnt from.
    Train,
}

/// What makes inputs near.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Their codes.
    Codes,
    /// Their own values: pixels.
    Values,
}

/// Train a network and keep its weights.
#[derive(Args)]
pub struct Train {
    /// A lesson by its name in addresses (`studio`, `heartbeats`), `lab` (the lecture's notebook) or a JSON file.
    #[arg(long, default_value = "studio")]
    pub recipe: String,
    /// Instead of the recipe's data set: another one's slug, or a file: IDX (.gz too), UCR text, CSV of pictures, or a PNG
    /// sheet, cut as `sheet.png:28x28` says. Several that belong together have commas between: pictures and their labels,
    /// or those called train and those called test.
    #[arg(long)]
    pub data: Option<String>,
    /// Instead of weights from the seed: a safetensors file.
    #[arg(long)]
    pub init: Option<PathBuf>,
    /// Exactly so many steps, instead of the recipe's epochs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(..=i64::from(MOST_STEPS)))]
    pub steps: Option<u32>,
    /// In which order. In that of the file nothing is left to chance: without the recipe's noise and random codes.
    #[arg(long, value_enum, default_value = "shuffled")]
    pub order: Order,
    /// Instead of the recipe's learning rate: any finite number above 0.
    #[arg(long)]
    pub rate: Option<f32>,
    /// Instead of the recipe's z.
    #[arg(long)]
    pub z: Option<u32>,
    /// Instead of the recipe's hidden layers: widths with commas between.
    #[arg(long, value_delimiter = ',')]
    pub encoder: Option<Vec<u32>>,
    /// Instead of the recipe's epochs.
    #[arg(long)]
    pub epochs: Option<u32>,
    /// Instead of the recipe's seed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Learn from rows of class 0 and so many others, 0 to 0.7 of all; without it as the recipe says.
    #[arg(long)]
    pub abnormal: Option<f32>,
    /// Where the weights go (safetensors).
    #[arg(long)]
    pub out: PathBuf,
    /// Store them as f16: half of the size.
    #[arg(long)]
    pub f16: bool,
    /// Keep so many bits of each mantissa: the others become zeros, which a server's compression takes away.
    #[arg(long, requires = "f16", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub bits: Option<u32>,
    /// Enter them into `models.json` beside the file, for the page to find.
    #[arg(long)]
    pub ship: bool,
    /// Where the curve goes: step,epoch,train_loss,test_loss,learning_rate,seconds.
    #[arg(long)]
    pub curve: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Weights, and where to try them.
#[derive(Args)]
pub struct Evaluate {
    /// A safetensors file that `hourglass train` or the page wrote.
    #[arg(long)]
    pub weights: PathBuf,
    /// Instead of the test set of its recipe: another slug or a file.
    #[arg(long)]
    pub data: Option<String>,
    /// Each input's error as CSV: index,label,error.
    #[arg(long)]
    pub scores: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Weights, and rows to send through them.
#[derive(Args)]
pub struct Rows {
    /// A safetensors file that `hourglass train` or the page wrote.
    #[arg(long)]
    pub weights: PathBuf,
    /// Instead of the test set of its recipe: another slug or a file.
    #[arg(long)]
    pub data: Option<String>,
    /// Which half of it.
    #[arg(long, value_enum, default_value = "test")]
    pub part: Part,
    /// The first so many rows only.
    #[arg(long)]
    pub first: Option<usize>,
    /// Where the CSV goes; standard output without it, there as JSON with `--json`.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Weights, and how to look for neighbours.
#[derive(Args)]
pub struct Neighbours {
    /// A safetensors file that `hourglass train` or the page wrote.
    #[arg(long)]
    pub weights: PathBuf,
    /// Instead of the data set of its recipe: another slug or a file.
    #[arg(long)]
    pub data: Option<String>,
    /// What makes inputs near.
    #[arg(long, value_enum, default_value = "codes")]
    pub by: By,
    /// The cosine distance in place of the Euclidean one.
    #[arg(long)]
    pub cosine: bool,
    /// How many neighbours vote.
    #[arg(long, default_value_t = hourglass::lessons::neighbours::USUAL)]
    pub k: usize,
    /// The first so many test inputs only.
    #[arg(long)]
    pub first: Option<usize>,
    /// Where the CSV goes.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Weights, and codes to decode.
#[derive(Args)]
pub struct Decode {
    /// A safetensors file that `hourglass train` or the page wrote.
    #[arg(long)]
    pub weights: PathBuf,
    /// CSV with a column for each z, as `hourglass encode` writes it.
    #[arg(long)]
    pub codes: PathBuf,
    /// Where the CSV goes; standard output without it, there as JSON with `--json`.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Weights, and what to compress by them.
#[derive(Args)]
pub struct Compress {
    /// A safetensors file that `hourglass train` or the page wrote.
    #[arg(long)]
    pub weights: PathBuf,
    /// Instead of the data set of its recipe: another slug or a file.
    #[arg(long)]
    pub data: Option<String>,
    /// Bits per value of a code.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=8))]
    pub bits: u32,
    /// The first so many test inputs.
    #[arg(long, default_value_t = hourglass::lessons::compress::IN_FILE, value_parser = clap::value_parser!(u32).range(1..))]
    pub first: u32,
    /// Store the decoder as it is, not as f16: twice the size.
    #[arg(long)]
    pub f32: bool,
    /// Where the file goes.
    #[arg(long)]
    pub out: PathBuf,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// A file of compressed inputs.
#[derive(Args)]
pub struct Decompress {
    /// The file.
    pub file: PathBuf,
    /// Where its inputs go: a picture of all of them (.png), or CSV; standard output without it, there as JSON with
    /// `--json`.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// What to measure.
#[derive(Args)]
pub struct Bench {
    /// Only these, with commas between; all without it.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = PossibleValuesParser::new(report::names()))]
    pub only: Vec<String>,
    /// Who computes.
    #[arg(long, value_enum, default_value = "auto")]
    pub device: On,
}

/// Where data sets go, and where they come from.
#[derive(Args)]
pub struct Data {
    /// The site's `data` folder.
    #[arg(long)]
    pub into: PathBuf,
    /// A folder with mnist/, ecg5000/, fashion-mnist/ as published; HOURGLASS_DATA without it.
    #[arg(long)]
    pub from: Option<PathBuf>,
    /// Which sets, with commas between; all without it.
    #[arg(long, value_delimiter = ',')]
    pub sets: Option<Vec<String>>,
    /// Fail if any of them cannot be had, and not only if none can.
    #[arg(long)]
    pub require: bool,
    /// Where downloads are kept and continued.
    #[arg(long, default_value = "target/data-cache")]
    pub cache: PathBuf,
    /// Ask no public address.
    #[arg(long)]
    pub offline: bool,
}
