//! How good the engine's tests are: one fault at a time is put into a copy of the kernels, and the tests must notice.
//! A kernel that is wrong at an edge, by a barrier or in one branch still trains, only worse; nobody would see it.

use crate::steps;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One line of one file, made wrong.
struct Mutant {
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
}

const fn mutant(file: &'static str, right: &'static str, wrong: &'static str) -> Mutant {
    Mutant { file, right, wrong }
}

/// So many of a hundred must be noticed.
const MUST: usize = 95;

/// Tests that look at kernels, the quickest first: what some notice, those after them need not be run for.
const TESTS: [&[&str]; 3] =
    [&["choice::", "gradients::", "randomness::", "workloads::whole"], &["kernels::"], &["training::", "golden::"]];

/// The first occurrence of `right` in the file is replaced.
const MUTANTS: &[Mutant] = &[
    mutant("shaders/dense.wgsl", "(params.outputs - col + LANES - 1u) / LANES", "(params.outputs - col) / LANES"),
    mutant("shaders/dense.wgsl", "min(ROWS, params.rows - row)", "ROWS"),
    mutant("shaders/dense.wgsl", "params.inputs * params.outputs + col]", "params.inputs * params.outputs]"),
    mutant("shaders/dense.wgsl", "k + DEPTH <= params.inputs", "k + DEPTH < params.inputs + DEPTH"),
    mutant("shaders/dense.wgsl", "min(col + c * LANES, params.outputs - 1u)", "min(col + c, params.outputs - 1u)"),
    mutant("shaders/dense.wgsl", "for (; k < params.inputs; k += 1u)", "for (; k + 1u < params.inputs; k += 1u)"),
    mutant("shaders/dense.wgsl", "sums[r * COLS + c + e]", "sums[r * COLS + c]"),
    mutant("shaders/dense.wgsl", "max(x, 0.01 * x)", "max(x, 0.1 * x)"),
    mutant("shaders/dense.wgsl", "clamp(x, -15.0, 15.0)", "clamp(x, -1.5, 1.5)"),
    mutant("shaders/dense_shared.wgsl", "workgroupBarrier();", ""),
    mutant("shaders/dense_shared.wgsl", "start += DEPTH", "start += DEPTH + 1u"),
    mutant("shaders/dense_shared.wgsl", "min(top + line + n * LINES,", "min(top + line,"),
    mutant("shaders/dense_slim.wgsl", "k += THREADS", "k += THREADS + 1u"),
    mutant("shaders/dense_slim.wgsl", "min(top + r, params.rows - 1u)", "min(top, params.rows - 1u)"),
    mutant("shaders/dense_dx.wgsl", "select(1.0, 0.0, y <= 0.0)", "select(1.0, 0.0, y < 0.0)"),
    mutant("shaders/dense_dx.wgsl", "1.0 - y * y", "1.0 - y"),
    mutant("shaders/dense_dx.wgsl", "y * (1.0 - y)", "y * (1.0 + y)"),
    mutant("shaders/dense_dx.wgsl", "k * params.inputs + col", "k + col"),
    mutant("shaders/dense_dx_shared.wgsl", "select(1.0, 0.01, y <= 0.0)", "select(1.0, 0.1, y <= 0.0)"),
    mutant("shaders/dense_dx_shared.wgsl", "local.x + c * EDGE];", "local.x + c];"),
    mutant("shaders/dense_dx_shared.wgsl", "if start > 0u", "if start > DEPTH"),
    mutant("shaders/dense_dx_slim.wgsl", "workgroupBarrier();", ""),
    mutant("shaders/dense_dw.wgsl", "params.rest2 * gradient * gradient", "params.rest2 * gradient"),
    mutant("shaders/dense_dw.wgsl", "params.beta1 * first[i] + gradient", "params.beta2 * first[i] + gradient"),
    mutant("shaders/dense_dw.wgsl", "sqrt(v) / pace.root + params.epsilon", "sqrt(v) + params.epsilon"),
    mutant("shaders/dense_dw.wgsl", "bias += dy[n + k * params.outputs]", "bias += dy[n + k]"),
    mutant("shaders/dense_dw.wgsl", "min(row + ROWS, params.outputs)", "row + 1u"),
    mutant("shaders/dense_dw.wgsl", "min(LANES, params.inputs)", "LANES"),
    mutant("shaders/dense_dw_shared.wgsl", "pace.rate * gradient", "pace.size * gradient"),
    mutant("shaders/dense_dw_shared.wgsl", "along_left[n] < params.rows", "true"),
    mutant("shaders/dense_dw_slim.wgsl", "sum[r * WIDE + COLS] + a[r]", "sum[r * WIDE + COLS] + 1.0"),
    mutant("shaders/dense_dw_few.wgsl", "sums[c + e]", "sums[c]"),
    mutant("shaders/dense_dw_few.wgsl", "x[k * params.inputs", "x[k + params.inputs"),
    mutant("shaders/dense_dw_few.wgsl", "(group.y + params.skip) * ROWS", "group.y * ROWS"),
    mutant("shaders/dense_dw_few.wgsl", "min(col + c * LANES, params.inputs - 1u)", "min(col + c, params.inputs - 1u)"),
    mutant("shaders/loss.wgsl", "2.0 * difference * slope(value)", "difference * slope(value)"),
    mutant("shaders/loss.wgsl", "max(value, LEAST)", "value"),
    mutant("shaders/loss.wgsl", "if at < params.len", "if at <= params.len"),
    mutant("shaders/loss.wgsl", "found |= bad[t]", "found = bad[t]"),
    mutant("shaders/tick.wgsl", "clock[STEPS] + 1.0", "clock[STEPS] + 2.0"),
    mutant("shaders/tick.wgsl", "for (var t = 1u; t < THREADS", "for (var t = 1u; t + 1u < THREADS"),
    mutant("shaders/tick.wgsl", "place % params.len", "min(place, params.len)"),
    mutant("shaders/gather.wgsl", "& 255u", "& 127u"),
    mutant("shaders/gather.wgsl", "u32(clock[EPOCH]) + place / params.len", "u32(clock[EPOCH])"),
    mutant("shaders/init.wgsl", "f32(whole) * params.step", "f32(whole)"),
    mutant("shaders/whole.wgsl", "c < within(left, l.outputs)", "c < COLS"),
    mutant("shaders/whole.wgsl", "back(s, i);\n            storageBarrier();", "back(s, i);"),
    mutant("shaders/whole.wgsl", "k + DEPTH <= terms", "k + DEPTH < terms + DEPTH"),
    mutant("shaders/whole.wgsl", "if by_weights {", "if !by_weights {"),
    mutant("shaders/whole.wgsl", "r < rows_here; r += 1u", "r + 1u < rows_here; r += 1u"),
    mutant("shaders/whole.wgsl", "select(l.activation, 0u, number + 1u == params.count)", "l.activation"),
    mutant("shaders/whole.wgsl", "out += THREADS * s.groups", "out += THREADS"),
    mutant(
        "shaders/whole.wgsl",
        "dealt % teams) % teams; tile < tiles; tile += teams",
        "dealt) % teams; tile < tiles; tile += GROUP",
    ),
    mutant("shaders/whole.wgsl", "i * params.span < params.rows", "(i + 1u) * params.span < params.rows"),
    mutant("shaders/whole.wgsl", "signals[losses_at() + group]", "signals[losses_at()]"),
    mutant("shaders/whole.wgsl", "min(ROWS, s.end - row); r += 1u", "min(ROWS, s.end - row - 1u); r += 1u"),
    mutant("shaders/whole.wgsl", "params.part != LEARN && id.x == 0u", "id.x == 0u"),
    mutant("shaders/whole_quads.wgsl", "4u * row + r, 4u * l.outputs", "row + r, 4u * l.outputs"),
    mutant("shaders/whole_quads.wgsl", "(4u * k + d) * l.inputs", "(k + d) * l.inputs"),
    mutant("shaders/whole_quads.wgsl", "if slim && thread < b.count {", "if slim {"),
    mutant(
        "shaders/whole_quads.wgsl",
        "min(HIGH, a.count - row), among(col, b.count, WIDE)",
        "HIGH, among(col, b.count, WIDE)",
    ),
    mutant("shaders/whole_quads.wgsl", "min(most, (max(all, start)", "max(most, (max(all, start)"),
    mutant("shaders/whole_quads.wgsl", "one / 4u * LANES", "one / 4u"),
    mutant("shaders/whole_quads.wgsl", "select(ROWS, 1u, turned)", "select(1u, ROWS, turned)"),
    mutant(
        "shaders/whole_quads.wgsl",
        "row += HIGH;\n        if row >= l.inputs",
        "row += 2u * HIGH;\n        if row >= l.inputs",
    ),
    mutant("shaders/whole_quads.wgsl", "go_back(thread, params.count - n);", "go_back(thread, n);"),
    mutant("shaders/whole_quads.wgsl", "vec4(0u, 8u, 16u, 24u)", "vec4(0u, 8u, 16u, 16u)"),
    mutant("src/nn/whole.rs", "chain([training.batch])", "chain([])"),
    mutant("src/compute/choice.rs", "(tiles / f64::from(cores)).ceil()", "(tiles / f64::from(cores))"),
    mutant("shaders/dense.wgsl", "(group.y + params.skip) * GROUP", "(group.y) * GROUP"),
    mutant("shaders/dense_dx_shared.wgsl", "(group.y + params.skip) * EDGE", "(group.y) * EDGE"),
    mutant("shaders/dense_dw_slim.wgsl", "(group.y + params.skip) * ROWS", "(group.y + 2u * params.skip) * ROWS"),
    mutant("src/kernels/dense.rs", "let gradient = (0..rows)", "let gradient = (1..rows)"),
    mutant("src/kernels/dense.rs", "*dx += dy * w", "*dx = dy * w"),
    mutant(
        "src/kernels/dense.rs",
        "for dy in dy.chunks(outputs).take(rows)",
        "for dy in dy.chunks(outputs).take(rows - 1)",
    ),
    mutant("src/kernels/loss.rs", "clock[clock::START].f64() as usize } else { 0 }", "0 } else { 0 }"),
    mutant("src/kernels/tick.rs", "clock[clock::REST2].sqrt()", "clock[clock::REST2]"),
    mutant("src/kernels/activation.rs", "x.max(T::of(0.01) * x)", "x.max(T::of(0.02) * x)"),
];

