//! Answers questions about the types of resources, as `item::types` does about all.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{TokenStreamExt, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lifetime, Token};

use crate::tokens::{Angles, between, in_place_of, is_punct, is_word, trees};

/// Whether a type is `_`.
pub(crate) fn is_inferred(ty: &TokenStream) -> bool {
    matches!(trees(ty).as_slice(), [only] if is_word(only, "_"))
}

/// The type with `'static` where a static's type may leave a lifetime out and a function's may not.
pub(crate) fn with_static_lifetimes(ty: &TokenStream) -> TokenStream {
    let read = |input: ParseStream<'_>| {
        let mut written = TokenStream::new();
        while !input.is_empty() {
            if input.peek(Token![&]) && !input.peek2(Lifetime) {
                let and: Token![&] = input.parse()?;
                let lifetime = Lifetime::new("'static", and.span);
                written.extend(quote!(#and #lifetime));
            } else if input.peek(Lifetime) {
                let lifetime: Lifetime = input.parse()?;
                let inferred = lifetime.ident == "_";
                let lifetime = if inferred { Lifetime::new("'static", lifetime.span()) } else { lifetime };
                written.extend(quote!(#lifetime));
            } else if input.peek2(syn::token::Paren) && input.peek(syn::Ident::peek_any) {
                written.extend(call_signature(input)?);
            } else {
                match input.parse()? {
                    // Braces hold an expression, and so do brackets behind a semicolon.
                    TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                        let contents = in_element_type(group.stream());
                        written.append(in_place_of(&group, contents));
                    }
                    tree => written.append(tree),
                }
            }
        }
        Ok(written)
    };
    read.parse2(ty.clone()).unwrap_or_else(|_| ty.clone())
}

/// `T; N` or `T, U`: the types in it, rewritten.
fn in_element_type(contents: TokenStream) -> TokenStream {
    let mut trees = contents.into_iter();
    let mut element = TokenStream::new();
    for tree in trees.by_ref() {
        if is_punct(&tree, ';') {
            let element = with_static_lifetimes(&element);
            return quote!(#element #tree #(#trees)*);
        }
        element.append(tree);
    }
    with_static_lifetimes(&element)
}

/// `fn(&str) -> &str` or `Fn(&str) -> &str`, as written: the lifetimes that it leaves out are its own.
fn call_signature(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let start = input.cursor();
    input.parse::<TokenTree>()?;
    input.parse::<Group>()?;
    if input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        let mut angles = Angles::default();
        while !input.is_empty() {
            let ends = input.peek(Token![,]) || input.peek(Token![>]) || input.peek(Token![+]) || input.peek(Token![=]);
            if angles.closed() && ends {
                break;
            }
            let _ = angles.step(&input.parse()?);
        }
    }
    Ok(between(start, input.cursor()))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::with_static_lifetimes;

    #[test]
    fn lifetimes_that_a_static_may_leave_out_are_written() {
        for (ty, written) in [
            (quote!(&str), quote!(&'static str)),
            (quote!(&'a mut [&u8]), quote!(&'a mut [&'static u8])),
            (quote!((&u8, &&u8)), quote!((&'static u8, &'static &'static u8))),
            (quote!(Cow<'_, [&str; N & 1]>), quote!(Cow<'static, [&'static str; N & 1]>)),
            (quote!(Box<dyn Fn(&str) -> &str + Send>), quote!(Box<dyn Fn(&str) -> &str + Send>)),
            (
                quote!((for<'a> fn(&'a u8, &u8) -> &'a u8, &u8)),
                quote!((for<'a> fn(&'a u8, &u8) -> &'a u8, &'static u8)),
            ),
            (quote!(Map<fn(&u8) -> Vec<&u8>, &u8>), quote!(Map<fn(&u8) -> Vec<&u8>, &'static u8>)),
            (quote!(Grid<{ A & B }>), quote!(Grid<{ A & B }>)),
        ] {
            assert_eq!(with_static_lifetimes(&ty).to_string(), written.to_string());
        }
    }
}
