//! A function's body, between whose parts an expansion puts its lines.

use proc_macro2::{Group, Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};

use super::{Attribute, Item};
use crate::tokens::between;

/// The parts of a function's body.
pub(crate) struct Body {
    /// `#![...]`, which must stay first.
    pub(crate) inner_attributes: TokenStream,
    /// The items that the body begins with: behind statements of ours they would violate
    /// `clippy::items_after_statements`.
    pub(crate) items: TokenStream,
    /// Everything else.
    pub(crate) rest: TokenStream,
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        Attribute::skip_inner(input)?;
        let inner_attributes = between(start, input.cursor());
        let start = input.cursor();
        while begins_item(input) {
            input.parse::<Item>()?;
        }
        let items = between(start, input.cursor());
        Ok(Body { inner_attributes, items, rest: input.parse()? })
    }
}

impl Body {
    /// Takes the tokens between the braces apart. If they can't be read, all are part of the rest.
    pub(crate) fn of(braces: &Group) -> Body {
        let tokens = braces.stream();
        syn::parse2(tokens.clone()).unwrap_or_else(|_| Body {
            inner_attributes: TokenStream::new(),
            items: TokenStream::new(),
            rest: tokens,
        })
    }
}

/// Whether a statement that is certainly an item comes next, after its attributes.
fn begins_item(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.call(Attribute::parse_outer).is_err() {
        return false;
    }
    let Ok(word) = ahead.call(Ident::parse_any) else { return false };
    let next = ahead.fork().call(Ident::parse_any).map(|next| next.to_string());
    match (word.to_string().as_str(), next.as_deref()) {
        ("use" | "fn" | "struct" | "enum" | "trait" | "impl" | "type" | "mod" | "extern" | "pub", _) => true,
        // Not the closures and blocks that begin so too, nor the variable `async` of edition 2015.
        ("const" | "static", Ok(next)) => !matches!(next, "move" | "async"),
        ("async" | "unsafe", Ok(next)) => matches!(next, "fn" | "unsafe" | "extern" | "impl" | "trait" | "mod"),
        _ => false,
    }
}
