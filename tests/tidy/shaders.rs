//! Every WGSL file says the same as its Rust module, and is valid in a browser with no extensions.
use hourglass::compute::Entry;
use hourglass::kernels::{ALL, clock};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, GlobalVariable, Module, ScalarKind, StorageAccess, TypeInner};
use std::collections::HashMap;
use std::fs;

#[test]
fn each_shader_matches_its_kernel() {
    let mut wrong = Vec::new();
    for kernel in ALL {
        for form in 0..kernel.forms() {
            let (file, wgsl) = kernel.file(form);
            wrong.extend(differences(*kernel, file, wgsl));
        }
        assert_eq!(kernel.file(0), (kernel.name(), kernel.wgsl()), "the first form is the kernel's own file");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_in_shaders_is_a_kernel() {
    let stem =
        |file: std::io::Result<fs::DirEntry>| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<_> = fs::read_dir("shaders").unwrap().map(stem).collect();
    let mut names: Vec<_> = texts().into_iter().map(|(file, _)| file.to_owned()).collect();
    files.sort();
    names.sort();
    assert_eq!(files, names);
}

/// Every file of `shaders/` with its text: a kernel's own, and those of its other forms.
fn texts() -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    for kernel in ALL {
        for form in 0..kernel.forms() {
            let file = kernel.file(form);
            if !all.contains(&file) {
                all.push(file);
            }
        }
    }
    all
}

/// What runs is not always what stands in the file: every tile, written out, is as valid.
#[test]
fn every_form_is_valid_and_bound_as_its_file() {
    let mut wrong = Vec::new();
    for kernel in ALL {
        for form in 0..kernel.forms() {
            let source = kernel.source(form, &[]);
            let name = format!("{} {:?}", kernel.file(form).0, kernel.tile(form));
            wrong.extend(differences(*kernel, &name, &source));
            // And with every choice made: the parameters are sixteen words at most.
            let chosen = kernel.chosen(&[1; 64]);
            let decided = kernel.source(form, &chosen);
            wrong.extend(differences(*kernel, &format!("{name} {chosen:?}"), &decided));
            for (choice, _) in chosen {
                if decided.contains(&format!("params.{choice}")) {
                    wrong.push(format!("{name}: {choice} was to be a constant"));
                }
            }
            if let Some(line) =
                source.lines().find(|line| line.contains("array<f32, ROWS>;") && line.contains("var a:"))
            {
                wrong.push(format!("{name}: an array was to lie in registers: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// WGSL has no includes: a function that several kernels need stands in each of them, and must be the same in each.
#[test]
fn functions_of_one_name_are_the_same_everywhere() {
    let mut seen: HashMap<String, (&str, String)> = HashMap::new();
    for (file, wgsl) in texts() {
        for function in wgsl.split("\nfn ").skip(1) {
            let body = function.split_once("\n}").map_or(function, |(body, _)| body);
            let name = body.split('(').next().unwrap().to_owned();
            if name == "main" {
                continue;
            }
            // These are each kernel's own; all forms of a kernel share them.
            let own = ["put", "draw"].contains(&name.as_str());
            let stem = if own { file.trim_end_matches("_shared").trim_end_matches("_slim") } else { "" };
            let (first, text) = seen.entry(format!("{stem} {name}")).or_insert_with(|| (file, body.to_owned()));
            assert_eq!(text, body, "fn {name} differs between {first}.wgsl and {file}.wgsl");
        }
    }
    assert!(seen.contains_key(" pcg4d") && seen.contains_key(" slope") && seen.contains_key(" update"));
}

#[test]
fn the_clock_has_the_same_places_in_every_shader() {
    let places = [
        ("STEPS", clock::STEPS),
        ("EPOCH", clock::EPOCH),
        ("START", clock::START),
        ("SIZE", clock::SIZE),
        ("ROOT", clock::ROOT),
        ("REST1", clock::REST1),
        ("REST2", clock::REST2),
        ("BAD", clock::BAD),
        ("RATE", clock::RATE),
    ];
    let mut found = 0;
    for kernel in ALL {
        for (name, place) in places {
            for line in kernel.wgsl().lines().filter(|line| line.starts_with(&format!("const {name} = "))) {
                assert_eq!(line, format!("const {name} = {place}u;"), "in {}.wgsl", kernel.name());
                found += 1;
            }
        }
    }
    assert!(found >= places.len(), "only {found} places were found in the shaders");
}

fn differences(kernel: &dyn Entry, name: &str, wgsl: &str) -> Vec<String> {
    let module = match naga::front::wgsl::parse_str(wgsl) {
        Ok(module) => module,
        Err(error) => return vec![error.emit_to_string_with_path(wgsl, name)],
    };
    if let Err(error) = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module) {
        return vec![error.emit_to_string_with_path(wgsl, name)];
    }
    let mut wrong = Vec::new();
    let bound = bindings(&module);
    let reads = kernel.words() + kernel.reads();
    let expected = 1 + reads + kernel.writes();
    if bound.len() != expected {
        wrong.push(format!("{name}: {} bindings in WGSL, {expected} in Rust", bound.len()));
    }
    for (i, variable) in &bound {
        let expected = match *i as usize {
            0 => "uniform",
            i if i <= kernel.words() => "read of words",
            i if i <= reads => "read of floats",
            _ => "write of floats",
        };
        let found = match (variable.space, element(&module, variable)) {
            (AddressSpace::Uniform, _) => "uniform",
            (AddressSpace::Storage { access }, Some(ScalarKind::Float)) if access.contains(StorageAccess::STORE) => {
                "write of floats"
            }
            (AddressSpace::Storage { .. }, Some(ScalarKind::Float)) => "read of floats",
            (AddressSpace::Storage { .. }, Some(ScalarKind::Uint)) => "read of words",
            _ => "something else",
        };
        if found != expected {
            let variable = variable.name.as_deref().unwrap_or("?");
            wrong.push(format!("{name}: binding {i} ({variable}) is a {found} in WGSL, a {expected} in Rust"));
        }
    }
    let fields = fields(&module, bound[0].1);
    if fields != kernel.fields() {
        wrong.push(format!("{name}: Params is {fields:?} in WGSL, {:?} in Rust", kernel.fields()));
    }
    wrong
}

fn bindings(module: &Module) -> Vec<(u32, &GlobalVariable)> {
    let mut bound: Vec<_> = module
        .global_variables
        .iter()
        .filter_map(|(_, variable)| Some((variable.binding.as_ref()?.binding, variable)))
        .collect();
    bound.sort_by_key(|(i, _)| *i);
    bound
}

fn element(module: &Module, variable: &GlobalVariable) -> Option<ScalarKind> {
    let TypeInner::Array { base, .. } = module.types[variable.ty].inner else { return None };
    module.types[base].inner.scalar_kind()
}

fn fields<'a>(module: &'a Module, params: &GlobalVariable) -> Vec<(&'a str, &'static str, usize)> {
    let TypeInner::Struct { members, .. } = &module.types[params.ty].inner else {
        return Vec::new();
    };
    let scalar = |ty| match &module.types[ty].inner {
        TypeInner::Scalar(s) if s.kind == ScalarKind::Float => "f32",
        TypeInner::Scalar(s) if s.kind == ScalarKind::Uint => "u32",
        TypeInner::Scalar(s) if s.kind == ScalarKind::Sint => "i32",
        _ => "not a scalar",
    };
    members.iter().map(|m| (m.name.as_deref().unwrap_or("?"), scalar(m.ty), m.offset as usize)).collect()
}
