//! Attributes by their names, those that a `cfg_attr` may bring included, and whether they leave an item to tests.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

/// Attributes that make a test of a function.
const TESTS: [&str; 8] =
    ["test", "bench", "rstest", "test_case", "quickcheck", "proptest", "wasm_bindgen_test", "googletest"];

/// The attributes of an item, those that a `cfg_attr` may bring included: name of the last segment, and all tokens.
pub(in crate::command) fn named<'a>(attributes: impl IntoIterator<Item = &'a Attribute>) -> Vec<(String, TokenStream)> {
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
pub(in crate::command) fn words(tokens: &TokenStream) -> Vec<String> {
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

/// Whether attributes leave an item to tests.
pub(in crate::command) fn is_test(attributes: &[Attribute]) -> bool {
    named(attributes).iter().any(|(name, tokens)| is_test_function(name) || (name == "cfg" && only_for_tests(tokens)))
}

/// Whether an attribute of this name makes a test of a function.
pub(in crate::command) fn is_test_function(name: &str) -> bool {
    TESTS.contains(&name)
}

/// Whether a predicate of `cfg` holds for tests alone: `test`, or `all(…)` with it.
pub(in crate::command) fn only_for_tests(predicate: &TokenStream) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_left_to_tests_where_nothing_else_can_have_it() {
        for (attribute, is_left) in [
            ("#[test]", true),
            ("#[tokio::test(flavor = \"multi_thread\")]", true),
            ("#[cfg_attr(unix, test)]", true),
            ("#[cfg(test)]", true),
            ("#[cfg(all(test, feature = \"x\"))]", true),
            ("#[cfg(all(unix, all(test, feature = \"x\")))]", true),
            ("#[cfg(any(test, unix))]", false),
            ("#[cfg(all(any(test, unix), feature = \"x\"))]", false),
            ("#[cfg(not(test))]", false),
            ("#[doc = \"test\"]", false),
            ("#[inline]", false),
        ] {
            let item: syn::ItemFn = syn::parse_str(&format!("{attribute} fn f() {{}}")).expect("a function");
            assert_eq!(is_test(&item.attrs), is_left, "{attribute}");
        }
    }
}
