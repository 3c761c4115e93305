//! What `words!` is made of: a format string is taken apart at compile time, so that its words can be looked up in another
//! language and what stands in its holes goes where that language wants it.
use proc_macro::TokenStream;
use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, LitStr, Path, Result, Token, parse_macro_input};

/// `filled!(path; "{} of {all} digits, {loss:.4}", seen)`: a call of `path::filled` with the words, all holes written `{}`,
/// and what stands in them, in order.
#[proc_macro]
pub fn filled(input: TokenStream) -> TokenStream {
    let Said { path, words, arguments } = parse_macro_input!(input as Said);
    match taken_apart(&words, &arguments) {
        Ok((_, holes)) if holes.is_empty() => quote!(#path::said_owned(#words)).into(),
        Ok((plain, holes)) => quote!(#path::filled(#plain, &[#(&#holes),*])).into(),
        Err(error) => error.to_compile_error().into(),
    }
}

struct Said {
    path: Path,
    words: LitStr,
    arguments: Vec<(Option<Ident>, Expr)>,
}

impl Parse for Said {
    fn parse(input: ParseStream) -> Result<Self> {
        let path = input.parse()?;
        input.parse::<Token![;]>()?;
        let words = input.parse()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated(input)?;
        Ok(Self { path, words, arguments: arguments.into_iter().map(|argument| (argument.0, argument.1)).collect() })
    }
}

struct Argument(Option<Ident>, Expr);

impl Parse for Argument {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name = input.parse()?;
            input.parse::<Token![=]>()?;
            return Ok(Self(Some(name), input.parse()?));
        }
        Ok(Self(None, input.parse()?))
    }
}

/// The words with `{}` for every hole, and the holes' values.
fn taken_apart(words: &LitStr, arguments: &[(Option<Ident>, Expr)]) -> Result<(String, Vec<Tokens>)> {
    let said = words.value();
    let wrong = |what: &str| Error::new(words.span(), what);
    let (mut plain, mut holes, mut next, mut rest) = (String::new(), Vec::new(), 0, said.as_str());
    let mut used = vec![false; arguments.len()];
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let sign = &rest[at..=at];
        if rest[at + 1..].starts_with(sign) {
            return Err(wrong("braces among words are not supported"));
        }
        let end = rest[at..].find('}').filter(|_| sign == "{").ok_or_else(|| wrong("a brace stands alone"))? + at;
        let (name, format) = rest[at + 1..end].split_once(':').unwrap_or((&rest[at + 1..end], ""));
        if format.contains(['$', '*']) {
            return Err(wrong("widths given by arguments are not supported"));
        }
        let place = match name {
            "" => Some(next),
            name => name
                .parse()
                .ok()
                .or_else(|| arguments.iter().position(|(known, _)| known.as_ref().is_some_and(|known| known == name))),
        };
        next += usize::from(name.is_empty());
        let value = match place {
            Some(place) => {
                let (_, value) = arguments.get(place).ok_or_else(|| wrong("an argument is missing"))?;
                used[place] = true;
                quote!(#value)
            }
            None => captured(name, words.span())?,
        };
        holes.push(match format {
            "" => quote!((#value)),
            format => {
                let format = LitStr::new(&format!("{{:{format}}}"), words.span());
                quote!(::core::format_args!(#format, #value))
            }
        });
        plain.push_str("{}");
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    match used.iter().position(|used| !used) {
        Some(unused) => Err(Error::new_spanned(&arguments[unused].1, "this argument is not used")),
        None => Ok((plain, holes)),
    }
}

/// A variable named among the words.
fn captured(name: &str, span: Span) -> Result<Tokens> {
    let name: Ident = syn::parse_str(name).map_err(|_| Error::new(span, format!("`{name}` is not a name")))?;
    let name = Ident::new(&name.to_string(), span);
    Ok(quote_spanned!(span=> #name))
}
