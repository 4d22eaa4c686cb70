//! How the sources use a static: whether a resource in its place would be used in the same way.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Methods of a resource, which would be called in place of the value's.
const TAKEN: [&str; 8] = ["get", "handle", "is_healthy", "name", "replace", "state", "try_get", "warm"];

/// A use that would no longer compile, or mean something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hindrance {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// The first use of each of these names in a text that stands in the way. `declared` says at which bytes they are declared.
pub(super) fn hindrances(text: &str, names: &[&str], declared: &dyn Fn(usize) -> bool) -> HashMap<String, Hindrance> {
    let mut found = HashMap::new();
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - code.len();
    if let Ok(tokens) = code.parse::<TokenStream>() {
        Search { names, declared, offset, found: &mut found }.tokens(tokens);
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    found
}

struct Search<'a> {
    names: &'a [&'a str],
    declared: &'a dyn Fn(usize) -> bool,
    offset: usize,
    found: &'a mut HashMap<String, Hindrance>,
}

impl Search<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut import = false;
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                // The names in the braces of an import are imports too.
                TokenTree::Group(group) if !import => self.tokens(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == ';' => import = false,
                TokenTree::Ident(word) if word == "use" => import = true,
                TokenTree::Ident(word) if !import && self.names.iter().any(|name| word == name) => {
                    let start = word.span().byte_range().start + self.offset;
                    if !(self.declared)(start)
                        && let Some(reason) = hindrance(&trees, at)
                    {
                        let line = word.span().start().line;
                        self.found.entry(word.to_string()).or_insert(Hindrance { line, reason });
                    }
                }
                _ => {}
            }
        }
    }
}

/// Why the use at a place stands in the way, if it does.
fn hindrance(trees: &[TokenTree], at: usize) -> Option<String> {
    let is_punct =
        |tree: Option<&TokenTree>, letter| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    match (trees.get(at + 1), trees.get(at + 2), trees.get(at + 3)) {
        (dot, Some(TokenTree::Ident(method)), behind) if is_punct(dot, '.') => {
            let is_call = matches!(behind, Some(TokenTree::Group(_))) || is_punct(behind, ':');
            let taken = is_call && TAKEN.iter().any(|taken| method == taken);
            return taken.then(|| format!("calls `{method}()`, which a resource has too"));
        }
        (Some(TokenTree::Group(group)), ..) if group.delimiter() == Delimiter::Bracket => return None,
        _ => {}
    }
    // `*NAME`, also behind a path: `*config::NAME`.
    let mut before = at;
    while before >= 3 && is_punct(trees.get(before - 1), ':') && is_punct(trees.get(before - 2), ':') {
        before -= 3;
    }
    if before > 0 && is_punct(trees.get(before - 1), '*') {
        return None;
    }
    Some("uses it otherwise than by `*`, a method or an index".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uses_that_go_through_the_value_are_no_hindrance() {
        for (text, hinders) in [
            ("fn f() { X.len(); let y = &*X; for z in X.iter() {} *a::X; X[0]; println!(\"{}\", X.lock()) }", false),
            ("use crate::X; use a::{X, y};", false),
            ("fn f() { X.get(1); }", true),
            ("fn f() { X.get::<u8>(1); }", true),
            ("fn f() { X.name; }", false),
            ("fn f() { g(&X); }", true),
            ("fn f() { LazyLock::force(&a::X); }", true),
            ("fn f() { let y = X; }", true),
        ] {
            let found = hindrances(text, &["X"], &|_| false);
            assert_eq!(!found.is_empty(), hinders, "{text}: {found:?}");
        }
    }
}
