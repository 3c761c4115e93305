//! Everything that visitors read is in every language: the source is searched for words, and the catalogues for them.
use super::layers::lines;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where nothing is said to visitors of the page: the command line and the bench page are in English.
const ASIDE: [&str; 21] = [
    "src/bin",
    "src/ui/bench",
    "src/engine/bench",
    "src/kernels",
    "src/words",
    "src/lessons/notebook",
    "src/lessons/qr.rs",
    "src/lessons/kernels/wgsl.rs",
    "src/data/fetch",
    "src/compute/kernel.rs",
    "src/compute/pipelines.rs",
    "src/compute/stamps.rs",
    "src/compute/unroll.rs",
    "src/engine/world.rs",
    "src/engine/keeping/database.rs",
    "src/ui/address.rs",
    "src/ui/formula.rs",
    "src/ui/palette.rs",
    "src/ui/present.rs",
    "src/ui/tag.rs",
    "src/ui/typing.rs",
];

/// Whose literals are names for machines.
const MACHINES: [&str; 35] = [
    "class",
    "class_if",
    "testid",
    "tag",
    "flag",
    "on",
    "shows",
    "expect",
    "get_property_value",
    "set_attribute",
    "remove_attribute",
    "get_attribute",
    "get_item",
    "set_item",
    "get_element_by_id",
    "query_selector",
    "window_event_listener_untyped",
    "format",
    "include_str",
    "include_bytes",
    "assert",
    "assert_eq",
    "debug_assert",
    "panic",
    "unreachable",
    "write",
    "println",
    "eprintln",
    "concat",
    "stringify",
    "contains",
    "starts_with",
    "strip_prefix",
    "ends_with",
    "writeln",
];

/// Attributes that are read or heard: as `tag.rs` has them.
const SAID: [&str; 6] = ["alt", "aria-label", "aria-roledescription", "aria-valuetext", "placeholder", "title"];

#[test]
fn every_word_is_in_dutch_and_nothing_else_is() {
    let catalogue = rspolib::pofile("languages/nl.po").unwrap();
    let plain = fs::read_to_string("languages/names.txt").unwrap();
    let plain: BTreeSet<&str> = plain.lines().filter(|line| !line.starts_with("# ")).collect();
    let said = said();
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for entry in &catalogue.entries {
        let (english, dutch) = (entry.msgid.as_str(), entry.msgstr.as_deref().unwrap_or_default());
        if !known.insert(english) {
            wrong.push(format!("{english:?} is in the catalogue twice"));
        }
        if dutch.is_empty() || entry.flags.iter().any(|flag| flag == "fuzzy") {
            wrong.push(format!("{english:?} is not translated"));
        }
        if holes(english) != holes(dutch) {
            wrong.push(format!("{english:?} and {dutch:?} have other holes"));
        }
        if !said.contains_key(english) {
            wrong.push(format!("{english:?} is not said anywhere"));
        }
    }
    for (words, place) in &said {
        if !known.contains(words.as_str()) && !plain.contains(words.as_str()) {
            wrong.push(format!("#: {place}\nmsgid {words:?}\nmsgstr \"\"\n"));
        }
    }
    wrong
        .extend(plain.iter().filter(|name| !said.contains_key(**name)).map(|name| format!("{name:?} is no name here")));
    assert!(wrong.is_empty(), "in languages/nl.po (names that stay as they are: names.txt):\n{}", wrong.join("\n"));
}

/// How many holes words have, whatever their order is.
fn holes(words: &str) -> BTreeSet<usize> {
    let pieces = words.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    pieces.enumerate().map(|(at, name)| name.parse().unwrap_or(at)).collect()
}

/// All that may be said, and where it is said first.
fn said() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let files: BTreeSet<PathBuf> = lines(Path::new("src")).into_iter().map(|(file, ..)| file).collect();
    for file in files.iter().filter(|file| !ASIDE.iter().any(|aside| file.to_str().unwrap().starts_with(aside))) {
        let name = file.to_str().unwrap();
        if name.ends_with("tests.rs") || !name.ends_with(".rs") {
            continue;
        }
        let tokens: TokenStream = fs::read_to_string(file).unwrap().parse().unwrap();
        let mut found = Vec::new();
        search(tokens, "", &mut found);
        for words in found {
            all.entry(words).or_insert_with(|| name.to_owned());
        }
    }
    all
}

fn search(tokens: TokenStream, callee: &str, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let sign = |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    let (mut name, mut first, mut at, mut attribute) = (String::new(), true, 0, None::<String>);
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                // `#[…]`: nothing is said in attributes but errors.
                let group = tokens.get(at + 1 + usize::from(sign(at + 1, '!')));
                if let Some(TokenTree::Group(group)) = group {
                    let text = group.stream().to_string();
                    if text.starts_with("error") {
                        search(group.stream(), "error", found);
                    }
                    at += 1 + usize::from(sign(at + 1, '!'));
                    if text == "cfg (test)" || text == "cfg(test)" {
                        // What it stands before, to its end.
                        while !matches!(&tokens[at + 1], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
                            && !sign(at + 1, ';')
                        {
                            at += 1;
                        }
                        at += 1;
                    }
                }
            }
            TokenTree::Ident(ident) => name = ident.to_string(),
            TokenTree::Group(group) => {
                // A list or a block within a call is no call of its own.
                let inner = if group.delimiter() == Delimiter::Parenthesis { name.as_str() } else { "" };
                search(group.stream(), inner, found);
                name.clear();
            }
            TokenTree::Punct(punct) => {
                if !"!.:".contains(punct.as_char()) {
                    name.clear();
                }
                first = first && punct.as_char() != ',';
            }
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    let text = text.value();
                    // What stands after the arguments of a closure is said.
                    let one_of_many = at > 1 && sign(at - 1, '|') && matches!(&tokens[at - 2], TokenTree::Literal(_));
                    let pattern = sign(at + 1, '=') && sign(at + 2, '>') || sign(at + 1, '|') || one_of_many;
                    let compared = at > 1 && sign(at - 1, '=') && (sign(at - 2, '=') || sign(at - 2, '!'));
                    let machine = MACHINES.contains(&callee) && first;
                    let silent = callee == "set" && !first && !attribute.as_deref().is_some_and(|a| SAID.contains(&a));
                    if callee == "set" && first {
                        attribute = Some(text.clone());
                    } else if !(pattern || compared || machine || silent) {
                        let words = if callee == "words" && first { plain(&text) } else { text };
                        if is_words(&words) {
                            found.push(words);
                        }
                    }
                }
            }
        }
        at += 1;
    }
}

/// As `words!` looks them up.
fn plain(words: &str) -> String {
    let mut pieces = words.split('{');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |said, piece| said + "{}" + piece.split_once('}').map_or("", |(_, rest)| rest))
}

/// Whether people may read it: words between spaces, a name, or a single word that may be one. Paths, files, keys and rows of
/// tables are not.
fn is_words(text: &str) -> bool {
    let letters = text.split(|c: char| !c.is_alphabetic()).any(|run| run.chars().count() >= 2);
    let machine = |c: char| "_/={}<>;\n".contains(c) || c.is_ascii_digit();
    let bare = text.trim();
    let single = !bare.contains(' ');
    let key =
        single && bare.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '.') && bare.contains(['-', '.']);
    let path = single && (bare.contains(machine) && !bare.contains("{}") || bare.starts_with(['.', '#', ',']));
    let table = text.ends_with('\n');
    letters && !key && !path && !table
}
