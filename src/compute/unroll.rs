//! Kernels for other tiles than those in their files: constants replaced, loops over them written out, arrays in
//! registers turned into variables.
//!
//! A shader in `shaders/` is plain WGSL and runs as it is. Compilers of WGSL leave its loops over constants alone, and
//! then an array that should lie in registers lies in memory: written out, the same kernel is several times faster.
//! The order of every sum stays, so that all tiles of a kernel give the same bits.
use std::collections::HashMap;

/// `wgsl` with other values for some of its constants (`const NAME = 4u;`), and with all loops over constants of the
/// form `for (var r = 0u; r < ROWS; r++) {` written out.
///
/// Expects one statement per line, as formatters leave them, or what it sets on a line of its own.
pub fn unrolled(wgsl: &str, constants: &[(&str, u32)]) -> String {
    let (lines, mut known) = replaced(wgsl, constants);
    let mut out = Vec::new();
    expand(&lines, &mut known, &mut out);
    joined(&chained(in_registers(out, &known)))
}

/// `wgsl` with other values for some of its constants, and nothing else changed.
pub fn with_constants(wgsl: &str, constants: &[(&str, u32)]) -> String {
    joined(&replaced(wgsl, constants).0)
}

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// The lines, and the constants in them that are whole numbers.
fn replaced(wgsl: &str, constants: &[(&str, u32)]) -> (Vec<String>, HashMap<String, u32>) {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut lines = Vec::new();
    for line in statements(wgsl) {
        match line.strip_prefix("const ").and_then(|rest| rest.split_once(" = ")) {
            Some((name, value)) => {
                let own = constants.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
                match own.or_else(|| evaluated(value.trim_end_matches(';'), &known)) {
                    Some(value) => {
                        known.insert(name.to_owned(), value);
                        lines.push(format!("const {name} = {value}u;"));
                    }
                    // No whole number, such as a limit of a logarithm.
                    None => lines.push(line),
                }
            }
            None => lines.push(line),
        }
    }
    (lines, known)
}

/// The lines, where one that ends with "=" goes on in the next.
fn statements(wgsl: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in wgsl.lines() {
        match out.last_mut() {
            Some(last) if last.ends_with(" =") => *last = format!("{last} {}", line.trim_start()),
            _ => out.push(line.to_owned()),
        }
    }
    out
}

/// `wgsl` with a parameter's value in its place: what it chooses between is decided when the kernel is compiled.
pub fn fixed(wgsl: &str, parameter: &str, value: u32) -> String {
    let number = format!("{value}u");
    let name = format!("params.{parameter}");
    let lines = wgsl.lines().map(|line| renamed(line, &name, &number) + "\n");
    lines.collect()
}

/// Writes the loops over constants out; their variables become numbers.
fn expand(lines: &[String], known: &mut HashMap<String, u32>, out: &mut Vec<String>) {
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        let Some((variable, times)) = counted(line, known) else {
            out.push(line.clone());
            at += 1;
            continue;
        };
        let close = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let length = lines[at..].iter().position(|line| *line == close).unwrap_or(lines.len() - at - 1);
        let body = &lines[at + 1..at + length];
        for n in 0..times {
            let number = format!("{n}u");
            let body: Vec<String> = body.iter().map(|line| renamed(line, variable, &number)).collect();
            expand(&body, known, out);
        }
        at += length + 1;
    }
}

/// `for (var r = 0u; r < ROWS; r++) {`, if ROWS is known: its variable, and how often.
fn counted<'a>(line: &'a str, known: &HashMap<String, u32>) -> Option<(&'a str, u32)> {
    let inside = line.trim_start().strip_prefix("for (var ")?.strip_suffix("++) {")?;
    let mut parts = inside.split("; ");
    let variable = parts.next()?.strip_suffix(" = 0u")?;
    let bound = parts.next()?.strip_prefix(variable)?.strip_prefix(" < ")?;
    (parts.next()? == variable).then_some(())?;
    Some((variable, evaluated(bound, known)?))
}

