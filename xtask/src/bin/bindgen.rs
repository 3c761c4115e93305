//! `wasm-bindgen`, from this workspace's Cargo.lock: its version is the page's by construction, and nothing is
//! downloaded as a binary.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
