//! The item that an attribute stands on, understood only as far as needed.
//!
//! All parts stay the tokens that the user wrote. So a half-typed body still expands in an editor, a syntax of another edition
//! or of a later compiler passes through, and every span stays the user's.
#![cfg_attr(not(feature = "resources"), allow(dead_code, reason = "`#[lazy_resource]` alone asks for some parts"))]

mod attribute;
mod body;
mod signature;
pub(crate) mod types;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Token;
use syn::parse::{Parse, ParseStream};

pub(crate) use self::attribute::{Attribute, skip_visibility};
pub(crate) use self::body::Body;
pub(crate) use self::signature::{Argument, Pattern, Signature};
use crate::tokens::{Angles, between, trees};

/// An item.
pub(crate) enum Item {
    Function(Box<Function>),
    Container(Container),
    Other(OtherItem),
}

/// A function or method.
pub(crate) struct Function {
    /// Attributes, visibility and `default`, as written.
    pub(crate) prefix: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// `None` for a declaration that ends with a semicolon.
    pub(crate) body: Option<Group>,
}

/// An `impl`, `trait` or `mod`, with functions inside.
pub(crate) struct Container {
    /// Everything before the braces, as written.
    pub(crate) head: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) keyword: Ident,
    /// `None` if it ends with a semicolon, as `mod x;`.
    pub(crate) body: Option<(Group, Contents)>,
}

/// An item without calls to time.
pub(crate) struct OtherItem {
    pub(crate) tokens: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    /// The token that says which item it is.
    pub(crate) keyword: TokenTree,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        let attributes = input.call(Attribute::parse_outer)?;
        skip_visibility(input)?;
        if is_default(input) {
            input.parse::<Ident>()?;
        }
        if is_function(input) {
            let prefix = between(start, input.cursor());
            let signature = input.parse()?;
            let body = braces_or_semicolon(input)?;
            return Ok(Item::Function(Box::new(Function { prefix, attributes, signature, body })));
        }
        match container_keyword(input) {
            Some(keyword) => {
                skip_container_head(input)?;
                let head = between(start, input.cursor());
                let body = match braces_or_semicolon(input)? {
                    Some(braces) => {
                        let contents = syn::parse2(braces.stream())?;
                        Some((braces, contents))
                    }
                    None => None,
                };
                Ok(Item::Container(Container { head, attributes, keyword, body }))
            }
            None => {
                let keyword = skip_other(input)?;
                Ok(Item::Other(OtherItem { tokens: between(start, input.cursor()), attributes, keyword }))
            }
        }
    }
}

impl Item {
    /// The attributes on it.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        match self {
            Item::Function(function) => &function.attributes,
            Item::Container(container) => &container.attributes,
            Item::Other(other) => &other.attributes,
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Item::Function(function) => {
                let Function { prefix, signature, .. } = &**function;
                tokens.extend(quote!(#prefix #signature));
                body_to_tokens(function.body.as_ref(), tokens);
            }
            Item::Container(container) => {
                tokens.extend(container.head.clone());
                body_to_tokens(container.body.as_ref().map(|(braces, _)| braces), tokens);
            }
            Item::Other(other) => tokens.extend(other.tokens.clone()),
        }
    }
}

fn body_to_tokens(body: Option<&Group>, tokens: &mut TokenStream) {
    match body {
        Some(group) => group.to_tokens(tokens),
        None => <Token![;]>::default().to_tokens(tokens),
    }
}

/// The items in the braces of a [`Container`].
pub(crate) struct Contents {
    /// `#![...]`, which must stay first.
    pub(crate) inner_attributes: TokenStream,
    pub(crate) items: Vec<Item>,
}

impl Parse for Contents {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        Attribute::skip_inner(input)?;
        let inner_attributes = between(start, input.cursor());
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Contents { inner_attributes, items })
    }
}

/// `default fn`, of specialisation.
fn is_default(input: ParseStream<'_>) -> bool {
    let word = input.fork().parse::<Ident>();
    word.is_ok_and(|word| word == "default") && !input.peek2(Token![!]) && !input.peek2(Token![::])
}

fn is_function(input: ParseStream<'_>) -> bool {
    let mut here = input.cursor();
    loop {
        here = match (here.ident(), here.literal()) {
            (Some((word, next)), _) => match word.to_string().as_str() {
                "fn" => return true,
                "const" | "async" | "gen" | "safe" | "unsafe" | "extern" => next,
                _ => return false,
            },
            (_, Some((_, next))) => next,
            _ => return false,
        };
    }
}

/// `impl`, `trait` or `mod`, behind its qualifiers.
fn container_keyword(input: ParseStream<'_>) -> Option<Ident> {
    let mut here = input.cursor();
    while let Some((word, next)) = here.ident() {
        match word.to_string().as_str() {
            "impl" | "trait" | "mod" => return Some(word),
            "const" | "unsafe" | "auto" => here = next,
            _ => return None,
        }
    }
    None
}

/// Consumes up to the braces or the semicolon; braces between angle brackets, as in `Grid<{ N + 1 }>`, are not those.
fn skip_container_head(input: ParseStream<'_>) -> syn::Result<()> {
    let mut angles = Angles::default();
    while !input.is_empty() {
        if angles.closed() && (input.peek(syn::token::Brace) || input.peek(Token![;])) {
            break;
        }
        let _ = angles.step(&input.parse()?);
    }
    Ok(())
}

/// Consumes an item of no interest and gives the token that says which item it is.
fn skip_other(input: ParseStream<'_>) -> syn::Result<TokenTree> {
    if input.is_empty() {
        return Err(input.error("expected an item"));
    }
    let keyword: TokenTree = input.parse()?;
    let mut last = keyword.clone();
    let braces_end = !matches!(keyword.to_string().as_str(), "const" | "static" | "type" | "use");
    loop {
        match &last {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && braces_end => break,
            _ if input.is_empty() => break,
            _ => last = input.parse()?,
        }
    }
    Ok(keyword)
}

/// A body, or the semicolon in its place. A `$body:block` of a `macro_rules!` comes in an invisible group.
fn braces_or_semicolon(input: ParseStream<'_>) -> syn::Result<Option<Group>> {
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(None);
    }
    let tree = input.parse::<TokenTree>()?;
    let span = tree.span();
    match trees(&tree.into()).as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace => Ok(Some(group.clone())),
        _ => Err(syn::Error::new(span, "expected `{` or `;`")),
    }
}
