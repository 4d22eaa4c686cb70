//! The expansion. It cannot fail: all that could be wrong has been checked.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Token;

use super::check::{Declaration, DeclaredOn, Fallible};
use super::item::StaticItem;
use super::options::ResourceOptions;
use crate::expression::Expression;
use crate::item::Function;
use crate::runtime::{Runtime, Site};
use crate::tokens::added;

pub(crate) fn expand(declaration: &Declaration, options: &ResourceOptions) -> TokenStream {
    let runtime = Runtime(options.krate.get());
    match &declaration.item {
        DeclaredOn::Static(item) => on_static(declaration, item, options, &runtime),
        DeclaredOn::Function(function) => on_function(declaration, function, options, &runtime),
    }
}

fn on_static(
    declaration: &Declaration,
    item: &StaticItem,
    options: &ResourceOptions,
    runtime: &Runtime<'_>,
) -> TokenStream {
    let StaticItem { prefix, keyword, name, .. } = item;
    let ty = resource_type(declaration, options, runtime);
    let initialiser = initialiser(declaration);
    let site = site(declaration, name, options, runtime);
    let resource = resource(declaration, name, options, runtime);
    quote! {
        #prefix #keyword #name: #ty = {
            #initialiser
            #site
            #resource
        };
    }
}

fn on_function(
    declaration: &Declaration,
    function: &Function,
    options: &ResourceOptions,
    runtime: &Runtime<'_>,
) -> TokenStream {
    let Function { prefix, signature, .. } = function;
    let (asyncness, name) = (signature.qualifier("async"), &signature.name);
    let fn_token = Token![fn](name.span());
    let ty = resource_type(declaration, options, runtime);
    let initialiser = initialiser(declaration);
    let site = site(declaration, name, options, runtime);
    let this = Ident::new("__PERF_RESOURCE", Span::mixed_site());
    let resource = resource(declaration, &this, options, runtime);
    let value = value_type(declaration, runtime);
    let leased = options.evict.get().is_some();
    let output = if leased { added!(#runtime::__private::Lease<#value>) } else { added!(&'static #value) };
    let (output, accessor) = match (&declaration.fallible, leased) {
        (None, false) => (output, quote!(get)),
        (None, true) => (output, quote!(lease)),
        (Some(_), leased) => {
            let accessor = if leased { quote!(try_lease) } else { quote!(try_get) };
            (added!(::core::result::Result<#output, #runtime::__private::ResourceError>), accessor)
        }
    };
    let wait = asyncness.map(|_| quote!(.await));
    let body = added! {
        {
            #site
            static #this: #ty = {
                #initialiser
                #resource
            };
            #this.#accessor()#wait
        }
    };
    quote!(#prefix #asyncness #fn_token #name() -> #output #body)
}

/// `Resource<T, E>` and its like.
fn resource_type(declaration: &Declaration, options: &ResourceOptions, runtime: &Runtime<'_>) -> TokenStream {
    let kind = kind(declaration, options);
    let value = value_type(declaration, runtime);
    match &declaration.fallible {
        None => added!(#runtime::__private::#kind<#value>),
        Some(Fallible::Plain(_, error)) => added!(#runtime::__private::#kind<#value, #error>),
        Some(Fallible::Alias) => {
            let ty = &declaration.ty;
            added!(#runtime::__private::#kind<#value, <#ty as #runtime::__private::Fallible>::Error>)
        }
    }
}

fn kind(declaration: &Declaration, options: &ResourceOptions) -> Ident {
    let kind = match (declaration.asynchronous, options.evict.get().is_some()) {
        (false, false) => "Resource",
        (false, true) => "EvictableResource",
        (true, false) => "AsyncResource",
        (true, true) => "AsyncEvictableResource",
    };
    Ident::new(kind, Span::mixed_site())
}

fn value_type(declaration: &Declaration, runtime: &Runtime<'_>) -> TokenStream {
    let ty = &declaration.ty;
    match &declaration.fallible {
        None => ty.clone(),
        Some(Fallible::Plain(value, _)) => value.clone(),
        Some(Fallible::Alias) => added!(<#ty as #runtime::__private::Fallible>::Value),
    }
}

/// The initialiser as a function: `?` and `return` work in it, and it sees no locals.
fn initialiser(declaration: &Declaration) -> TokenStream {
    let Declaration { ty, initialiser, asynchronous, .. } = declaration;
    let asyncness = asynchronous.then(|| quote!(async));
    let head = added!(#asyncness fn __perf_initialise() ->);
    quote!(#head #ty #initialiser)
}

/// The static description of the initialiser: its calls are timed like those of a `#[profile]` function.
fn site(declaration: &Declaration, name: &Ident, options: &ResourceOptions, runtime: &Runtime<'_>) -> TokenStream {
    let site = Site {
        is_future: declaration.asynchronous,
        adaptive: false,
        name: options.name.get(),
        item: name,
        budgets: "",
    };
    site.expand(runtime)
}

/// The registration and the value of the static `this`.
fn resource(declaration: &Declaration, this: &Ident, options: &ResourceOptions, runtime: &Runtime<'_>) -> TokenStream {
    let kind = kind(declaration, options);
    let (constructor, initialise) = match (declaration.asynchronous, &declaration.fallible) {
        (false, None) => (quote!(blocking), added!(#runtime::__private::infallible(__perf_initialise))),
        (false, Some(_)) => (quote!(blocking), added!(#runtime::__private::fallible(__perf_initialise))),
        (true, None) => (quote!(asynchronous), added!(#runtime::__private::infallible_async(__perf_initialise()))),
        (true, Some(_)) => (quote!(asynchronous), added!(#runtime::__private::fallible_async(__perf_initialise()))),
    };
    let depends = options.depends.get().map(|paths| {
        let len = paths.len();
        added! {
            static __PERF_DEPENDS: [&'static dyn #runtime::__private::Managed; #len] = [#(&#paths),*];
        }
    });
    let settings = settings(options, runtime);
    added! {
        #depends
        #runtime::__private::resource!(#this);
        #runtime::__private::#kind::declare(
            || &#this,
            #runtime::__private::Declaration::#constructor(&__PERF_SITE, || #initialise)#settings
        )
    }
}

/// The options as calls on the declaration.
fn settings(options: &ResourceOptions, runtime: &Runtime<'_>) -> TokenStream {
    let mut calls = TokenStream::new();
    let mut add = |call: TokenStream| calls.extend(call);
    if options.depends.get().is_some() {
        add(added!(.depends(|| &__PERF_DEPENDS)));
    }
    if let Some(retry) = options.retry.get() {
        let times = retry.times.get().copied().unwrap_or(0);
        let backoff = retry.backoff.get().copied().unwrap_or(0);
        let max = retry.max.get().copied().unwrap_or(u64::MAX);
        add(added!(.retry(#times, #backoff, #max)));
    }
    if let Some(limit) = options.timeout.get() {
        add(added!(.timeout(#limit)));
    }
    if let Some(evict) = options.evict.get() {
        if let Some(idle) = evict.idle.get() {
            add(added!(.idle(#idle)));
        }
        if let Some(max_age) = evict.max_age.get() {
            add(added!(.max_age(#max_age)));
        }
    }
    if options.warm.get().is_some() {
        add(added!(.warm()));
    }
    let with_value = |option: &Expression| added!(|__perf_value| #runtime::__private::call(__perf_value, #option));
    match options.weight.get() {
        Some(bytes) if bytes.literal.is_some() => add(added!(.weight(|_| #bytes))),
        Some(weight) => {
            let weight = with_value(weight);
            add(added!(.weight(#weight)));
        }
        None => {}
    }
    for (value, name) in [
        (&options.health, quote!(health)),
        (&options.on_init, quote!(on_init)),
        (&options.on_evict, quote!(on_evict)),
        (&options.on_shutdown, quote!(on_shutdown)),
    ] {
        if let Some(option) = value.get() {
            let option = with_value(option);
            add(added!(.#name(#option)));
        }
    }
    calls
}
