//! Errors are collected: one compilation shows them all.

use std::fmt::Display;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::edition;
use crate::tokens::is_punct;

/// Everything found wrong so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Records an error on `tokens`. The message names the problem, then the fix.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Records an error of the parser.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.extend(error);
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tokens, and behind them the errors.
    pub(crate) fn beside(&self, mut tokens: TokenStream) -> TokenStream {
        tokens.extend(self.0.iter().map(compile_error));
        tokens
    }
}

/// An error as `::core::compile_error! { ... }`, which the compiler shows on the user's tokens as if it were its own.
///
/// In edition 2015 a path that begins with `::` begins in the user's crate, where there is no `core`. There the `::`
/// gets a span of this crate, whose edition decides; for that the compiler adds a note that the error comes from the
/// attribute.
fn compile_error(error: &syn::Error) -> TokenStream {
    let mut trees: Vec<TokenTree> = error.to_compile_error().into_iter().collect();
    if edition::is_2015() {
        for colon in trees.iter_mut().take_while(|tree| is_punct(tree, ':')) {
            colon.set_span(Span::mixed_site().located_at(colon.span()));
        }
    }
    trees.into_iter().collect()
}

/// An option that does not exist.
pub(crate) fn unknown(attribute: &str, word: &Ident, words: &[&str]) -> syn::Error {
    let message = match nearest(&word.to_string(), words) {
        Some(near) => format!("`{attribute}` has no option `{word}`; did you mean `{near}`?"),
        None => format!("`{attribute}` has no option `{word}`; the options are {}", words.join(", ")),
    };
    syn::Error::new_spanned(word, message)
}

/// The candidate that `word` was most likely meant to be, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    candidates
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.chars().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_forgives_typing_errors_and_nothing_more() {
        let options = ["name", "skip", "timing", "budget", "by_type", "future", "crate"];
        for (typed, meant) in [("nmae", "name"), ("byType", "by_type"), ("budgets", "budget"), ("async", "")] {
            assert_eq!(nearest(typed, &options).unwrap_or_default(), meant, "{typed}");
        }
    }
}
