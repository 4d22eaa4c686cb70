//! What the attribute stands on, understood only as far as needed.
//!
//! Signatures are parsed. Bodies are not: they stay the tokens that the user wrote, so that a half-typed body still
//! expands in an editor, a syntax that `syn` does not know yet passes through, and every span stays the user's.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// An item.
pub(crate) enum Item {
    Function(Box<Function>),
    Block(Block),
    Other(Other),
}

/// A function or method.
pub(crate) struct Function {
    /// Attributes, visibility and `default`, as written.
    pub(crate) prefix: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// The signature as written.
    pub(crate) signature_tokens: TokenStream,
    /// None for a declaration that ends with a semicolon.
    pub(crate) body: Option<Group>,
}

/// An `impl`, `trait` or `mod`, with functions inside.
pub(crate) struct Block {
    /// Everything before the braces, as written.
    pub(crate) head: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) keyword: Ident,
    /// None if it ends with a semicolon, as `mod x;`.
    pub(crate) body: Option<(Group, Contents)>,
}

/// Something that has no calls to time.
pub(crate) struct Other {
    pub(crate) tokens: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    /// The token that says what it is.
    pub(crate) keyword: TokenTree,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if is_default(input) {
            input.parse::<Ident>()?;
        }
        if is_function(input) {
            let prefix = between(start, input.cursor());
            let start = input.cursor();
            let signature = input.parse()?;
            let signature_tokens = between(start, input.cursor());
            let body = braces_or_semicolon(input)?;
            return Ok(Item::Function(Box::new(Function { prefix, attributes, signature, signature_tokens, body })));
        }
        match block_keyword(input) {
            Some(keyword) => {
                skip_block_head(input)?;
                let head = between(start, input.cursor());
                let body = match braces_or_semicolon(input)? {
                    Some(braces) => Some((braces.clone(), syn::parse2(braces.stream())?)),
                    None => None,
                };
                Ok(Item::Block(Block { head, attributes, keyword, body }))
            }
            None => {
                let keyword = skip_other(input)?;
                Ok(Item::Other(Other { tokens: between(start, input.cursor()), attributes, keyword }))
            }
        }
    }
}

impl Item {
    /// The attributes on it.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        match self {
            Item::Function(function) => &function.attributes,
            Item::Block(block) => &block.attributes,
            Item::Other(other) => &other.attributes,
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Item::Function(function) => {
                tokens.extend([function.prefix.clone(), function.signature_tokens.clone()]);
                body_to_tokens(function.body.as_ref(), tokens);
            }
            Item::Block(block) => {
                tokens.extend(block.head.clone());
                body_to_tokens(block.body.as_ref().map(|(braces, _)| braces), tokens);
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

/// What stands in the braces of a [`Block`].
pub(crate) struct Contents {
    /// `#![...]`, which must stay first.
    pub(crate) inner_attributes: TokenStream,
    pub(crate) items: Vec<Item>,
}

impl Parse for Contents {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        input.call(Attribute::parse_inner)?;
        let inner_attributes = between(start, input.cursor());
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(Contents { inner_attributes, items })
    }
}

/// The parts of a function's body between which the expansion puts its lines.
pub(crate) struct Body {
    /// `#![...]`, which must stay first.
    pub(crate) inner_attributes: TokenStream,
    /// The items that the body begins with: statements put before them would make `clippy::items_after_statements` of
    /// what was none.
    pub(crate) items: TokenStream,
    /// Everything else.
    pub(crate) rest: TokenStream,
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        input.call(Attribute::parse_inner)?;
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
    /// Takes the tokens between the braces apart. Whatever can't be read is part of the rest.
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
    match word.to_string().as_str() {
        "use" | "fn" | "struct" | "enum" | "trait" | "impl" | "type" | "mod" | "extern" | "pub" => true,
        // Not the closures and blocks that begin so too.
        "const" | "static" | "async" | "unsafe" => ahead.peek(Ident::peek_any) && !ahead.peek(Token![move]),
        _ => false,
    }
}

/// The tokens from one place of a stream to a later one.
fn between(from: Cursor<'_>, to: Cursor<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut here = from;
    while here != to {
        // The end of a part that was parsed lies on the way of a walk over its token trees.
        let Some((tree, next)) = here.token_tree() else { break };
        tokens.append(tree);
        here = next;
    }
    tokens
}

/// `default fn`, of specialisation.
fn is_default(input: ParseStream<'_>) -> bool {
    let word = input.fork().parse::<Ident>();
    word.is_ok_and(|word| word == "default") && !input.peek2(Token![!]) && !input.peek2(Token![::])
}

fn is_function(input: ParseStream<'_>) -> bool {
    let mut here = input.cursor();
    loop {
        here = match here.token_tree() {
            Some((TokenTree::Ident(word), next)) => match word.to_string().as_str() {
                "fn" => return true,
                "const" | "async" | "gen" | "safe" | "unsafe" | "extern" => next,
                _ => return false,
            },
            Some((TokenTree::Literal(_), next)) => next,
            _ => return false,
        };
    }
}

/// `impl`, `trait` or `mod`, behind its qualifiers.
fn block_keyword(input: ParseStream<'_>) -> Option<Ident> {
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
fn skip_block_head(input: ParseStream<'_>) -> syn::Result<()> {
    let mut depth = 0_usize;
    while !input.is_empty() {
        if depth == 0 && (input.peek(syn::token::Brace) || input.peek(Token![;])) {
            break;
        }
        if input.peek(Token![->]) {
            input.parse::<Token![->]>()?;
            continue;
        }
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Consumes an item of no interest and gives the token that says what it is.
fn skip_other(input: ParseStream<'_>) -> syn::Result<TokenTree> {
    let Some((keyword, _)) = input.cursor().token_tree() else {
        return Err(input.error("expected an item"));
    };
    let braces_end = !matches!(keyword.to_string().as_str(), "const" | "static" | "type" | "use");
    while !input.is_empty() {
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && braces_end => break,
            _ => {}
        }
    }
    Ok(keyword)
}

/// A body, or the semicolon in its place. A `$body:block` of a `macro_rules!` comes in an invisible group.
fn braces_or_semicolon(input: ParseStream<'_>) -> syn::Result<Option<Group>> {
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(None);
    }
    let mut tree = input.parse::<TokenTree>()?;
    loop {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return Ok(Some(group)),
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let mut inside = group.stream().into_iter();
                match (inside.next(), inside.next()) {
                    (Some(only), None) => tree = only,
                    _ => return Err(syn::Error::new(group.span(), "expected `{` or `;`")),
                }
            }
            other => return Err(syn::Error::new(other.span(), "expected `{` or `;`")),
        }
    }
}
