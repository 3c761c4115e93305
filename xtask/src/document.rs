//! The page's HTML made fit for its own content security policy: no script in it but by address.

use anyhow::{Context, Result, bail};

/// What the page may do: everything from its own origin, wasm, a worker that it writes itself, and nothing else.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
    connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'";

/// A document under the policy, and the scripts that were taken out of it.
pub struct Sealed {
    /// The HTML, the policy first in its head.
    pub html: String,
    /// File name and text of each script that stood in the HTML.
    pub scripts: Vec<(String, String)>,
}

/// Puts the policy first in the head and each inline script into a file of its own, named by its content.
/// What the policy would block but nobody would see at build time (inline styles, handlers) is an error.
pub fn seal(html: &str) -> Result<Sealed> {
    let mut sealed = Sealed { html: String::new(), scripts: Vec::new() };
    let mut has_head = false;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        sealed.html.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").context("the page has a comment without an end")?.1;
            continue;
        }
        let (tag, after) = rest.split_at(tag_end(rest)?);
        let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_lowercase();
        rest = after;
        refuse_inline(&name, tag)?;
        match name.as_str() {
            "head" if !has_head => {
                has_head = true;
                let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\" />");
                sealed.html.push_str(&format!("{tag}\n    {policy}"));
            }
            "script" => {
                let (text, after) = rest.split_once("</script>").context("the page has a script without an end")?;
                rest = after;
                let text = text.trim();
                if text.is_empty() {
                    sealed.html.push_str(&format!("{tag}</script>"));
                } else {
                    let file = format!("start-{}.js", fingerprint(text.as_bytes()));
                    let tag = tag.trim_end_matches('>');
                    sealed.html.push_str(&format!("{tag} src=\"./{file}\"></script>"));
                    sealed.scripts.push((file, format!("{text}\n")));
                }
            }
            _ => sealed.html.push_str(tag),
        }
    }
    sealed.html.push_str(rest);
    if !has_head {
        bail!("the page has no <head>, so its policy has no place: write one in index.html");
    }
    Ok(sealed)
}

/// The same head with another title and another script, over another body. What the page loads ahead of its own
/// script is left out.
pub fn with_body(html: &str, title: &str, script: &str, body: &str) -> Result<String> {
    let (head, rest) = html.split_once("<title>").context("the page has no title")?;
    let (_, rest) = rest.split_once("</title>").context("the page's title has no end")?;
    let (middle, rest) = rest.split_once("<body>").context("the page has no body")?;
    let (_, tail) = rest.split_once("</body>").context("the page's body has no end")?;
    let mut kept = String::new();
    let mut rest = middle;
    while let Some(start) = rest.find('<') {
        let (tag, after) = rest[start..].split_at(tag_end(&rest[start..])?);
        let own = tag.starts_with("<script") || tag.starts_with("</script") || tag.contains("preload");
        kept.push_str(&rest[..start]);
        if tag.starts_with("</head") {
            kept.push_str(&format!("<script type=\"module\" src=\"./{script}\"></script>"));
        }
        if !own {
            kept.push_str(tag);
        }
        rest = after;
    }
    kept.push_str(rest);
    Ok(format!("{head}<title>{title}</title>{kept}<body>\n{body}  </body>{tail}"))
}

/// Where the tag that `html` begins with ends: behind the first `>` outside quotes.
fn tag_end(html: &str) -> Result<usize> {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return Ok(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    let begins: String = html.chars().take(40).collect();
    bail!("the page has a tag without an end: {begins}")
}

fn refuse_inline(name: &str, tag: &str) -> Result<()> {
    let handler = |word: &str| word.starts_with("on") && word.contains('=');
    let attribute = tag.split_whitespace().skip(1).find(|word| word.starts_with("style=") || handler(word));
    if name == "style" || attribute.is_some() {
        bail!("the page's policy blocks {}: move it to www/style.css or to a script", attribute.unwrap_or(tag));
    }
    Ok(())
}

/// FNV-1a: enough to tell two versions of our own script apart, and the same on every machine.
pub fn fingerprint(bytes: &[u8]) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().copied().fold(0xcbf2_9ce4_8422_2325, mix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_move_out_and_the_policy_comes_first() {
        let html = "<!doctype html>\n<html><head>\n<meta charset=\"utf-8\"><!-- <script>no</script> -->\
            <script type=\"module\">\nimport init from './app.js';\nif (1 < 2) await init();\n</script>\
            <script src=\"x.js\"></script></head><body>1 &lt; 2</body></html>";
        let sealed = seal(html).expect("a good page");
        let [(file, text)] = &sealed.scripts[..] else { panic!("{} scripts, should be 1", sealed.scripts.len()) };
        assert_eq!(text, "import init from './app.js';\nif (1 < 2) await init();\n");
        let (_, head) = sealed.html.split_once("<head>").expect("a head");
        assert!(head.trim_start().starts_with("<meta http-equiv=\"Content-Security-Policy\""), "{head}");
        assert!(
            sealed.html.contains(&format!("<script type=\"module\" src=\"./{file}\"></script>")),
            "{}",
            sealed.html
        );
        assert!(sealed.html.contains("<script src=\"x.js\"></script>"), "{}", sealed.html);
        assert!(sealed.html.ends_with("<body>1 &lt; 2</body></html>"), "{}", sealed.html);
        assert!(!sealed.html.contains("no</script>"), "{}", sealed.html);
    }

    #[test]
    fn another_body_has_the_same_head() {
        let html = "<html><head><title>a</title><link rel=\"icon\"><script src=\"a.js\"></script>\
            <link rel=\"modulepreload\"></head>\n<body><p>b</p></body></html>";
        let made = with_body(html, "c", "s.js", "<p>d</p>\n").expect("a good page");
        let expected = "<html><head><title>c</title><link rel=\"icon\"><script type=\"module\" src=\"./s.js\"></script>\
            </head>\n<body>\n<p>d</p>\n  </body></html>";
        assert_eq!(made, expected);
        assert!(with_body("<p>no title", "c", "", "").is_err());
    }

    #[test]
    fn another_script_has_another_name() {
        assert_eq!(fingerprint(b"a"), "af63dc4c8601ec8c");
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
    }

    #[test]
    fn what_the_policy_blocks_is_named() {
        for (html, what) in [
            ("<head></head><style>p{}</style>", "<style>"),
            ("<head></head><p title=\"a>b\" style=\"color:red\">", "style="),
            ("<head></head><p onclick=\"go()\">", "onclick="),
            ("<p>no head", "no <head>"),
        ] {
            let error = seal(html).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(what), "{html}: {error:?} should name {what}");
        }
    }
}
