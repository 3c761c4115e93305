//! What `cargo test --target wasm32-unknown-unknown` hands its tests to: runs them in a browser, through WebDriver.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
