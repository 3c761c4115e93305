//! Formulas as MathML, from a notation that reads like them: symbols apart by blanks, `^x` is x with a hat, `x_i` has an
//! index and `x^2` an exponent, `{ a / b }` is a fraction, and a word in quotes is text.
use super::tag::{Tag, tag};
use leptos::prelude::*;
use std::str::Split;
use web_sys::Element;

/// A formula on a line of its own.
pub fn formula(text: &'static str) -> AnyView {
    written(tag("p").class("formula"), text, true).into()
}

/// A formula in the line.
pub fn symbol(text: &'static str) -> AnyView {
    written(tag("span"), text, false).into()
}

fn written(place: Tag, text: &'static str, block: bool) -> Tag {
    place.built(move |place| {
        let math = node("math", &[]);
        if block {
            // Attributes of elements that were just made can be set.
            let _ = math.set_attribute("display", "block");
        }
        let _ = math.append_child(&row(&mut text.split(' ')));
        let _ = place.append_child(&math);
    })
}

/// Words up to the end, or to the end of a part of a fraction.
fn row(words: &mut Split<'_, char>) -> Element {
    let mut parts = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "/" | "}" => break,
            "{" => {
                let above = row(words);
                let below = row(words);
                parts.push(node("mfrac", &[above, below]));
            }
            word => parts.push(single(word)),
        }
    }
    node("mrow", &parts)
}

fn single(word: &str) -> Element {
    if let Some(under) = word.strip_prefix('^').filter(|rest| !rest.is_empty()) {
        let hatted = node("mover", &[single(under), leaf("mo", "^")]);
        let _ = hatted.set_attribute("accent", "true");
        return hatted;
    }
    // The first letter is always a letter: `_` and `^` alone are themselves.
    let inside = |mark: char| word.char_indices().skip(1).find(|(_, c)| *c == mark).map(|(at, _)| at);
    match (inside('_'), inside('^')) {
        (Some(at), _) => node("msub", &[single(&word[..at]), single(&word[at + 1..])]),
        (None, Some(at)) => node("msup", &[single(&word[..at]), single(&word[at + 1..])]),
        (None, None) => {
            let name = match word.chars().next() {
                Some('"') => return leaf("mtext", word.trim_matches('"')),
                Some(c) if c.is_ascii_digit() => "mn",
                Some(c) if c.is_alphabetic() && c != '∂' => "mi",
                _ => "mo",
            };
            leaf(name, word)
        }
    }
}

fn leaf(name: &str, text: &str) -> Element {
    let leaf = node(name, &[]);
    leaf.set_text_content(Some(text));
    if name == "mo" && ["(", ")", "[", "]"].contains(&text) {
        let _ = leaf.set_attribute("stretchy", "false");
    }
    leaf
}

fn node(name: &str, inside: &[Element]) -> Element {
    let made = document().create_element_ns(Some("http://www.w3.org/1998/Math/MathML"), name);
    // The names above are all good, and a document always makes them.
    let node = made.unwrap_or_else(|_| document().create_element("span").expect("a span can be made"));
    for part in inside {
        let _ = node.append_child(part);
    }
    node
}
