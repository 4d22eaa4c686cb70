//! Attributes and the visibility, which stand before an item.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::tokens::mentions;

/// Not `must_use`, which on an `async fn` is about the output of the future, and not `expect`, whose lint may be about `async`.
const INERT: [&str; 9] = ["allow", "cfg", "cold", "deny", "deprecated", "doc", "forbid", "inline", "warn"];

/// `#[path(arguments)]`, understood as far as its path.
pub(crate) struct Attribute {
    pub(crate) tokens: TokenStream,
    /// Empty if the brackets don't begin with a path.
    pub(crate) path: TokenStream,
    /// The last segment of the path.
    name: String,
    /// Whether the path has no other segment.
    is_single: bool,
    /// The tokens in the parentheses behind the path.
    pub(crate) arguments: Option<TokenStream>,
}

impl Attribute {
    /// Reads all attributes that stand before an item.
    pub(crate) fn parse_outer(input: ParseStream<'_>) -> syn::Result<Vec<Attribute>> {
        let mut attributes = Vec::new();
        while input.peek(Token![#]) && input.peek2(syn::token::Bracket) {
            let (pound, brackets) = (input.parse::<Token![#]>()?, input.parse::<Group>()?);
            attributes.push(Attribute::of(quote!(#pound #brackets), &brackets));
        }
        Ok(attributes)
    }

    /// Consumes the `#![...]` of a body.
    pub(crate) fn skip_inner(input: ParseStream<'_>) -> syn::Result<()> {
        while input.peek(Token![#]) && input.peek2(Token![!]) && input.peek3(syn::token::Bracket) {
            input.parse::<Token![#]>()?;
            input.parse::<Token![!]>()?;
            input.parse::<Group>()?;
        }
        Ok(())
    }

    fn of(tokens: TokenStream, brackets: &Group) -> Attribute {
        let mut attribute =
            Attribute { tokens, path: TokenStream::new(), name: String::new(), is_single: true, arguments: None };
        let read = |input: ParseStream<'_>| {
            loop {
                if input.peek(Token![::]) {
                    input.parse::<Token![::]>()?.to_tokens(&mut attribute.path);
                    attribute.is_single = false;
                }
                let segment = input.call(Ident::parse_any)?;
                attribute.name = segment.to_string();
                segment.to_tokens(&mut attribute.path);
                if !input.peek(Token![::]) {
                    break;
                }
            }
            if input.peek(syn::token::Paren) {
                attribute.arguments = Some(input.parse::<Group>()?.stream());
            }
            input.parse::<TokenStream>().map(drop)
        };
        // An attribute that can't be read is none of those that are looked for.
        let _ = read.parse2(brackets.stream());
        attribute
    }

    /// Whether it is `#[profile]`, by whichever path.
    pub(crate) fn is_profile(&self) -> bool {
        self.name == "profile"
    }

    /// Whether it is `#[profile]`, also one that a `cfg_attr` may bring.
    pub(crate) fn may_be_profile(&self) -> bool {
        self.is_profile() || self.is("cfg_attr") && self.mentions("profile")
    }

    /// Whether it is `#[naked]` or `#[unsafe(naked)]`.
    pub(crate) fn is_naked(&self) -> bool {
        self.is("naked") || self.is("unsafe") && self.mentions("naked")
    }

    /// Whether it is known to neither rewrite its item nor to mean something else on a function that is not `async`.
    pub(crate) fn is_inert(&self) -> bool {
        self.is_single && INERT.contains(&self.name.as_str())
    }

    /// Whether a word stands in its parentheses.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.arguments.as_ref().is_some_and(|arguments| mentions(arguments, word))
    }

    fn is(&self, name: &str) -> bool {
        self.is_single && self.name == name
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

/// Consumes `pub`, `pub(crate)` and the like, or the empty group that a `$vis:vis` of a `macro_rules!` may be.
pub(crate) fn skip_visibility(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![pub]) {
        input.parse::<Token![pub]>()?;
        if input.peek(syn::token::Paren) {
            input.parse::<Group>()?;
        }
        return Ok(());
    }
    input.step(|cursor| match cursor.group(Delimiter::None) {
        Some((inside, _, after)) if inside.eof() => Ok(((), after)),
        _ => Ok(((), *cursor)),
    })
}
