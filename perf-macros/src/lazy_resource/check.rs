//! What is wrong with the options and the item together. Everything is found at once, each on its token.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Lifetime, PathArguments, ReturnType, Safety, Type, TypeReference};

use super::item::{Item, Static, async_block};
use super::options::Options;
use crate::errors::Errors;
use crate::profile::item::Function;

/// A resource that can be declared.
pub(crate) struct Source {
    pub(crate) place: Place,
    /// The declared type, with all its lifetimes written out.
    pub(crate) ty: Type,
    /// The braces of the initialiser: a function's body, an `async` block, or braces put around an expression.
    pub(crate) body: Body,
    pub(crate) asynchronous: bool,
    pub(crate) fallible: Option<Fallible>,
}

/// What it is declared on.
pub(crate) enum Place {
    Static(Box<Static>),
    Function(Box<Function>),
}

/// Where the value comes from.
pub(crate) enum Body {
    Braces(Group),
    Expression(TokenStream),
}

/// A type that is a `Result`.
pub(crate) enum Fallible {
    /// `Result<T, E>`
    Plain(Box<(Type, Type)>),
    /// Something that is called so.
    Alias,
}

/// Notes all that is wrong. `None` if that leaves nothing to declare.
pub(crate) fn check(item: Item, options: &Options, errors: &mut Errors) -> Option<Source> {
    let source = match item {
        Item::Static(item) => check_static(item, errors),
        Item::Function(function) => check_function(function, errors),
        Item::Other(keyword) => {
            let word = keyword.to_string();
            let message = match word.as_str() {
                "const" => "a constant is made anew at each use; write `static` in its place",
                _ => "`#[lazy_resource]` goes on a `static`, or on a function without arguments that makes the value",
            };
            errors.on(&keyword, message);
            None
        }
    }?;
    if let (Some(timeout), false) = (options.timeout.word(), source.asynchronous) {
        errors.on(
            timeout,
            "an initialiser that blocks its thread can't be stopped; make it an `async` block, or give the limit to what it waits for",
        );
    }
    if let (Some(warm), true) = (options.warm.word(), source.asynchronous) {
        errors.on(
            warm,
            "no executor is there for an async initialiser when a session starts; call `.warm().await` where the program starts",
        );
    }
    if let (Some(hook), None) = (options.on_evict.word(), options.evict.word()) {
        errors.on(hook, "this resource is never evicted; add `evict`, or use `on_shutdown`");
    }
    Some(source)
}

fn check_static(mut item: Box<Static>, errors: &mut Errors) -> Option<Source> {
    if let Some(mutability) = item.mutability.take() {
        errors.on(
            mutability,
            "a resource is shared by all threads; remove `mut`, and put what changes in a `Mutex` or an atomic",
        );
    }
    if item.initialiser.is_empty() {
        errors.on(&item.name, "there is no initialiser; write the expression that makes the value: `= Value::load()`");
        return None;
    }
    let block = async_block(&item.initialiser);
    let asynchronous = block.is_some();
    let body = block.map_or_else(|| Body::Expression(item.initialiser.clone()), Body::Braces);
    let mut ty = item.ty.clone();
    if is_inferred(&ty) {
        errors.on(&ty, "write the type of the value; it can't be inferred, because the initialiser runs later");
        return None;
    }
    WithStatic.visit_type_mut(&mut ty);
    let fallible = fallible(&ty);
    Some(Source { place: Place::Static(item), ty, body, asynchronous, fallible })
}

fn check_function(function: Box<Function>, errors: &mut Errors) -> Option<Source> {
    let signature = &function.signature;
    let mut wrong = Vec::new();
    if let Some(constness) = &signature.constness {
        wrong.push((constness.to_token_stream(), "a resource is made when it is first used; remove `const`"));
    }
    if let Safety::Unsafe(word) = &signature.safety {
        wrong.push((
            word.to_token_stream(),
            "whoever comes first runs this, so it can't ask for anything; remove `unsafe`, and put an `unsafe` block inside",
        ));
    }
    if let Some(abi) = &signature.abi {
        wrong.push((
            abi.to_token_stream(),
            "a resource is not for other languages; remove this, and call it from a function with it",
        ));
    }
    if !signature.generics.params.is_empty() {
        wrong.push((
            signature.generics.params.to_token_stream(),
            "a resource has one value, which can't depend on types or lifetimes; remove the parameters",
        ));
    }
    if !signature.inputs.is_empty() {
        wrong.push((
            signature.inputs.to_token_stream(),
            "a resource has one value, which can't depend on arguments; remove them, and read what it needs from another resource",
        ));
    }
    let ty = match &signature.output {
        ReturnType::Default => {
            wrong.push((
                signature.ident.to_token_stream(),
                "there is no value to keep; write the type of the value: `-> Value`. The function then returns `&'static Value`",
            ));
            None
        }
        ReturnType::Type(_, ty) => {
            if mentions_impl(ty) {
                wrong.push((
                    ty.to_token_stream(),
                    "the value is kept in a static, whose type has a name; write that, or `Box<dyn Trait + Send + Sync>`",
                ));
            }
            Some(ty.as_ref().clone())
        }
    };
    let body = function.body.clone();
    if body.is_none() {
        wrong.push((signature.ident.to_token_stream(), "this function has no body that would make the value"));
    }
    if !wrong.is_empty() {
        wrong.into_iter().for_each(|(tokens, message)| errors.on(tokens, message));
        return None;
    }
    let (mut ty, body) = (ty?, body?);
    WithStatic.visit_type_mut(&mut ty);
    let fallible = fallible(&ty);
    let asynchronous = signature.asyncness.is_some();
    let place = Place::Function(function);
    Some(Source { place, ty, body: Body::Braces(body), asynchronous, fallible })
}

fn is_inferred(ty: &Type) -> bool {
    matches!(ty, Type::Infer(_))
}

fn mentions_impl(ty: &Type) -> bool {
    ty.to_token_stream().into_iter().next().is_some_and(|first| first.to_string() == "impl")
}

/// Whether a type is a `Result`, by its name: nothing else is known of it here.
fn fallible(ty: &Type) -> Option<Fallible> {
    let ty = match ty {
        Type::Group(group) => &group.elem,
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != "Result" {
        return None;
    }
    if let (1, PathArguments::AngleBracketed(arguments)) = (path.path.segments.len(), &last.arguments) {
        let mut types = arguments.args.iter();
        if let (Some(GenericArgument::Type(value)), Some(GenericArgument::Type(error)), None) =
            (types.next(), types.next(), types.next())
        {
            return Some(Fallible::Plain(Box::new((value.clone(), error.clone()))));
        }
    }
    Some(Fallible::Alias)
}

/// Writes `'static` where a static's type may leave it out and a function's may not.
struct WithStatic;

impl VisitMut for WithStatic {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| Lifetime::new("'static", reference.and_token.span));
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }

    // Their lifetimes are their own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
}

impl ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Body::Braces(group) => group.to_tokens(tokens),
            Body::Expression(expression) => quote!({ #expression }).to_tokens(tokens),
        }
    }
}
