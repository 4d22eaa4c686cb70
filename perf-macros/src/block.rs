//! `profile_block!` must not contain `.await`: its guard is a frame on the thread's stack, and while the block waits,
//! the thread runs other tasks, whose calls would count as calls of the block.
//!
//! Without the feature `enabled` a block would wait without harm, but then a library could be built that no program can
//! enable. So this is always compiled, and uses `proc_macro` alone.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::edition;

const MESSAGE: &str = "`profile_block!` can't time a block that waits, because its thread runs other tasks meanwhile; write \
                       `profile_future!(\"...\", async { ... }).await`, or move the `.await` out of the block";

/// An error on every `.await` of the block. The block itself is not in the result.
pub(crate) fn refuse_await(block: TokenStream) -> TokenStream {
    let mut awaits = Vec::new();
    // In edition 2015 `await` is a name like any other, and there is no async code.
    if !edition::is_2015() {
        find_awaits(block, &mut awaits);
    }
    awaits.into_iter().map(compile_error).collect()
}

/// The places of every `.await` at which this code waits, unlike an `async` block, closure or function inside it.
fn find_awaits(code: TokenStream, found: &mut Vec<Span>) {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    let mut rest = trees.as_slice();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (dot, [word, ..]) if is_punct(dot, '.') && is_word(word, "await") => found.push(word.span()),
            (word, _) if is_word(word, "async") => rest = behind_async(behind),
            (TokenTree::Group(group), _) => find_awaits(group.stream(), found),
            _ => {}
        }
    }
}

/// The tokens behind the block, closure or function that begins with the `async` before these tokens.
fn behind_async(tokens: &[TokenTree]) -> &[TokenTree] {
    let tokens = match tokens {
        [word, rest @ ..] if is_word(word, "move") => rest,
        tokens => tokens,
    };
    match tokens {
        [bar, rest @ ..] if is_punct(bar, '|') => {
            let parameters = rest.iter().position(|tree| is_punct(tree, '|')).map_or(rest.len(), |bar| bar + 1);
            let body = &rest[parameters..];
            if body.first().is_some_and(|first| is_braces(first) || is_punct(first, '-')) {
                return behind_first(body, is_braces);
            }
            behind_first(body, |tree| is_punct(tree, ',') || is_punct(tree, ';'))
        }
        tokens => behind_first(tokens, is_braces),
    }
}

fn behind_first(tokens: &[TokenTree], is_last: impl Fn(&TokenTree) -> bool) -> &[TokenTree] {
    let last = tokens.iter().position(is_last).unwrap_or(tokens.len());
    tokens.get(last + 1..).unwrap_or_default()
}

fn is_punct(tree: &TokenTree, char: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident.to_string() == word)
}

fn is_braces(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// The error, all of it at one place.
fn compile_error(place: Span) -> TokenStream {
    let tokens: TokenStream = format!("::core::compile_error! {{ {MESSAGE:?} }}").parse().unwrap_or_default();
    at(place, tokens)
}

fn at(place: Span, tokens: TokenStream) -> TokenStream {
    let trees = tokens.into_iter().map(|mut tree| {
        if let TokenTree::Group(group) = &tree {
            tree = Group::new(group.delimiter(), at(place, group.stream())).into();
        }
        tree.set_span(place);
        tree
    });
    trees.collect()
}
