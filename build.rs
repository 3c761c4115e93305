//! Before the crate: its shaders as they go into it, and for the page's wasm the linker's notes.
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shaders");
    bare_shaders(Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")));
    // What refers to what in the page's wasm, by which it is split after linking.
    if env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-bin=app=--emit-relocs");
    }
}

/// Comments are for readers of `shaders/`; a visitor would download them. Indentation stays: `compute::unroll` goes by it.
fn bare_shaders(out: &Path) {
    let shaders = fs::read_dir("shaders").expect("the shaders are beside this file");
    for path in shaders.map(|entry| entry.expect("a shader can be listed").path()) {
        let text = fs::read_to_string(&path).expect("a shader can be read");
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"));
        let bare: String = lines.flat_map(|line| [line, "\n"]).collect();
        let name = path.file_name().expect("a file has a name");
        fs::write(out.join(name), bare).expect("a shader can be written");
    }
}
