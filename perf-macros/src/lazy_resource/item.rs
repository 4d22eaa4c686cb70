//! Reads the item below the attribute. The initialiser stays the tokens that the user wrote, as the body of a function
//! does.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::Token;
use syn::parse::{Parse, ParseStream};

use crate::item::{self, Attribute, Function, skip_visibility};
use crate::tokens::{Angles, between, is_word};

/// An item that a resource may be declared on.
pub(crate) enum ResourceItem {
    Static(Box<StaticItem>),
    Function(Box<Function>),
    /// Something else; the token that says which item it is.
    Other(TokenTree),
}

/// `static NAME: Type = initialiser;`
pub(crate) struct StaticItem {
    /// Attributes and visibility, as written.
    pub(crate) prefix: TokenStream,
    pub(crate) keyword: Token![static],
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) name: Ident,
    pub(crate) ty: TokenStream,
    /// Empty if there is none.
    pub(crate) initialiser: TokenStream,
}

impl Parse for ResourceItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        Attribute::parse_outer(&ahead)?;
        skip_visibility(&ahead)?;
        if ahead.peek(Token![static]) {
            return input.parse().map(Box::new).map(ResourceItem::Static);
        }
        match input.parse()? {
            item::Item::Function(function) => Ok(ResourceItem::Function(function)),
            item::Item::Container(container) => Ok(ResourceItem::Other(TokenTree::Ident(container.keyword))),
            item::Item::Other(other) => Ok(ResourceItem::Other(other.keyword)),
        }
    }
}

impl Parse for StaticItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        Attribute::parse_outer(input)?;
        skip_visibility(input)?;
        let prefix = between(start, input.cursor());
        let keyword = input.parse()?;
        let mutability = input.parse()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let mut ty = TokenStream::new();
        let mut angles = Angles::default();
        while !input.is_empty() && !(angles.closed() && (input.peek(Token![=]) || input.peek(Token![;]))) {
            let tree: TokenTree = input.parse()?;
            let _ = angles.step(&tree);
            ty.append(tree);
        }
        let mut initialiser = TokenStream::new();
        if input.parse::<Option<Token![=]>>()?.is_some() {
            while !input.is_empty() && !input.peek(Token![;]) {
                initialiser.append(input.parse::<TokenTree>()?);
            }
        }
        input.parse::<Token![;]>()?;
        Ok(StaticItem { prefix, keyword, mutability, name, ty, initialiser })
    }
}

/// The braces of an initialiser that is an `async` block and nothing else.
pub(crate) fn async_block(initialiser: &TokenStream) -> Option<Group> {
    let trees = crate::tokens::trees(initialiser);
    let rest = match trees.as_slice() {
        [first, second, rest @ ..] if is_word(first, "async") && is_word(second, "move") => rest,
        [first, rest @ ..] if is_word(first, "async") => rest,
        _ => return None,
    };
    match rest {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace => Some(group.clone()),
        _ => None,
    }
}
