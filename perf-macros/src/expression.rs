//! An expression in an option: the tokens up to the comma that ends it.
//!
//! Commas in parentheses, brackets and braces are in groups. Those that remain stand between the bars of a closure and
//! between angle brackets, which in an expression are brackets behind `::`, in a type, and at the beginning.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Lit, Token};

use crate::tokens::angle_brackets;

/// An expression, as written.
pub(crate) struct Expression {
    pub(crate) tokens: TokenStream,
    /// The literal that it begins with: no function does.
    #[cfg_attr(not(feature = "resources"), expect(dead_code, reason = "no other option is refused for it"))]
    pub(crate) literal: Option<Lit>,
}

impl Expression {
    /// Reads up to the comma that ends the expression, or to the end. An error if that is nothing.
    pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Expression> {
        if input.is_empty() || input.peek(Token![,]) {
            return Err(input.error("expected an expression"));
        }
        let literal = if input.peek(Lit) { Some(input.fork().parse()?) } else { None };
        let mut tokens = TokenStream::new();
        closure_head(input, &mut tokens)?;
        let mut brackets_may_open = true;
        while !input.is_empty() && !input.peek(Token![,]) {
            if brackets_may_open && input.peek(Token![<]) {
                skip_angle_brackets(input, &mut tokens)?;
                brackets_may_open = false;
            } else if input.peek(Token![::]) {
                input.parse::<Token![::]>()?.to_tokens(&mut tokens);
                brackets_may_open = true;
            } else if input.peek(Token![as]) {
                tokens.append(input.parse::<TokenTree>()?);
                skip_type_path(input, &mut tokens)?;
                brackets_may_open = false;
            } else {
                tokens.append(input.parse::<TokenTree>()?);
                brackets_may_open = false;
            }
        }
        Ok(Expression { tokens, literal })
    }
}

/// `|a, b: Map<K, V>| -> Result<T, E>`, with what may stand before it.
fn closure_head(input: ParseStream<'_>, tokens: &mut TokenStream) -> syn::Result<()> {
    while input.peek(Token![move]) || input.peek(Token![async]) || input.peek(Token![static]) {
        tokens.append(input.parse::<TokenTree>()?);
    }
    if input.peek(Token![||]) {
        input.parse::<Token![||]>()?.to_tokens(tokens);
    } else if input.peek(Token![|]) {
        input.parse::<Token![|]>()?.to_tokens(tokens);
        while !input.peek(Token![|]) {
            tokens.append(input.parse::<TokenTree>()?);
        }
        input.parse::<Token![|]>()?.to_tokens(tokens);
    } else {
        return Ok(());
    }
    if input.peek(Token![->]) {
        while !input.is_empty() && !input.peek(syn::token::Brace) {
            tokens.append(input.parse::<TokenTree>()?);
        }
    }
    Ok(())
}

/// The path behind `as`, in which `<` opens brackets.
fn skip_type_path(input: ParseStream<'_>, tokens: &mut TokenStream) -> syn::Result<()> {
    while input.peek(Token![::]) || input.peek(Ident::peek_any) || input.peek(Token![<]) {
        if input.peek(Token![<]) {
            skip_angle_brackets(input, tokens)?;
        } else {
            tokens.append(input.parse::<TokenTree>()?);
            if !input.peek(Token![::]) && !input.peek(Token![<]) && !input.peek(Ident::peek_any) {
                break;
            }
        }
    }
    Ok(())
}

/// `<...>`, brackets included.
fn skip_angle_brackets(input: ParseStream<'_>, tokens: &mut TokenStream) -> syn::Result<()> {
    let start = input.cursor();
    angle_brackets(input)?;
    tokens.extend(crate::tokens::between(start, input.cursor()));
    Ok(())
}

impl ToTokens for Expression {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse::{ParseStream, Parser};

    use super::Expression;

    /// The expression that is read, and the tokens that are left.
    fn read(tokens: proc_macro2::TokenStream) -> (String, String) {
        let read = |input: ParseStream<'_>| {
            let expression = Expression::parse(input)?;
            Ok((expression.tokens.to_string(), input.parse::<proc_macro2::TokenStream>()?.to_string()))
        };
        read.parse2(tokens).unwrap()
    }

    #[test]
    fn an_expression_ends_at_its_comma() {
        for expression in [
            quote!(8),
            quote!(64 * 1024),
            quote!(bytes),
            quote!(cache::bytes::<Key, Value>),
            quote!(<Cache as Weigh<Key, Value>>::bytes),
            quote!(|value| value.bytes()),
            quote!(|value: &Map<Key, Value>| value.len() < 5 && value.len() > 2),
            quote!(move |(a, b): &(u8, u8)| { f(*a, *b) }),
            quote!(|value| -> Map<Key, Value> { value.clone() }),
            quote!(|value| value.iter().map(f::<A, B>).sum::<usize>()),
            quote!(|value| value.len() as Count<A, B> + 1),
            quote!(|value| value.a < value.b),
            quote!(|_| {}),
            quote!(|value| if value.0 { f(1, 2) } else { [3, 4][0] }),
        ] {
            let text = expression.to_string();
            assert_eq!(read(quote!(#expression, warm)), (text.clone(), ", warm".to_owned()));
            assert_eq!(read(quote!(#expression)), (text, String::new()));
        }
    }
}
