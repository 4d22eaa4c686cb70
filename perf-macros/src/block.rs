//! `profile_block!` must not contain `.await`: its guard is a frame on the thread's stack, and while the block waits, the thread
//! runs other tasks, whose calls would count as calls of the block.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::errors::{Errors, is_edition_2015};
use crate::tokens::{is_punct, is_word};

const MESSAGE: &str = "`profile_block!` can't time a block that waits, because its thread runs other tasks meanwhile; write \
                       `profile_future!(\"...\", async { ... }).await`, or move the `.await` out of the block";

/// An error on every `.await` of the block. The block itself is not in the result.
pub(crate) fn refuse_await(block: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    // In edition 2015 `await` is a name like any other, and there is no async code.
    if !is_edition_2015() {
        let mut awaits = Vec::new();
        find_awaits(block, &mut awaits);
        awaits.into_iter().for_each(|word| errors.on(word, MESSAGE));
    }
    errors.beside(TokenStream::new())
}

/// The `await` of every `.await` at which this code waits, unlike an `async` block, closure or function inside it.
fn find_awaits(code: TokenStream, found: &mut Vec<Ident>) {
    let trees: Vec<TokenTree> = code.into_iter().collect();
    let mut rest = trees.as_slice();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (dot, [TokenTree::Ident(word), ..]) if is_punct(dot, '.') && word == "await" => found.push(word.clone()),
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
            if body.first().is_some_and(is_braces) || body.first().is_some_and(|dash| is_punct(dash, '-')) {
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

fn is_braces(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::find_awaits;

    #[test]
    fn awaits_of_the_block_itself_are_found() {
        for (code, count) in [
            (quote!({ f().await }), 1),
            (quote!({ f().await?.g(h().await) }), 2),
            (
                quote!({
                    println!("{}", f().await);
                    if a { b.await } else { [c.await] }
                }),
                3,
            ),
            (quote!({ async { f().await }.await }), 1),
            (
                quote!({
                    let f = async move { f().await };
                    g(f);
                }),
                0,
            ),
            (
                quote!({
                    let f = async |x| x.await;
                    f(1).await
                }),
                1,
            ),
            (
                quote!({
                    let f = async move |x: u8| -> u8 { x.await };
                    f(1).await
                }),
                1,
            ),
            (
                quote!({
                    let f = async || x.await;
                    f()
                }),
                0,
            ),
            (
                quote!({
                    async unsafe fn f(x: X) -> u8 {
                        x.await
                    }
                    f(1).await
                }),
                1,
            ),
            (quote!({ profile_future!("inside", async { x.await }) }), 0),
            (quote!({ self.r#await + x.awaited }), 0),
        ] {
            let mut found = Vec::new();
            find_awaits(code.clone(), &mut found);
            assert_eq!(found.len(), count, "{code}");
        }
    }
}
