//! Before the crate: its shaders and its words as they go into it, and for the page's wasm the linker's notes.
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=languages");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    bare_shaders(&out);
    catalogue("nl", &out);
    // What refers to what in the page's wasm, by which it is split after linking.
    let browser = env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32");
    if browser {
        println!("cargo::rustc-link-arg-bin=app=--emit-relocs");
        println!("cargo::rerun-if-changed=src");
        println!("cargo::rerun-if-changed=Cargo.lock");
    }
    // Natively there is no page that an engine of another build could be put to.
    println!("cargo::rustc-env=HOURGLASS_BUILD={:08x}", if browser { build() } else { 0 });
}

/// A number that is another one whenever anything that goes into the wasm is.
fn build() -> u32 {
    let mut files = vec![PathBuf::from("Cargo.lock")];
    let mut folders = ["src", "shaders", "languages", "macros"].map(PathBuf::from).to_vec();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("a folder of sources can be read");
        for path in entries.map(|entry| entry.expect("a source can be listed").path()) {
            if path.is_dir() { &mut folders } else { &mut files }.push(path);
        }
    }
    files.sort();
    let bytes = files.iter().flat_map(|file| {
        let name = file.to_string_lossy().replace('\\', "/").into_bytes();
        name.into_iter().chain(fs::read(file).expect("a source can be read"))
    });
    // FNV-1a.
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
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

/// English and the other language, message after message, each ended by a zero byte: all that a page looks up.
fn catalogue(language: &str, out: &Path) {
    let path = format!("languages/{language}.po");
    let file = rspolib::pofile(path.as_str()).expect("the catalogue is in gettext's format");
    let pairs = file.entries.iter().map(|entry| [&*entry.msgid, entry.msgstr.as_deref().unwrap_or(&entry.msgid)]);
    let words: String = pairs.flatten().flat_map(|words| [words, "\0"]).collect();
    fs::write(out.join(format!("{language}.words")), words).expect("a catalogue can be written");
}
