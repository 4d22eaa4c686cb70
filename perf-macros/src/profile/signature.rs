//! Questions to a function's signature, asked by the checks and by the expansion.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, PathArguments, PathSegment, ReturnType, Type};

use super::item::{Body, Function};
use super::options::Options;

/// How the calls of a function are timed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// From entry to return.
    Call,
    /// An `async fn`: as the future that it is.
    Async,
    /// A function that returns a future, as that future.
    Returned(Returned),
}

/// What a function returns that returns a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    /// `impl Future`.
    Opaque,
    /// `Pin<Box<dyn Future>>`, or an alias of it.
    Boxed,
    /// The same, and all of the body is `Box::pin(async ...)`; what `#[async_trait]` makes.
    BoxPinAsync,
}

impl Shape {
    pub(crate) fn of(function: &Function, options: &Options) -> Shape {
        if function.signature.asyncness.is_some() {
            return Shape::Async;
        }
        let ReturnType::Type(_, returned) = &function.signature.output else { return Shape::Call };
        if is_pin(returned) && function.body.as_ref().is_some_and(|body| box_pin_async(&Body::of(body).rest).is_some())
        {
            return Shape::Returned(Returned::BoxPinAsync);
        }
        match (options.future.get(), &**returned) {
            (None, _) => Shape::Call,
            (Some(()), Type::ImplTrait(_)) => Shape::Returned(Returned::Opaque),
            (Some(()), _) => Shape::Returned(Returned::Boxed),
        }
    }
}

fn is_pin(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| last.ident == "Pin" && !matches!(last.arguments, PathArguments::None))
}

/// Whether a return type is `Pin<Box<dyn Future>>`, or called as an alias of that should be: `BoxFuture`.
pub(crate) fn is_boxed_future(returned: &Type) -> bool {
    is_pin(returned) || last_segment(returned).is_some_and(|last| last.ident.to_string().contains("Future"))
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Splits `Box::pin(async ...)`, the whole of a body, into the path before the parentheses and the parentheses.
pub(crate) fn box_pin_async(body: &TokenStream) -> Option<(TokenStream, proc_macro2::Group)> {
    let mut tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let Some(TokenTree::Group(arguments)) = tokens.pop() else { return None };
    let is_async = |tree: Option<TokenTree>| matches!(tree, Some(TokenTree::Ident(word)) if word == "async");
    let path: TokenStream = tokens.into_iter().collect();
    let spelled = path.to_string().replace(' ', "");
    (arguments.delimiter() == Delimiter::Parenthesis
        && spelled.ends_with("Box::pin")
        && spelled.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':')
        && is_async(arguments.stream().into_iter().next()))
    .then_some((path, arguments))
}

/// The types that tell the instances of a function apart, none if there are none; `Self` last, since it alone may be
/// unsized.
pub(crate) fn distinguishing_types(function: &Function, in_impl_or_trait: bool) -> Vec<Ident> {
    let signature = &function.signature;
    let mut types: Vec<Ident> = signature
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.clone()),
            _ => None,
        })
        .collect();
    if in_impl_or_trait || signature.receiver().is_some() || mentions(signature, "Self") {
        types.push(Ident::new("Self", proc_macro2::Span::mixed_site()));
    }
    types
}

/// Whether a word stands anywhere in these tokens.
pub(crate) fn mentions(tokens: impl ToTokens, word: &str) -> bool {
    tokens.into_token_stream().into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// A type with `_` for every `impl Trait` in it, which can't be named in a body.
pub(crate) fn nameable(mut ty: Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::ImplTrait(_) = ty {
                *ty = Type::Verbatim(quote::quote!(_));
            } else {
                visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    Erase.visit_type_mut(&mut ty);
    ty
}

/// Whether a body may leave the function by `return` or `?`. An answer of true for a body that does not is harmless.
pub(crate) fn leaves_early(body: TokenStream) -> bool {
    let mut in_async = false;
    body.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => {
            in_async = word == "async" || (in_async && word == "move");
            word == "return"
        }
        TokenTree::Punct(punct) => {
            in_async = false;
            punct.as_char() == '?'
        }
        TokenTree::Group(group) => !std::mem::take(&mut in_async) && leaves_early(group.stream()),
        TokenTree::Literal(_) => false,
    })
}
