//! The command line: the page's engine, natively. `hourglass --help` says what it can do.
#[cfg(not(target_arch = "wasm32"))]
mod arguments;
#[cfg(not(target_arch = "wasm32"))]
mod bench;
#[cfg(not(target_arch = "wasm32"))]
mod compress;
#[cfg(not(target_arch = "wasm32"))]
mod data;
#[cfg(not(target_arch = "wasm32"))]
mod input;
#[cfg(not(target_arch = "wasm32"))]
mod neighbours;
#[cfg(not(target_arch = "wasm32"))]
mod progress;
#[cfg(not(target_arch = "wasm32"))]
mod train;
#[cfg(not(target_arch = "wasm32"))]
mod weights;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    use arguments::{Arguments, Verb};
    use clap::Parser;
    let arguments = Arguments::parse();
    let done = pollster::block_on(async {
        match &arguments.verb {
            Verb::Data(options) => data::data(options, &arguments),
            Verb::Train(options) => train::train(options, &arguments).await,
            Verb::Evaluate(options) => weights::evaluate(options, &arguments).await,
            Verb::Reconstruct(options) => weights::reconstruct(options, &arguments).await,
            Verb::Encode(options) => weights::encode(options, &arguments).await,
            Verb::Neighbours(options) => neighbours::neighbours(options, &arguments).await,
            Verb::Decode(options) => weights::decode(options, &arguments).await,
            Verb::Compress(options) => compress::compress(options, &arguments).await,
            Verb::Decompress(options) => compress::decompress(options, &arguments).await,
            Verb::Bench(options) => bench::bench(options, &arguments).await,
        }
    });
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("hourglass: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
