//! What is wrong with the options and the item together. Everything is found at once, each on its token.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ReturnType};

use super::item::{Block, Function, Item, Other};
use super::options::{Options, Timing};
use super::signature::{self, Returned, Shape, distinguishing_types};
use crate::errors::Errors;

/// Notes all that is wrong.
pub(crate) fn check(item: &Item, options: &Options, errors: &mut Errors) {
    if let Some(second) = item.attributes().iter().find(|attribute| is_profile(attribute)) {
        errors.on(second, "`#[profile]` is here already; give all options to one of the two");
    }
    if let Some(skip) = options.skip.word() {
        if let Some(other) = [
            options.name.word(),
            options.timing.word(),
            options.budget.word(),
            options.by_type.word(),
            options.future.word(),
        ]
        .into_iter()
        .flatten()
        .next()
        {
            errors
                .on(skip, format!("`skip` leaves the function alone, so `{other}` has no effect; keep one of the two"));
        }
        return;
    }
    match item {
        Item::Function(function) => check_function(function, options, errors),
        Item::Block(block) => check_block(block, options, errors),
        Item::Other(other) => check_other(other, errors),
    }
}

fn check_function(function: &Function, options: &Options, errors: &mut Errors) {
    if let Some((token, message)) = impossible(function) {
        errors.on(token, message);
        return;
    }
    let signature = &function.signature;
    if let Some(by_type) = options.by_type.word()
        && distinguishing_types(function, false).is_empty()
    {
        errors.on(
            by_type,
            "nothing tells the instances of this function apart; remove `by_type`, or give the function a type \
             parameter (`impl Trait` has no name: write `fn f<T: Trait>(x: T)`)",
        );
    }
    if let Some(future) = options.future.word() {
        if signature.asyncness.is_some() {
            errors.on(future, "an `async fn` is timed as a future anyway; remove `future`");
        } else if let (ReturnType::Type(_, returned), Shape::Returned(Returned::Boxed)) =
            (&signature.output, Shape::of(function, options))
            && !signature::is_boxed_future(returned)
        {
            errors.on(
                returned,
                "`future` times the future that a function returns: `impl Future`, `Pin<Box<dyn Future>>` or an alias of \
                 that with `Future` in its name; return one of them, or remove `future`",
            );
        } else if let ReturnType::Default = signature.output {
            errors.on(
                future,
                "this function returns nothing, and `future` times the future that it returns; remove `future`",
            );
        }
    }
    if let (Some(timing), Some(Timing::Adaptive)) = (options.timing.word(), options.timing.get())
        && Shape::of(function, options) != Shape::Call
    {
        errors.on(timing, "a future is always timed exactly; remove `timing = adaptive`");
    }
}

/// The token that makes a function impossible to time, and what to do about it. On a block such a function is left alone.
pub(crate) fn impossible(function: &Function) -> Option<(TokenStream, &'static str)> {
    if let Some(constness) = &function.signature.constness {
        return Some((
            constness.to_token_stream(),
            "a `const fn` can't be timed, because it must also run at compile time; remove `const`, or time the \
             function that calls it",
        ));
    }
    if let Some(naked) = function.attributes.iter().find(|attribute| is_naked(attribute)) {
        return Some((
            naked.to_token_stream(),
            "a naked function can't be timed, because its body is nothing but assembly; time the function that calls it",
        ));
    }
    if function.body.is_none() {
        return Some((
            function.signature.ident.to_token_stream(),
            "this function has no body to time; put `#[profile]` on an implementation, or on the function that calls it",
        ));
    }
    None
}

/// Whether an attribute is `#[profile]`.
pub(crate) fn is_profile(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "profile")
}

fn is_naked(attribute: &Attribute) -> bool {
    attribute.path().is_ident("naked")
        || attribute.path().is_ident("unsafe")
            && attribute.parse_args::<syn::Path>().is_ok_and(|inner| inner.is_ident("naked"))
}

fn check_block(block: &Block, options: &Options, errors: &mut Errors) {
    if block.body.is_none() {
        let message = match block.keyword.to_string().as_str() {
            "mod" => {
                "the functions of this module are in another file, where `#[profile]` can't reach; annotate them there"
            }
            _ => "there is no function in this; `#[profile]` goes on functions and on blocks of them",
        };
        errors.on(&block.keyword, message);
    }
    if let Some(name) = options.name.word() {
        errors.on(
            name,
            "one name can't stand for all functions of a block; put `#[profile(name = \"...\")]` on the function that \
             it is for",
        );
    }
    if let Some(future) = options.future.word() {
        errors
            .on(future, "`future` is for a function that returns a future; put `#[profile(future)]` on that function");
    }
}

fn check_other(other: &Other, errors: &mut Errors) {
    let keyword = other.keyword.to_string();
    let message = match keyword.as_str() {
        "struct" | "enum" | "union" => format!("`{keyword}` has no calls to time; put `#[profile]` on its `impl` block"),
        "unsafe" | "extern" => {
            "functions of another language have no body here; put `#[profile]` on the function that calls them".to_owned()
        }
        "const" | "static" | "type" | "use" => {
            format!("`{keyword}` has no calls to time; `#[profile]` goes on functions and on `impl`, `trait` and `mod` blocks")
        }
        _ => "`#[profile]` goes on functions and on `impl`, `trait` and `mod` blocks; in a macro's definition, put it on \
              the function that the macro makes"
            .to_owned(),
    };
    errors.on(&other.keyword, message);
}
