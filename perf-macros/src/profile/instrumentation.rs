//! How the calls of a function are timed, as its signature and its options decide.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use super::options::ProfileOptions;
use crate::item::types::{self, PathType};
use crate::item::{Attribute, Body, Function};
use crate::tokens::is_word;

/// How the calls of a function are timed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instrumentation {
    /// By a guard, from entry to return.
    Guard,
    /// An `async fn`: as the future that it is.
    AsyncFn,
    /// A function that returns a future, as that future.
    ReturnedFuture(ReturnedFuture),
}

/// How a function returns a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReturnedFuture {
    /// `impl Future`.
    Opaque,
    /// `Pin<Box<dyn Future>>`, or an alias of it.
    Boxed,
    /// The same, and all of the body is `Box::pin(async ...)`; what `#[async_trait]` makes.
    BoxPinAsync,
}

impl Instrumentation {
    pub(crate) fn of(function: &Function, options: &ProfileOptions) -> Instrumentation {
        if function.signature.is_async() {
            return Instrumentation::AsyncFn;
        }
        let Some(returned) = &function.signature.output else { return Instrumentation::Guard };
        let is_box_pin_async = |body| box_pin_async(&Body::of(body).rest).is_some();
        if is_pin(returned) && function.body.as_ref().is_some_and(is_box_pin_async) {
            return Instrumentation::ReturnedFuture(ReturnedFuture::BoxPinAsync);
        }
        match options.future.get() {
            None => Instrumentation::Guard,
            Some(()) if types::is_impl_trait(returned) => Instrumentation::ReturnedFuture(ReturnedFuture::Opaque),
            Some(()) => Instrumentation::ReturnedFuture(ReturnedFuture::Boxed),
        }
    }
}

/// The blocks around an item, as far as they matter to it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// The innermost is an `impl` or `trait`.
    pub(crate) in_impl_or_trait: bool,
    /// One has an attribute that may read the item after us.
    pub(crate) read_by_others: bool,
}

impl Surroundings {
    /// Whether an `async fn` has to stay one. Otherwise it becomes the function that it stands for, which returns the timed
    /// future itself.
    ///
    /// That saves a coroutine around the future: a second copy of the arguments, and most of the types that the chain of
    /// futures would be longer by than without the attribute. It is no choice where another attribute looks for an
    /// `async fn`, or for `!`, which is not allowed as an associated type.
    pub(crate) fn keep_async(self, function: &Function) -> bool {
        self.read_by_others
            || !function.attributes.iter().all(Attribute::is_inert)
            || function.signature.output.as_ref().is_some_and(types::is_never)
    }
}

fn is_pin(ty: &TokenStream) -> bool {
    PathType::of(ty).is_some_and(|path| path.name == "Pin" && !path.arguments.is_empty())
}

/// Whether a return type is `Pin<Box<dyn Future>>`, or called as an alias of that should be: `BoxFuture`.
pub(crate) fn is_boxed_future(returned: &TokenStream) -> bool {
    is_pin(returned) || PathType::of(returned).is_some_and(|path| path.name.to_string().contains("Future"))
}

/// Splits `Box::pin(async ...)`, the whole of a body, into the path before the parentheses and the parentheses.
pub(crate) fn box_pin_async(body: &TokenStream) -> Option<(TokenStream, Group)> {
    let mut tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let Some(TokenTree::Group(arguments)) = tokens.pop() else { return None };
    let path: TokenStream = tokens.into_iter().collect();
    let spelled = path.to_string().replace(' ', "");
    (arguments.delimiter() == Delimiter::Parenthesis
        && spelled.ends_with("Box::pin")
        && spelled.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':')
        && begins_async_block(arguments.stream()))
    .then_some((path, arguments))
}

/// `async { ... }` or `async move { ... }`; in edition 2015, `async` alone is a name.
fn begins_async_block(tokens: TokenStream) -> bool {
    let mut trees = tokens.into_iter();
    trees.next().is_some_and(|first| is_word(&first, "async"))
        && trees.next().is_some_and(|next| match &next {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            next => is_word(next, "move"),
        })
}

/// The types that tell the instances of a function apart, none if there are none; `Self` last, since it alone may be
/// unsized.
pub(crate) fn distinguishing_types(function: &Function, in_impl_or_trait: bool) -> Vec<Ident> {
    let mut types = function.signature.type_parameters();
    if in_impl_or_trait || function.signature.mentions_self() {
        types.push(Ident::new("Self", Span::mixed_site()));
    }
    types
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
