//! The expansion. It cannot fail: all that could be wrong has been checked.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;

use super::check::{Fallible, Place, Source};
use super::item::Static;
use super::options::Options;
use crate::profile::item::Function;
use crate::syntax::{Runtime, line};

/// Tokens that the user did not write.
macro_rules! added {
    ($($tokens:tt)*) => { quote_spanned!(Span::mixed_site()=> $($tokens)*) };
}

pub(crate) fn expand(source: &Source, options: &Options) -> TokenStream {
    let runtime = Runtime(options.krate.get());
    match &source.place {
        Place::Static(item) => on_static(source, item, options, &runtime),
        Place::Function(function) => on_function(source, function, options, &runtime),
    }
}

fn on_static(source: &Source, item: &Static, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let Static { attributes, visibility, keyword, name, .. } = item;
    let ty = resource_type(source, options, runtime);
    let initialiser = initialiser(source);
    let site = site(source, name, options, runtime);
    let resource = resource(source, name, options, runtime);
    quote! {
        #(#attributes)*
        #visibility #keyword #name: #ty = {
            #initialiser
            #site
            #resource
        };
    }
}

fn on_function(source: &Source, function: &Function, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let Function { prefix, signature, .. } = function;
    let (asyncness, fn_token, name) = (&signature.asyncness, &signature.fn_token, &signature.ident);
    let ty = resource_type(source, options, runtime);
    let initialiser = initialiser(source);
    let site = site(source, name, options, runtime);
    let this = Ident::new("__PERF_RESOURCE", Span::mixed_site());
    let resource = resource(source, &this, options, runtime);
    let value = value_type(source, runtime);
    let leased = options.evict.get().is_some();
    let output = if leased { added!(#runtime::__private::Lease<#value>) } else { added!(&'static #value) };
    let (output, accessor) = match (&source.fallible, leased) {
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
fn resource_type(source: &Source, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let kind = kind(source, options);
    let value = value_type(source, runtime);
    match &source.fallible {
        None => added!(#runtime::__private::#kind<#value>),
        Some(Fallible::Plain(types)) => {
            let error = &types.1;
            added!(#runtime::__private::#kind<#value, #error>)
        }
        Some(Fallible::Alias) => {
            let ty = &source.ty;
            added!(#runtime::__private::#kind<#value, <#ty as #runtime::__private::Fallible>::Error>)
        }
    }
}

fn kind(source: &Source, options: &Options) -> Ident {
    let kind = match (source.asynchronous, options.evict.get().is_some()) {
        (false, false) => "Resource",
        (false, true) => "EvictableResource",
        (true, false) => "AsyncResource",
        (true, true) => "AsyncEvictableResource",
    };
    Ident::new(kind, Span::mixed_site())
}

fn value_type(source: &Source, runtime: &Runtime<'_>) -> TokenStream {
    let ty = &source.ty;
    match &source.fallible {
        None => ty.to_token_stream(),
        Some(Fallible::Plain(types)) => types.0.to_token_stream(),
        Some(Fallible::Alias) => added!(<#ty as #runtime::__private::Fallible>::Value),
    }
}

/// The initialiser as a function: `?` and `return` work in it, and it sees no locals.
fn initialiser(source: &Source) -> TokenStream {
    let Source { ty, body, asynchronous, .. } = source;
    let asyncness = asynchronous.then(|| quote!(async));
    let head = added!(#asyncness fn __perf_initialise() ->);
    quote!(#head #ty #body)
}

/// The static description of the initialiser: its calls are timed like those of a `#[profile]` function.
fn site(source: &Source, name: &Ident, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let kind = if source.asynchronous { quote!(Future) } else { quote!(Function) };
    let line = proc_macro2::Literal::u32_unsuffixed(line(name.span()));
    let name = match options.name.get() {
        Some(name) => quote!(::core::option::Option::Some(#name)),
        None => quote!(::core::option::Option::None),
    };
    added!(#runtime::__private::site!(__PERF_SITE, #kind, Exact, #name, #line, "");)
}

/// The registration and the value of the static `this`.
fn resource(source: &Source, this: &Ident, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let kind = kind(source, options);
    let (constructor, initialise) = match (source.asynchronous, &source.fallible) {
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
fn settings(options: &Options, runtime: &Runtime<'_>) -> TokenStream {
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
    let with_value = |option: &Expr| added!(|__perf_value| #runtime::__private::call(__perf_value, #option));
    match options.weight.get() {
        Some(bytes @ Expr::Lit(_)) => add(added!(.weight(|_| #bytes))),
        Some(weight) => {
            let weight = with_value(weight);
            add(added!(.weight(#weight)));
        }
        None => {}
    }
    for (slot, name) in [
        (&options.health, quote!(health)),
        (&options.on_init, quote!(on_init)),
        (&options.on_evict, quote!(on_evict)),
        (&options.on_shutdown, quote!(on_shutdown)),
    ] {
        if let Some(option) = slot.get() {
            let option = with_value(option);
            add(added!(.#name(#option)));
        }
    }
    calls
}
