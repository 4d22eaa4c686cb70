//! How the sources use a static: whether a resource in its place would be used in the same way.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::locals;

/// Methods of a resource, which would be called in place of the value's.
const TAKEN: [&str; 8] = ["get", "handle", "is_healthy", "name", "replace", "state", "try_get", "warm"];

/// A place that names a static.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) line: usize,
    /// It is an import, and not yet a use.
    pub(super) is_import: bool,
    /// Why it would no longer compile, or mean something else.
    pub(super) hindrance: Option<String>,
}

/// The uses of these names in a text. `declared` says at which bytes they are declared.
pub(super) fn of(text: &str, names: &[&str], declared: &dyn Fn(usize) -> bool) -> Vec<Use> {
    let mut found = Vec::new();
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - code.len();
    match code.parse::<TokenStream>() {
        Ok(tokens) => Search { names, declared, offset, found: &mut found }.tokens(tokens),
        // A program that reads it some day may use them all.
        Err(_) => found.extend(names.iter().filter(|name| text.contains(**name)).map(|name| Use {
            name: (*name).to_owned(),
            at: 0,
            line: 1,
            is_import: false,
            hindrance: Some("has its name, and can't be read as Rust".to_owned()),
        })),
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    found
}

struct Search<'a> {
    names: &'a [&'a str],
    declared: &'a dyn Fn(usize) -> bool,
    offset: usize,
    found: &'a mut Vec<Use>,
}

impl Search<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut import = false;
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Group(group) if import => self.imports(group.stream()),
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == ';' => import = false,
                // `impl Trait + use<'a>` imports nothing.
                TokenTree::Ident(word) if word == "use" => import = !is_punct(trees.get(at + 1), '<'),
                TokenTree::Ident(word) if import => self.imported(word, trees.get(at + 1), trees.get(at + 2)),
                TokenTree::Ident(word) => self.found(word, false, |_| hindrance(&trees, at)),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let shown: Vec<&str> = locals::captured(&text).filter(|name| self.names.contains(name)).collect();
                    for name in shown {
                        let hindrance = Some("shows it in a format string".to_owned());
                        let (at, line) = (literal.span().byte_range().start + self.offset, literal.span().start().line);
                        self.found.push(Use { name: name.to_owned(), at, line, is_import: false, hindrance });
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    /// The names in the braces of an import.
    fn imports(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Group(group) => self.imports(group.stream()),
                TokenTree::Ident(word) => self.imported(word, trees.get(at + 1), trees.get(at + 2)),
                _ => {}
            }
        }
    }

    fn imported(&mut self, word: &proc_macro2::Ident, next: Option<&TokenTree>, behind: Option<&TokenTree>) {
        self.found(word, true, |_| match (next, behind) {
            (Some(TokenTree::Ident(renamed)), Some(TokenTree::Ident(name))) if renamed == "as" => {
                Some(format!("imports it as `{name}`"))
            }
            _ => None,
        });
    }

    fn found(&mut self, word: &proc_macro2::Ident, is_import: bool, hindrance: impl FnOnce(&str) -> Option<String>) {
        let name = word.to_string();
        let at = word.span().byte_range().start + self.offset;
        if self.names.contains(&name.as_str()) && !(self.declared)(at) {
            let hindrance = hindrance(&name);
            self.found.push(Use { name, at, line: word.span().start().line, is_import, hindrance });
        }
    }
}

fn is_punct(tree: Option<&TokenTree>, letter: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == letter)
}

/// Why the use at a place stands in the way, if it does.
fn hindrance(trees: &[TokenTree], at: usize) -> Option<String> {
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
            ("use crate::X as Y;", true),
            ("use crate::{a, X as Y};", true),
            ("fn f() { println!(\"{X:?}\") }", true),
            ("fn f() { println!(\"X {Xs}\") }", false),
            ("fn f() -> impl Sized + use<> { g(&X) }", true),
            ("fn f() { let X = ( }", true),
        ] {
            let found = of(text, &["X"], &|_| false);
            assert_eq!(found.iter().any(|found| found.hindrance.is_some()), hinders, "{text}: {found:?}");
        }
    }
}
