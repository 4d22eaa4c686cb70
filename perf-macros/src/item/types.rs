//! What an attribute has to know of a type, told by the tokens of the type.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{TokenStreamExt, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Lifetime, Token};

use crate::tokens::{Angles, angle_brackets, between, in_place_of, is_punct, is_word, split_at_commas, trees};

/// A type that is a path: `std::pin::Pin<Box<T>>`, `<S as Service>::Future`.
pub(crate) struct PathType {
    /// The last segment.
    pub(crate) name: Ident,
    /// What stands in the angle brackets or parentheses behind the last segment.
    pub(crate) arguments: Vec<TokenStream>,
    /// Whether the path has no other segment.
    pub(crate) is_single: bool,
}

impl PathType {
    /// `None` if the type is not a path.
    pub(crate) fn of(ty: &TokenStream) -> Option<PathType> {
        let path = |input: ParseStream<'_>| {
            let mut is_single = true;
            if input.peek(Token![<]) {
                angle_brackets(input)?;
                is_single = false;
            }
            loop {
                is_single &= input.parse::<Option<Token![::]>>()?.is_none();
                let name = input.call(Ident::parse_any)?;
                let mut arguments = Vec::new();
                if input.peek(Token![<]) || input.peek(Token![::]) && input.peek3(Token![<]) {
                    input.parse::<Option<Token![::]>>()?;
                    arguments = split_at_commas(angle_brackets(input)?);
                } else if input.peek(syn::token::Paren) {
                    arguments = split_at_commas(input.parse::<Group>()?.stream());
                }
                if input.is_empty() {
                    return Ok(PathType { name, arguments, is_single });
                }
                if !input.peek(Token![::]) {
                    return Err(input.error("not a path"));
                }
                is_single = false;
            }
        };
        path.parse2(ty.clone()).ok()
    }
}

/// Whether a type is `!`.
pub(crate) fn is_never(ty: &TokenStream) -> bool {
    matches!(trees(ty).as_slice(), [only] if is_punct(only, '!'))
}

/// Whether a type is `_`.
pub(crate) fn is_inferred(ty: &TokenStream) -> bool {
    matches!(trees(ty).as_slice(), [only] if is_word(only, "_"))
}

/// Whether a type is `impl Trait`.
pub(crate) fn is_impl_trait(ty: &TokenStream) -> bool {
    trees(ty).first().is_some_and(|first| is_word(first, "impl"))
}

/// The type with `_` for every `impl Trait` in it, which can't be named in a body.
pub(crate) fn without_impl_trait(ty: &TokenStream) -> TokenStream {
    let mut named = TokenStream::new();
    let mut in_impl: Option<Angles> = None;
    for tree in ty.clone() {
        if let Some(angles) = &mut in_impl {
            let ends = angles.closed() && (is_punct(&tree, ',') || is_punct(&tree, ';'));
            let goes_on = !ends && angles.step(&tree).is_some();
            if goes_on {
                continue;
            }
            in_impl = None;
        }
        match tree {
            TokenTree::Ident(word) if word == "impl" => {
                named.append(Ident::new("_", word.span()));
                in_impl = Some(Angles::default());
            }
            TokenTree::Group(group) => named.append(in_place_of(&group, without_impl_trait(&group.stream()))),
            tree => named.append(tree),
        }
    }
    named
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
                    // What stands in braces is an expression, and so is what follows the semicolon in brackets.
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

    use super::{PathType, with_static_lifetimes, without_impl_trait};

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

    #[test]
    fn impl_trait_becomes_an_inferred_type() {
        for (ty, named) in [
            (quote!(impl Future<Output = Vec<u8>> + Send), quote!(_)),
            (quote!(Result<impl Iterator<Item = (u8, u8)>, E>), quote!(Result<_, E>)),
            (quote!((impl Fn(u8) -> Vec<u8>, Option<impl A + 'a>)), quote!((_, Option<_>))),
            (quote!(&'a [impl Display; 2]), quote!(&'a [_; 2])),
            (quote!(Map<K, V>), quote!(Map<K, V>)),
        ] {
            assert_eq!(without_impl_trait(&ty).to_string(), named.to_string());
        }
    }

    #[test]
    fn a_path_is_known_by_its_last_segment() {
        for (ty, name, arguments, is_single) in [
            (quote!(Result<Vec<(A, B)>, Map<K, V>>), "Result", 2, true),
            (quote!(::std::io::Result<T>), "Result", 1, false),
            (quote!(Pin<Box<Future<Output = u8>>>), "Pin", 1, true),
            (quote!(<S as Service<R>>::Future), "Future", 0, false),
            (quote!(Fn(u8, u8)), "Fn", 2, true),
        ] {
            let path = PathType::of(&ty).unwrap();
            assert_eq!(
                (path.name.to_string().as_str(), path.arguments.len(), path.is_single),
                (name, arguments, is_single)
            );
        }
        for ty in [quote!(!), quote!(&T), quote!((A, B)), quote!(dyn Future), quote!(impl Future), quote!([u8; 2])] {
            assert!(PathType::of(&ty).is_none(), "{ty}");
        }
    }
}