/// Puts each fault whose file or change holds these words into a copy of the last commit and runs the tests there.
pub fn run(only: &str) -> Result<()> {
    let has = |mutant: &Mutant| [mutant.file, mutant.right].iter().any(|text| text.contains(only));
    let chosen: Vec<&Mutant> = MUTANTS.iter().filter(|mutant| has(mutant)).collect();
    if chosen.is_empty() {
        bail!("no fault has `{only}` in its file or in what it changes");
    }
    let copy = steps::target_dir()?.join("mutants");
    if !copy.is_dir() {
        let mut clone = Command::new("git");
        clone.arg("clone").arg("--quiet").arg(steps::root()).arg(&copy);
        steps::run("copying the last commit", &mut clone)?;
    }
    for update in [&["fetch", "--quiet", "origin", "HEAD"][..], &["reset", "--quiet", "--hard", "FETCH_HEAD"]] {
        let status = Command::new("git").arg("-C").arg(&copy).args(update).status();
        if !status.context("git cannot be started")?.success() {
            bail!("{} cannot be brought to the last commit: delete it and try again", copy.display());
        }
    }
    println!("• the tests, with nothing wrong");
    if !tests_pass(&copy)? {
        bail!("the tests fail with nothing wrong: mend that first (cargo xtask test --only native)");
    }
    let mut survivors = Vec::new();
    for (at, mutant) in chosen.iter().enumerate() {
        let path = copy.join(mutant.file);
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        fs::write(&path, text.replacen(mutant.right, mutant.wrong, 1))?;
        let start = Instant::now();
        let passed = tests_pass(&copy);
        fs::write(&path, text)?;
        let word = if passed? { "SURVIVES" } else { "noticed" };
        let took = steps::time(start.elapsed());
        println!("{:2} {word:9} {} `{}` -> `{}` ({took})", at + 1, mutant.file, mutant.right, mutant.wrong);
        if word == "SURVIVES" {
            survivors.push(at + 1);
        }
    }
    let noticed = chosen.len() - survivors.len();
    println!("{noticed} of {} faults noticed; survivors: {survivors:?}", chosen.len());
    if noticed * 100 < chosen.len() * MUST {
        bail!("fewer than {MUST} % of the faults are noticed: add the tests that the survivors show to be missing");
    }
    Ok(())
}

fn tests_pass(copy: &Path) -> Result<bool> {
    for some in TESTS {
        if !pass(copy, some)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn pass(copy: &Path, some: &[&str]) -> Result<bool> {
    let mut tests = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tests.args(["test", "--quiet", "--test", "engine", "--"]).args(some).current_dir(copy);
    steps::forget_package(&mut tests);
    tests.env("REQUIRE_GPU", "1").env("CARGO_TARGET_DIR", copy.join("target"));
    let status = tests.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(status.context("cargo cannot be started")?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_one() {
        assert!(MUTANTS.len() >= 30);
        for Mutant { file, right, wrong } in MUTANTS {
            let text = fs::read_to_string(steps::root().join(file)).expect("the file is there");
            assert!(text.contains(right), "{file} holds no `{right}` any more");
            assert_ne!(right, wrong);
        }
    }
}
