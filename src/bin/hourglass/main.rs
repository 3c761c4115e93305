//! The command line: the page's engine, natively. `hourglass --help` says what it can do.
#[cfg(not(target_arch = "wasm32"))]
mod arguments;
#[cfg(not(target_arch = "wasm32"))]
mod compress;
#[cfg(not(target_arch = "wasm32"))]
mod data;
#[cfg(not(target_arch = "wasm32"))]
mod input;
#[cfg(not(target_arch = "wasm32"))]
mod neighbours;
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
    let done = match arguments.verb {
        Verb::Data(ref options) => data::data(options, &arguments),
        Verb::Train(ref options) => pollster::block_on(train::train(options, &arguments)),
        Verb::Evaluate(ref options) => weights::evaluate(options, &arguments),
        Verb::Reconstruct(ref options) => weights::reconstruct(options, &arguments),
        Verb::Encode(ref options) => weights::encode(options, &arguments),
        Verb::Neighbours(ref options) => pollster::block_on(neighbours::neighbours(options, &arguments)),
        Verb::Decode(ref options) => weights::decode(options, &arguments),
        Verb::Compress(ref options) => compress::compress(options, &arguments),
        Verb::Decompress(ref options) => pollster::block_on(compress::decompress(options, &arguments)),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("hourglass: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
