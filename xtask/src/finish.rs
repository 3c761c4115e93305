//! The last step of Trunk's build, run by Trunk on the folder that is about to become `dist/`.

use crate::{data, document, offline, parts, sizes, steps};
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Seals the pages, adds the data and what the site needs to work without a network, and checks the sizes of a release.
pub fn run() -> Result<()> {
    let site = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let site = site.context("TRUNK_STAGING_DIR is not set: `trunk build` runs this step, see Trunk.toml")?;
    let profile = env::var("TRUNK_PROFILE").unwrap_or_default();
    let release = profile == "release";
    let bindgen = steps::target_dir()?.join("wasm-bindgen").join(if release { "release" } else { "debug" });
    parts::name(&site, &bindgen.join("later"))?;

    for entry in fs::read_dir(&site).with_context(|| format!("{} cannot be read", site.display()))? {
        let page = entry?.path();
        if page.extension().is_some_and(|ending| ending == "html") {
            let html = fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
            let sealed = document::seal(&html).with_context(|| format!("in {}", page.display()))?;
            for (name, text) in sealed.scripts {
                fs::write(site.join(&name), text).with_context(|| format!("{name} cannot be written"))?;
            }
            fs::write(&page, sealed.html).with_context(|| format!("{} cannot be written", page.display()))?;
        }
    }

    bench(&site)?;
    let wanted = env::var(data::SETS).ok();
    let (sets, bytes) = data::put(&data::folder()?, &site.join("data"), wanted.as_deref())?;
    match sets.len() {
        0 => println!("  no data sets in this site: `cargo xtask data` fetches them"),
        _ => println!("  data: {}, {:.1} MB", sets.join(", "), bytes as f64 / 1e6),
    }
    offline::add(&site)?;
    // A debug build's sizes tell nothing.
    if release {
        sizes::check(&site)?;
    }
    Ok(())
}

/// The bench page: the same head over another body, with a wasm of its own, to whose files Trunk gives no hashes.
fn bench(site: &Path) -> Result<()> {
    let wasm = fs::read(site.join("bench_bg.wasm")).context("the site has no bench_bg.wasm")?;
    let hash = document::fingerprint(&wasm);
    let (module, wasm) = (format!("bench-{hash}.js"), format!("bench-{hash}_bg.wasm"));
    let script = fs::read_to_string(site.join("bench.js")).context("the site has no bench.js")?;
    fs::remove_file(site.join("bench.js"))?;
    fs::write(site.join(&module), whole(&script)).with_context(|| format!("{module} cannot be written"))?;
    fs::rename(site.join("bench_bg.wasm"), site.join(&wasm))?;
    // `window.bench` is there before the wasm is, for those who look for it when the page has loaded.
    let start = format!(
        "import init from './{module}';
const ready = init({{ module_or_path: './{wasm}' }});
const verb = (name) => (...given) => ready.then(() => window.benchVerbs[name](...given));
const verbs = ['open', 'train', 'infer', 'matmul', 'profile'];
window.bench = Object.fromEntries(verbs.map((name) => [name, verb(name)]));
"
    );
    let script = format!("start-{}.js", document::fingerprint(start.as_bytes()));
    fs::write(site.join(&script), start).with_context(|| format!("{script} cannot be written"))?;

    let index = fs::read_to_string(site.join("index.html")).context("the site has no index.html")?;
    let body = steps::root().join("www/bench.html");
    let body = fs::read_to_string(&body).with_context(|| format!("{} cannot be read", body.display()))?;
    let page = document::with_body(&index, "Hourglass: how fast is this machine?", &script, &body)?;
    fs::write(site.join("bench.html"), page).context("bench.html cannot be written")
}

/// The script of a wasm that was not split. What splitting would have put elsewhere is in it, exported and never called;
/// where that calls other parts, the script would fetch them from a placeholder.
fn whole(script: &str) -> String {
    let line = |line: &str| match line.strip_prefix("import * as ").and_then(|rest| rest.split_once(" from ")) {
        Some((name, from)) if from.contains("__wasm_split_placeholder__") => {
            format!("const {name} = new Proxy({{}}, {{ get: () => () => {{}} }});\n")
        }
        _ => line.to_owned(),
    };
    script.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_is_fetched_from_a_placeholder() {
        let script = "import * as a from \"./a.js\"\nimport * as b from \"__wasm_split_placeholder__\"\nrun(b)\n";
        let expected = "import * as a from \"./a.js\"\nconst b = new Proxy({}, { get: () => () => {} });\nrun(b)\n";
        assert_eq!(super::whole(script), expected);
    }
}