/// Arrays whose places are all known become variables: `sum[5u]` becomes `sum_5`. One that is written once in its
/// block, place by place, needs no variables at all.
fn in_registers(lines: Vec<String>, known: &HashMap<String, u32>) -> Vec<String> {
    let mut out: Vec<String> = lines;
    let mut at = 0;
    while at < out.len() {
        let Some((name, kind, len)) = array(&out[at], known) else {
            at += 1;
            continue;
        };
        let indent = out[at].len() - out[at].trim_start().len();
        let end = at + 1 + out[at + 1..].iter().position(|line| depth(line) < indent).unwrap_or(out.len() - at - 1);
        let moved: Vec<String> = out[at + 1..end].iter().map(|line| placed(line, &name, known)).collect();
        if moved.iter().any(|line| mentions(line, &format!("{name}["))) {
            // Somewhere its place is known only when it runs: it stays in memory.
            at += 1;
            continue;
        }
        out.splice(at + 1..end, moved);
        let pad = " ".repeat(indent);
        // Written once, and not from what it was before.
        let once = (0..len).all(|place| {
            let target = format!("{name}_{place} ");
            let mut writes = out[at + 1..end].iter().filter(|line| line.trim_start().starts_with(&target));
            let first = writes.next().is_some_and(|line| line.matches(target.trim_end()).count() == 1);
            first && writes.next().is_none()
        });
        if once {
            for line in &mut out[at + 1..end] {
                let start = line.trim_start();
                if start.starts_with(&format!("{name}_")) && start.contains(" = ") {
                    *line = format!("{}let {start}", " ".repeat(line.len() - start.len()));
                }
            }
            out.remove(at);
        } else {
            let zero = if kind == "u32" { "0u" } else { "0.0" };
            let variables = (0..len).map(|place| format!("{pad}var {name}_{place} = {zero};"));
            out.splice(at..=at, variables.collect::<Vec<_>>());
        }
    }
    out
}

/// How far a line is indented; an empty one belongs to what is around it.
fn depth(line: &str) -> usize {
    if line.trim().is_empty() { usize::MAX } else { line.len() - line.trim_start().len() }
}

/// `var sum: array<f32, ROWS * COLS>;`: name, type and length.
fn array(line: &str, known: &HashMap<String, u32>) -> Option<(String, String, u32)> {
    let rest = line.strip_prefix("    ")?.trim_start().strip_prefix("var ")?.strip_suffix(">;")?;
    let (name, rest) = rest.split_once(": array<")?;
    let (kind, len) = rest.split_once(", ")?;
    Some((name.to_owned(), kind.to_owned(), evaluated(len, known)?))
}

/// The line with every `name[…]` whose place is known as `name_…`.
fn placed(line: &str, name: &str, known: &HashMap<String, u32>) -> String {
    let mut out = String::new();
    let mut rest = line;
    let wanted = format!("{name}[");
    while let Some(found) = rest.find(&wanted) {
        let (before, after) = rest.split_at(found);
        let inside = &after[wanted.len()..];
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        match inside.split_once(']') {
            Some((place, tail)) if whole && evaluated(place, known).is_some() => {
                let place = evaluated(place, known).unwrap_or_default();
                out.push_str(&format!("{before}{name}_{place}"));
                rest = tail;
            }
            _ => {
                out.push_str(before);
                out.push_str(&wanted);
                rest = inside;
            }
        }
    }
    out + rest
}

