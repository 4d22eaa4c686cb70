//! Walks over tokens that are understood only as far as needed.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::Token;
use syn::buffer::Cursor;
use syn::parse::ParseStream;

/// Tokens that the user did not write: with hygiene for local names, and read by the rules of our own edition.
macro_rules! added {
    ($($tokens:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*) };
}
pub(crate) use added;

/// The angle brackets that are open at a place in a type: unlike parentheses, they are not groups.
#[derive(Default)]
pub(crate) struct Angles {
    open: usize,
    after_dash: bool,
}

impl Angles {
    /// Steps over a token. `None` at a `>` that closes what was opened before the walk began.
    pub(crate) fn step(&mut self, tree: &TokenTree) -> Option<()> {
        let after_dash = std::mem::take(&mut self.after_dash);
        if let TokenTree::Punct(punct) = tree {
            match punct.as_char() {
                '<' => self.open += 1,
                // Not the end of a `->`.
                '>' if !after_dash => self.open = self.open.checked_sub(1)?,
                '-' => self.after_dash = punct.spacing() == Spacing::Joint,
                _ => {}
            }
        }
        Some(())
    }

    /// Whether all are closed.
    pub(crate) fn closed(&self) -> bool {
        self.open == 0
    }
}

/// The tokens from one place of a stream to a later one.
pub(crate) fn between(from: Cursor<'_>, to: Cursor<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut here = from;
    while here < to {
        // A fragment of a `macro_rules!` comes in an invisible group, and what was parsed may end inside of it.
        if let Some((inside, _, after)) = here.group(Delimiter::None)
            && to < after
        {
            here = inside;
            continue;
        }
        let Some((tree, next)) = here.token_tree() else { break };
        tokens.append(tree);
        here = next;
    }
    tokens
}

/// The tokens one by one, out of the invisible group if one stands around all of them.
pub(crate) fn trees(tokens: &TokenStream) -> Vec<TokenTree> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => self::trees(&group.stream()),
        _ => trees,
    }
}

/// The tokens between the commas, those in angle brackets excepted.
pub(crate) fn split_at_commas(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    let mut angles = Angles::default();
    for tree in tokens {
        if angles.closed() && is_punct(&tree, ',') {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        let _ = angles.step(&tree);
        part.append(tree);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Consumes `<...>` and gives what stands inside.
pub(crate) fn angle_brackets(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    input.parse::<Token![<]>()?;
    let mut inside = TokenStream::new();
    let mut angles = Angles::default();
    loop {
        let tree: TokenTree = input.parse()?;
        if angles.step(&tree).is_none() {
            return Ok(inside);
        }
        inside.append(tree);
    }
}

/// Whether a token is this punctuation.
pub(crate) fn is_punct(tree: &TokenTree, char: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Whether a token is this word.
pub(crate) fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

/// Whether a word stands anywhere in these tokens.
pub(crate) fn mentions(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|tree| match &tree {
        TokenTree::Group(group) => mentions(&group.stream(), word),
        tree => is_word(tree, word),
    })
}

/// Where the tokens begin.
pub(crate) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |tree| tree.span())
}

/// Where the tokens end.
pub(crate) fn last_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().last().map_or_else(Span::call_site, |tree| tree.span())
}

/// Other contents in the user's delimiters, whose span decides for the compiler by which edition they are read and
/// where their end is.
pub(crate) fn in_place_of(group: &Group, contents: TokenStream) -> Group {
    let mut replaced = Group::new(group.delimiter(), contents);
    replaced.set_span(group.span());
    replaced
}
