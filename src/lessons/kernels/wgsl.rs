//! WGSL in colours: which words are of the language, which are types, numbers, attributes, comments.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, brackets, blanks.
    Plain,
    /// `// …`
    Comment,
    /// `fn`, `var`, `for`, …
    Keyword,
    /// `f32`, `array`, …
    Type,
    /// `0.5`, `64u`, `0x7f`
    Number,
    /// `@compute`
    Attribute,
}

const KEYWORDS: [&str; 23] = [
    "break",
    "case",
    "const",
    "const_assert",
    "continue",
    "continuing",
    "default",
    "else",
    "enable",
    "false",
    "fn",
    "for",
    "if",
    "let",
    "loop",
    "override",
    "return",
    "struct",
    "switch",
    "true",
    "uniform",
    "var",
    "while",
];
const TYPES: [&str; 12] =
    ["array", "atomic", "bool", "f16", "f32", "i32", "mat4x4", "ptr", "u32", "vec2", "vec3", "vec4"];

/// The text in pieces, one after the other, each with its kind.
pub fn pieces(text: &str) -> Vec<(Kind, &str)> {
    let mut all: Vec<(Kind, &str)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let until = |end: &dyn Fn(char) -> bool| rest.find(end).unwrap_or(rest.len());
        let (kind, len) = match first {
            _ if rest.starts_with("//") => (Kind::Comment, until(&|c| c == '\n')),
            '@' => (Kind::Attribute, 1 + rest[1..].find(|c| !word(c)).unwrap_or(rest.len() - 1)),
            c if c.is_ascii_digit() => (Kind::Number, until(&|c| !word(c) && c != '.')),
            c if word(c) => {
                let len = until(&|c| !word(c));
                let name = &rest[..len];
                // `vec4f` is `vec4<f32>`.
                let base = name.strip_suffix(['f', 'u', 'i']).unwrap_or(name);
                let kind = match name {
                    _ if KEYWORDS.contains(&name) => Kind::Keyword,
                    _ if TYPES.contains(&name) || base.starts_with("vec") && TYPES.contains(&base) => Kind::Type,
                    _ => Kind::Plain,
                };
                (kind, len)
            }
            _ => (Kind::Plain, until(&|c| word(c) || c == '@' || c == '/').max(first.len_utf8())),
        };
        let (piece, left) = rest.split_at(len);
        match all.last_mut() {
            // Fewer and longer pieces: each is an element of the page.
            Some((Kind::Plain, before)) if kind == Kind::Plain => {
                let end = text.len() - left.len();
                *before = &text[end - before.len() - len..end];
            }
            _ => all.push((kind, piece)),
        }
        rest = left;
    }
    all
}