/// Whether `name[` stands in the line, and not as the end of a longer name.
fn mentions(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// `s = fma(a, b, s);` after `s = fma(c, d, s);` becomes one statement: a variable that is written less often.
fn chained(lines: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        let sum = |line: &str| {
            let (target, value) = line.trim_start().split_once(" = ")?;
            let value = value.strip_suffix(';')?;
            let last = value.strip_prefix("fma(")?.strip_suffix(')')?.rsplit_once(", ")?.1;
            let ends_with_target = last.trim_end_matches(')') == target;
            ends_with_target.then(|| (target.to_owned(), value.to_owned()))
        };
        let before = out.last().and_then(|before| sum(before));
        match (before, sum(&line)) {
            (Some((target, inner)), Some((same, value))) if target == same => {
                let head = value.strip_suffix(&format!(", {target})")).unwrap_or(&value);
                let pad = &line[..line.len() - line.trim_start().len()];
                out.pop();
                out.push(format!("{pad}{target} = {head}, {inner});"));
            }
            _ => out.push(line),
        }
    }
    out
}

/// The line with a name replaced, where it stands as a word of its own.
fn renamed(line: &str, name: &str, with: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(found) = rest.find(name) {
        let (before, after) = rest.split_at(found);
        let tail = &after[name.len()..];
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !before.ends_with(word) && !tail.starts_with(word);
        out.push_str(before);
        out.push_str(if whole { with } else { name });
        rest = tail;
    }
    out + rest
}

/// A sum of products of numbers and known names, in whole numbers; `None` if anything in it is unknown.
fn evaluated(text: &str, known: &HashMap<String, u32>) -> Option<u32> {
    text.split(" + ").try_fold(0u32, |sum, term| {
        let product = term.split(" * ").try_fold(1u32, |product, factor| {
            let factor = factor.trim();
            let value = match factor.strip_suffix('u').and_then(|digits| digits.parse().ok()) {
                Some(value) => value,
                None => *known.get(factor)?,
            };
            product.checked_mul(value)
        })?;
        sum.checked_add(product)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "\
const ROWS = 2u;
const DEPTH = 2u;
const TILE = 8u;

fn main() {
    var i: array<u32, ROWS>;
    var sum: array<f32, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
        i[r] = row + r;
    }
    for (var k = 0u; k < params.depth; k += DEPTH) {
        var v: array<f32, ROWS * DEPTH>;
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                v[r * DEPTH + d] = x[i[r] + d];
            }
        }
        for (var r = 0u; r < ROWS; r++) {
            for (var d = 0u; d < DEPTH; d++) {
                sum[r] =
                    fma(v[r * DEPTH + d], w, sum[r]);
            }
        }
    }
    y[0] = sum[0u];
    var kept: array<f32, ROWS>;
    kept[0u] = sum[0u];
    y[1] = kept[n];
}
";

    #[test]
    fn loops_become_statements_and_arrays_variables() {
        let expected = "\
const ROWS = 1u;
const DEPTH = 2u;
const TILE = 8u;

fn main() {
    var sum_0 = 0.0;
        let i_0 = row + 0u;
    for (var k = 0u; k < params.depth; k += DEPTH) {
                let v_0 = x[i_0 + 0u];
                let v_1 = x[i_0 + 1u];
                sum_0 = fma(v_1, w, fma(v_0, w, sum_0));
    }
    y[0] = sum_0;
    var kept: array<f32, ROWS>;
    kept[0u] = sum_0;
    y[1] = kept[n];
}
";
        assert_eq!(unrolled(PLAIN, &[("ROWS", 1)]), expected);
    }

    #[test]
    fn what_is_not_known_stays() {
        let known = HashMap::from([("ROWS".to_owned(), 3)]);
        assert_eq!(evaluated("2u * ROWS + 1u", &known), Some(7));
        assert_eq!(evaluated("2u * rows", &known), None);
        assert_eq!(placed("a[1u] = b_a[1u] + a[n];", "a", &known), "a_1 = b_a[1u] + a[n];");
        assert_eq!(renamed("r + params.r * row", "r", "0u"), "0u + params.0u * row");
        assert_eq!(fixed("if params.kind == params.kinds {", "kind", 2), "if 2u == params.kinds {\n");
    }
}
