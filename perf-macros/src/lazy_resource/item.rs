//! What the attribute stands on. The initialiser stays the tokens that the user wrote, as the body of a function does.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Token, Type, Visibility};

use crate::profile::item::{Function, Item as AnyItem};

/// An item.
pub(crate) enum Item {
    Static(Box<Static>),
    Function(Box<Function>),
    /// Something else; the token that says what.
    Other(TokenTree),
}

/// `static NAME: Type = initialiser;`
pub(crate) struct Static {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) keyword: Token![static],
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// Empty if there is none.
    pub(crate) initialiser: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if ahead.peek(Token![static]) {
            return input.parse().map(Box::new).map(Item::Static);
        }
        match input.parse()? {
            AnyItem::Function(function) => Ok(Item::Function(function)),
            AnyItem::Block(block) => Ok(Item::Other(TokenTree::Ident(block.keyword))),
            AnyItem::Other(other) => Ok(Item::Other(other.keyword)),
        }
    }
}

impl Parse for Static {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let keyword = input.parse()?;
        let mutability = input.parse()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let mut initialiser = TokenStream::new();
        if input.parse::<Option<Token![=]>>()?.is_some() {
            while !input.is_empty() && !input.peek(Token![;]) {
                initialiser.extend([input.parse::<TokenTree>()?]);
            }
        }
        input.parse::<Token![;]>()?;
        Ok(Static { attributes, visibility, keyword, mutability, name, ty, initialiser })
    }
}

/// The braces of an initialiser that is an `async` block and nothing else.
pub(crate) fn async_block(initialiser: &TokenStream) -> Option<Group> {
    let mut trees = initialiser.clone().into_iter();
    match trees.next()? {
        TokenTree::Ident(word) if word == "async" => {}
        // An `$init:expr` of a `macro_rules!` comes in an invisible group.
        TokenTree::Group(group) if group.delimiter() == Delimiter::None && trees.next().is_none() => {
            return async_block(&group.stream());
        }
        _ => return None,
    }
    let mut next = trees.next()?;
    if matches!(&next, TokenTree::Ident(word) if *word == "move") {
        next = trees.next()?;
    }
    match (next, trees.next()) {
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}
