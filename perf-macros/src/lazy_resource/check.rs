//! Finds all mistakes in the options and the item at once, each on its token.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};

use super::item::{ResourceItem, StaticItem, async_block};
use super::options::ResourceOptions;
use super::types::{is_inferred, with_static_lifetimes};
use crate::errors::Errors;
use crate::item::Function;
use crate::item::types::PathType;
use crate::tokens::{is_word, mentions, trees};

/// A resource that can be declared.
pub(crate) struct Declaration {
    pub(crate) item: DeclaredOn,
    /// The declared type, with all its lifetimes written out.
    pub(crate) ty: TokenStream,
    pub(crate) initialiser: Initialiser,
    pub(crate) asynchronous: bool,
    pub(crate) fallible: Option<Fallible>,
}

/// The item that the attribute stands on.
pub(crate) enum DeclaredOn {
    Static(Box<StaticItem>),
    Function(Box<Function>),
}

/// Where the value comes from.
pub(crate) enum Initialiser {
    /// A function's body, or an `async` block.
    Braces(Group),
    Expression(TokenStream),
}

/// A type that is a `Result`.
pub(crate) enum Fallible {
    /// `Result<T, E>`: the two types.
    Plain(TokenStream, TokenStream),
    /// A type named `Result` whose arguments don't say which types it holds.
    Alias,
}

/// Records every mistake. `None` if nothing can be declared.
pub(crate) fn check(item: ResourceItem, options: &ResourceOptions, errors: &mut Errors) -> Option<Declaration> {
    let declaration = match item {
        ResourceItem::Static(item) => check_static(item, errors),
        ResourceItem::Function(function) => check_function(function, errors),
        ResourceItem::Other(keyword) => {
            let word = keyword.to_string();
            let message = match word.as_str() {
                "const" => "a `const` has a new value at each use; write `static` in its place",
                _ => "put `#[lazy_resource]` on a `static`, or on a function without arguments that returns the value",
            };
            errors.on(&keyword, message);
            None
        }
    }?;
    check_options(&declaration, options, errors);
    Some(declaration)
}

fn check_options(declaration: &Declaration, options: &ResourceOptions, errors: &mut Errors) {
    if let (Some(timeout), false) = (options.timeout.word(), declaration.asynchronous) {
        errors.on(
            timeout,
            "`timeout` can't interrupt an initialiser that blocks its thread; make it an `async` block, or give the \
             calls inside it a time limit",
        );
    }
    if let (Some(warm), true) = (options.warm.word(), declaration.asynchronous) {
        errors.on(
            warm,
            "`warm` has no executor for an async initialiser; remove it, and call `.warm().await` where the program starts",
        );
    }
    if let (Some(hook), None) = (options.on_evict.word(), options.evict.word()) {
        errors.on(hook, "`on_evict` never runs without `evict`; add `evict`, or use `on_shutdown`");
    }
}

fn check_static(mut item: Box<StaticItem>, errors: &mut Errors) -> Option<Declaration> {
    if let Some(mutability) = item.mutability.take() {
        errors.on(
            mutability,
            "a resource is shared by all threads; remove `mut`, and put what changes in a `Mutex` or an atomic",
        );
    }
    if item.initialiser.is_empty() {
        errors
            .on(&item.name, "the initialiser is missing; write the expression that makes the value: `= Value::load()`");
        return None;
    }
    if is_inferred(&item.ty) {
        errors.on(&item.ty, "the type of a static can't be inferred; write the type of the value");
        return None;
    }
    let block = async_block(&item.initialiser);
    let asynchronous = block.is_some();
    let initialiser = block.map_or_else(|| Initialiser::Expression(item.initialiser.clone()), Initialiser::Braces);
    let ty = with_static_lifetimes(&item.ty);
    let fallible = Fallible::of(&ty);
    Some(Declaration { item: DeclaredOn::Static(item), ty, initialiser, asynchronous, fallible })
}

fn check_function(function: Box<Function>, errors: &mut Errors) -> Option<Declaration> {
    let wrong = wrong_in_function(&function);
    if !wrong.is_empty() {
        wrong.into_iter().for_each(|(tokens, message)| errors.on(tokens, message));
        return None;
    }
    let (ty, body) = (function.signature.output.as_ref()?, function.body.clone()?);
    let ty = with_static_lifetimes(ty);
    let fallible = Fallible::of(&ty);
    let asynchronous = function.signature.is_async();
    let initialiser = Initialiser::Braces(body);
    Some(Declaration { item: DeclaredOn::Function(function), ty, initialiser, asynchronous, fallible })
}

/// The mistakes in a function: the token and the message of each.
fn wrong_in_function(function: &Function) -> Vec<(TokenStream, &'static str)> {
    let signature = &function.signature;
    let mut wrong = Vec::new();
    for (qualifier, message) in [
        ("const", "a resource is made at run time, when it is first used; remove `const`"),
        (
            "unsafe",
            "any caller may be the first and run the initialiser; remove `unsafe`, and put an `unsafe` block inside",
        ),
        (
            "extern",
            "the accessor of a resource is a Rust function; remove `extern`, and call it from an `extern` function",
        ),
    ] {
        if let Some(tokens) = signature.qualifier(qualifier) {
            wrong.push((tokens.clone(), message));
        }
    }
    if !signature.generics.is_empty() {
        wrong.push((
            signature.generics.clone(),
            "a resource has one value, which can't depend on types or lifetimes; remove the parameters",
        ));
    }
    if !signature.arguments.stream().is_empty() {
        wrong.push((
            signature.arguments.stream(),
            "a resource has one value, which can't depend on arguments; remove them, and read what the initialiser needs \
             from another resource",
        ));
    }
    match &signature.output {
        None => wrong.push((
            signature.name.to_token_stream(),
            "this function returns no value to keep; write its type: `-> Value` (callers then get `&'static Value`)",
        )),
        Some(ty) if mentions(ty, "impl") => wrong.push((
            ty.clone(),
            "the value is kept in a static, so its type needs a name; write it, or `Box<dyn Trait + Send + Sync>`",
        )),
        Some(_) => {}
    }
    if function.body.is_none() {
        wrong.push((signature.name.to_token_stream(), "this function has no body that makes the value; write one"));
    }
    wrong
}

impl Fallible {
    /// Whether a type is a `Result`, by its name: nothing else is known of it here.
    fn of(ty: &TokenStream) -> Option<Fallible> {
        let path = PathType::of(ty).filter(|path| path.name == "Result")?;
        match path.arguments.as_slice() {
            // Behind a path, as in `io::Result`, it is another type than the one of the prelude.
            [value, error] if trees(ty).first().is_some_and(|first| is_word(first, "Result")) => {
                Some(Fallible::Plain(value.clone(), error.clone()))
            }
            _ => Some(Fallible::Alias),
        }
    }
}

impl ToTokens for Initialiser {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Initialiser::Braces(group) => group.to_tokens(tokens),
            Initialiser::Expression(expression) => quote!({ #expression }).to_tokens(tokens),
        }
    }
}
