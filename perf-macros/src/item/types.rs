//! Answers questions about types from their tokens.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::TokenStreamExt;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::tokens::{Angles, angle_brackets, in_place_of, is_punct, is_word, split_at_commas, trees};

/// A type that is a path: `std::pin::Pin<Box<T>>`, `<S as Service>::Future`.
pub(crate) struct PathType {
    /// The last segment.
    pub(crate) name: Ident,
    /// The types in the angle brackets or parentheses behind the last segment.
    pub(crate) arguments: Vec<TokenStream>,
}

impl PathType {
    /// `None` if the type is not a path.
    pub(crate) fn of(ty: &TokenStream) -> Option<PathType> {
        let path = |input: ParseStream<'_>| {
            if input.peek(Token![<]) {
                angle_brackets(input)?;
            }
            loop {
                input.parse::<Option<Token![::]>>()?;
                let name = input.call(Ident::parse_any)?;
                let mut arguments = Vec::new();
                if input.peek(Token![<]) || input.peek(Token![::]) && input.peek3(Token![<]) {
                    input.parse::<Option<Token![::]>>()?;
                    arguments = split_at_commas(angle_brackets(input)?);
                } else if input.peek(syn::token::Paren) {
                    arguments = split_at_commas(input.parse::<Group>()?.stream());
                }
                if input.is_empty() {
                    return Ok(PathType { name, arguments });
                }
                if !input.peek(Token![::]) {
                    return Err(input.error("not a path"));
                }
            }
        };
        path.parse2(ty.clone()).ok()
    }
}

/// Whether a type is `!`.
pub(crate) fn is_never(ty: &TokenStream) -> bool {
    matches!(trees(ty).as_slice(), [only] if is_punct(only, '!'))
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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{PathType, without_impl_trait};

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
        for (ty, name, arguments) in [
            (quote!(Result<Vec<(A, B)>, Map<K, V>>), "Result", 2),
            (quote!(::std::io::Result<T>), "Result", 1),
            (quote!(Pin<Box<Future<Output = u8>>>), "Pin", 1),
            (quote!(<S as Service<R>>::Future), "Future", 0),
            (quote!(Fn(u8, u8)), "Fn", 2),
        ] {
            let path = PathType::of(&ty).unwrap();
            assert_eq!((path.name.to_string().as_str(), path.arguments.len()), (name, arguments));
        }
        for ty in [quote!(!), quote!(&T), quote!((A, B)), quote!(dyn Future), quote!(impl Future), quote!([u8; 2])] {
            assert!(PathType::of(&ty).is_none(), "{ty}");
        }
    }
}
