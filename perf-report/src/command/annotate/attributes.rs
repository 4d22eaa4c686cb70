//! Attributes of an item that decide whether it can be annotated.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

use super::left::Left;

/// Attributes whose function is called in a way of their own. The last segment of the path decides.
const CALLED_OTHERWISE: [&str; 20] = [
    "alloc_error_handler",
    "bridge",
    "const_fn",
    "ctor",
    "dtor",
    "entry",
    "exception",
    "global_allocator",
    "interrupt",
    "kernel",
    "lang",
    "panic_handler",
    "pre_init",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "proof",
    "start",
    "used",
    "exported_macro",
];

/// Attributes that make a test of a function.
const TESTS: [&str; 8] =
    ["test", "bench", "rstest", "test_case", "quickcheck", "proptest", "wasm_bindgen_test", "googletest"];

/// The attributes of an item, those that a `cfg_attr` may bring included: name of the last segment, and all tokens.
fn named<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Vec<(String, TokenStream)> {
    let mut found = Vec::new();
    for attribute in attributes {
        let tokens = match &attribute.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            // Documentation may say anything.
            Meta::NameValue(_) => continue,
        };
        let Some(last) = attribute.path().segments.last() else { continue };
        match last.ident.to_string().as_str() {
            "cfg_attr" => found.extend(split(tokens).into_iter().skip(1).filter_map(brought)),
            "unsafe" => found.extend(brought(tokens)),
            name => found.push((name.to_owned(), tokens)),
        }
    }
    found
}

/// An attribute in the parentheses of another: name of the last segment, and the tokens behind the path.
fn brought(tokens: TokenStream) -> Option<(String, TokenStream)> {
    let (mut name, mut rest) = (None, tokens.into_iter().peekable());
    while let Some(tree) = rest.next_if(|tree| match tree {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    }) {
        if let TokenTree::Ident(word) = tree {
            name = Some(word.to_string());
        }
    }
    name.map(|name| (name, rest.collect()))
}

/// All names and keywords in tokens.
fn words(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for tree in tokens.clone() {
        match tree {
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Group(group) => found.extend(words(&group.stream())),
            _ => {}
        }
    }
    found
}

/// Why the attributes of a function forbid another, if they do.
pub(super) fn forbidding<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Option<Left> {
    for (name, tokens) in named(attributes) {
        match name.as_str() {
            "naked" => return Some(Left::Naked),
            name if TESTS.contains(&name) => return Some(Left::Test),
            name if CALLED_OTHERWISE.contains(&name) || name.starts_with("rustc_") => {
                return Some(Left::Attribute(name.to_owned()));
            }
            // `rustversion::attr(since(1.60), const)` makes a `const fn`.
            "attr" if words(&tokens).iter().any(|word| word == "const") => return Some(Left::Const),
            _ => {}
        }
    }
    None
}

/// Whether an attribute is `#[lazy_resource]`.
pub(super) fn is_resource<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, _)| name == "lazy_resource")
}

/// Whether an attribute is `#[profile]`, by whichever path, or one that a `cfg_attr` brings.
pub(super) fn profiled<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, _)| name == "profile")
}

/// Whether the author of a function asks for it to be inlined everywhere.
pub(super) fn inlined_always<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> bool {
    named(attributes).iter().any(|(name, tokens)| name == "inline" && words(tokens).iter().any(|word| word == "always"))
}

/// Whether an item is there for tests alone, or derived.
pub(super) fn left_out<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Option<Left> {
    for (name, tokens) in named(attributes) {
        match name.as_str() {
            "cfg" if only_for_tests(&tokens) => return Some(Left::Test),
            "automatically_derived" => return Some(Left::Generated),
            "bridge" => return Some(Left::Attribute(name)),
            _ => {}
        }
    }
    None
}

/// Whether a predicate of `cfg` holds for tests alone: `test`, or `all(…)` with it.
fn only_for_tests(predicate: &TokenStream) -> bool {
    let trees: Vec<TokenTree> = predicate.clone().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(word), rest @ ..] if word == "test" => rest.is_empty() || is_comma(rest),
        [TokenTree::Ident(word), TokenTree::Group(group), ..] if word == "all" => {
            split(group.stream()).iter().any(only_for_tests)
        }
        _ => false,
    }
}

fn is_comma(rest: &[TokenTree]) -> bool {
    matches!(rest, [TokenTree::Punct(punct)] if punct.as_char() == ',')
}

/// Tokens between commas.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for tree in tokens {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.extend([tree.clone()])),
        }
    }
    parts
}

/// The files that `#[path = "…"]` and `#[cfg_attr(…, path = "…")]` name.
pub(super) fn paths<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => {
                if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                    found.push(text.value());
                }
            }
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let mut trees = list.tokens.clone().into_iter();
                while let Some(tree) = trees.next() {
                    if matches!(&tree, TokenTree::Ident(word) if word == "path")
                        && let (Some(_), Some(TokenTree::Literal(literal))) = (trees.next(), trees.next())
                        && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                    {
                        found.push(text.value());
                    }
                }
            }
            _ => {}
        }
    }
    found
}
