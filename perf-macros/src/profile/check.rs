//! Finds all mistakes in the options and the item at once, each on its token.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::instrumentation::{self, Instrumentation, ReturnedFuture, distinguishing_types};
use super::options::{ProfileOptions, TimingMode};
use crate::errors::Errors;
use crate::item::{Container, Function, Item, OtherItem};

/// Records every mistake.
pub(crate) fn check(item: &Item, options: &ProfileOptions, errors: &mut Errors) {
    if let Some(second) = item.attributes().iter().find(|attribute| attribute.is_profile()) {
        errors.on(second, "`#[profile]` is given twice on this item; keep one, with all the options");
    }
    if options.skip.get().is_some() {
        return check_skip(options, errors);
    }
    match item {
        Item::Function(function) => check_function(function, options, errors),
        Item::Container(container) => check_container(container, options, errors),
        Item::Other(other) => check_other(other, errors),
    }
}

fn check_skip(options: &ProfileOptions, errors: &mut Errors) {
    let ProfileOptions { name, timing, budget, by_type, future, label, skip: _, krate: _ } = options;
    let words = [name.word(), timing.word(), budget.word(), by_type.word(), future.word(), label.word()];
    for word in words.into_iter().flatten() {
        errors.on(word, format!("`{word}` has no effect beside `skip`, which turns profiling off; remove one of them"));
    }
}

fn check_function(function: &Function, options: &ProfileOptions, errors: &mut Errors) {
    if let Some((token, message)) = impossible(function) {
        errors.on(token, message);
        return;
    }
    if let Some(by_type) = options.by_type.word()
        && distinguishing_types(function, false).is_empty()
    {
        errors.on(
            by_type,
            "`by_type` needs a type parameter to tell the instances of this function apart; add one (write `impl Trait` as \
             `fn f<T: Trait>(x: T)`), or remove `by_type`",
        );
    }
    check_future(function, options, errors);
    check_label(function, options, errors);
    if let (Some(timing), Some(TimingMode::Adaptive)) = (options.timing.word(), options.timing.get())
        && Instrumentation::of(function, options) != Instrumentation::Guard
    {
        errors.on(timing, "a future is always timed exactly; remove `timing = adaptive`");
    }
}

fn check_label(function: &Function, options: &ProfileOptions, errors: &mut Errors) {
    let Some(label) = options.label.word() else { return };
    if matches!(Instrumentation::of(function, options), Instrumentation::ReturnedFuture(_)) {
        errors.on(
            label,
            "`label` can't name a future that a function returns; write `async fn`, or put `label` on a function that the future \
             calls",
        );
    } else if options.timing.get() == Some(&TimingMode::Adaptive) {
        errors.on(label, "`label` needs every call timed, and `timing = adaptive` times only some; remove one of them");
    }
}

fn check_future(function: &Function, options: &ProfileOptions, errors: &mut Errors) {
    let Some(future) = options.future.word() else { return };
    if function.signature.is_async() {
        errors.on(future, "an `async fn` is always timed as a future; remove `future`");
        return;
    }
    let boxed = Instrumentation::ReturnedFuture(ReturnedFuture::Boxed);
    match &function.signature.output {
        None => errors.on(
            future,
            "`future` times the future that a function returns, but this function returns nothing; remove `future`",
        ),
        Some(returned)
            if Instrumentation::of(function, options) == boxed && !instrumentation::is_boxed_future(returned) =>
        {
            errors.on(
                returned,
                "`future` needs a function that returns `impl Future`, `Pin<Box<dyn Future>>`, or an alias with `Future` in \
                 its name; change the return type, or remove `future`",
            );
        }
        Some(_) => {}
    }
}

/// The token that makes a function impossible to time, and what to do about it. In a container such a function is left
/// alone.
pub(crate) fn impossible(function: &Function) -> Option<(TokenStream, &'static str)> {
    if let Some(constness) = function.signature.qualifier("const") {
        return Some((
            constness.clone(),
            "a `const fn` can't be timed, because it may run at compile time; remove `const`, or put `#[profile]` on the \
             function that calls it",
        ));
    }
    if let Some(naked) = function.attributes.iter().find(|attribute| attribute.is_naked()) {
        return Some((
            naked.to_token_stream(),
            "a naked function can't be timed, because its body is only assembly; put `#[profile]` on the function that \
             calls it",
        ));
    }
    if function.body.is_none() {
        return Some((
            function.signature.name.to_token_stream(),
            "this function has no body to time; put `#[profile]` on an implementation of it, or on the function that calls it",
        ));
    }
    None
}

fn check_container(container: &Container, options: &ProfileOptions, errors: &mut Errors) {
    if container.body.is_none() {
        let message = if container.keyword == "mod" {
            "`#[profile]` can't reach the functions of a module in another file; put it on the functions there"
        } else {
            "there is no function here; put `#[profile]` on a function, or on an `impl`, `trait` or `mod` block"
        };
        errors.on(&container.keyword, message);
    }
    if let Some(name) = options.name.word() {
        errors.on(
            name,
            "`name` names one function, not all of a block; put `#[profile(name = \"...\")]` on that function",
        );
    }
    if let Some(label) = options.label.word() {
        errors.on(
            label,
            "`label` names the calls of one function, not all of a block; put `#[profile(label = ...)]` on that function",
        );
    }
    if let Some(future) = options.future.word() {
        errors.on(
            future,
            "`future` is for one function, not all of a block; put `#[profile(future)]` on each function that returns a \
             future",
        );
    }
}

fn check_other(other: &OtherItem, errors: &mut Errors) {
    let keyword = other.keyword.to_string();
    let message = match keyword.as_str() {
        "struct" | "enum" | "union" => {
            format!("`{keyword}` has no calls to time; put `#[profile]` on its `impl` block")
        }
        "unsafe" | "extern" => {
            "a foreign function has no body here; put `#[profile]` on the function that calls it".to_owned()
        }
        "const" | "static" | "type" | "use" => format!(
            "`{keyword}` has no calls to time; put `#[profile]` on a function, or on an `impl`, `trait` or `mod` block"
        ),
        _ => "`#[profile]` can't see the functions that a macro makes; inside `macro_rules!`, put it on the function \
              itself"
            .to_owned(),
    };
    errors.on(&other.keyword, message);
}
