//! The expansion. It cannot fail: all that could be wrong has been checked.
//!
//! The user's tokens keep their places and spans, braces included: the edition of those spans decides when temporaries
//! of a tail expression are dropped, and by them the compiler shows a missing return value. Added tokens have spans of
//! their own, with hygiene for local names, and added names begin with `__perf_`.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::arguments::MovedArguments;
use super::check::impossible;
use super::instrumentation::{self, Instrumentation, ReturnedFuture, Surroundings};
use super::options::{Label, ProfileOptions, TimingMode};
use crate::item::{Attribute, Body, Container, Contents, Function, Item, types};
use crate::runtime::{Runtime, Site};
use crate::tokens::{added, first_span, in_place_of, last_span};

/// The whole item, with timing in it.
pub(crate) fn expand(item: &Item, options: &ProfileOptions) -> TokenStream {
    if options.skip.get().is_some() {
        return item.to_token_stream();
    }
    match item {
        Item::Function(function) => expand_function(function, options, Surroundings::default()),
        Item::Container(container) => expand_container(container, options, Surroundings::default()),
        Item::Other(_) => item.to_token_stream(),
    }
}

/// Every function in an `impl`, `trait` or `mod`, as if the attribute stood on it.
fn expand_container(container: &Container, options: &ProfileOptions, around: Surroundings) -> TokenStream {
    let Container { head, attributes, keyword, body } = container;
    let Some((braces, Contents { inner_attributes, items })) = body else { return quote!(#head;) };
    let surroundings = Surroundings {
        in_impl_or_trait: keyword != "mod",
        read_by_others: around.read_by_others || !attributes.iter().all(Attribute::is_inert),
    };
    let items = items.iter().map(|item| match item {
        _ if item.attributes().iter().any(Attribute::may_be_profile) => inheriting(item, options),
        Item::Function(function) if impossible(function).is_none() => expand_function(function, options, surroundings),
        Item::Container(container) => expand_container(container, options, surroundings),
        _ => item.to_token_stream(),
    });
    let body = in_place_of(braces, quote!(#inner_attributes #(#items)*));
    quote!(#head #body)
}

/// An item that has an attribute of its own, which then finds the runtime where that of the block does.
fn inheriting(item: &Item, options: &ProfileOptions) -> TokenStream {
    let Some(path) = options.krate.get() else { return item.to_token_stream() };
    let attributes = item.attributes();
    let inherited = attributes.iter().map(|attribute| {
        let profile = &attribute.path;
        match &attribute.arguments {
            _ if !attribute.is_profile() || attribute.mentions("crate") => attribute.to_token_stream(),
            None => quote!(#[#profile(crate = #path)]),
            Some(arguments) => quote!(#[#profile(crate = #path, #arguments)]),
        }
    });
    // An attribute is two token trees: `#` and a group in brackets.
    let rest = item.to_token_stream().into_iter().skip(2 * attributes.len());
    quote!(#(#inherited)* #(#rest)*)
}

/// The parts of one function's expansion.
struct Pieces<'a> {
    function: &'a Function,
    runtime: Runtime<'a>,
    /// The user's braces, for their span.
    braces: &'a Group,
    /// `site!(...)`: the static and its registration.
    site: TokenStream,
    /// With `by_type`, the row of this instance.
    row: Option<TokenStream>,
    /// The argument of the calls of the runtime: the site, or the row.
    this: TokenStream,
    /// What says which call it was.
    label: Option<&'a Label>,
}

fn expand_function(function: &Function, options: &ProfileOptions, surroundings: Surroundings) -> TokenStream {
    let Some(braces) = &function.body else { return function.prefix.clone() };
    let instrumentation = Instrumentation::of(function, options);
    let runtime = Runtime(options.krate.get());
    let types = match options.by_type.get() {
        Some(()) => instrumentation::distinguishing_types(function, surroundings.in_impl_or_trait),
        None => Vec::new(),
    };
    let (row, this) = match types.as_slice() {
        [] => (None, added!(&__PERF_SITE)),
        // In a tuple too, so that the name of a type that is a tuple is not taken for several types.
        [only] => (Some(row(&runtime, added!((#only,)))), added!(__perf_site)),
        several => (Some(row(&runtime, added!((#(#several),*)))), added!(__perf_site)),
    };
    let adaptive = options.timing.get() == Some(&TimingMode::Adaptive) && instrumentation == Instrumentation::Guard;
    let site = Site {
        is_future: instrumentation != Instrumentation::Guard,
        adaptive,
        name: options.name.get(),
        item: &function.signature.name,
        budgets: options.budget.get().map_or("", String::as_str),
    };
    let site = site.expand(&runtime);
    let pieces = Pieces { function, runtime, braces, site, row, this, label: options.label.get() };
    match instrumentation {
        Instrumentation::Guard => pieces.guard(adaptive),
        // A row is looked for when the future runs, not when it is made.
        Instrumentation::AsyncFn if pieces.row.is_some() || surroundings.keep_async(function) => pieces.async_fn(),
        Instrumentation::AsyncFn => pieces.desugared_async_fn(),
        Instrumentation::ReturnedFuture(returned) => pieces.returned_future(returned),
    }
}

/// The closure that writes a label. The label's value is never moved out of where it is: the closure refers to it.
fn closure(runtime: &Runtime<'_>, Label { moves, expression }: &Label) -> TokenStream {
    let head = added!(|__perf_label: &mut #runtime::__private::Label|);
    let body = added!(__perf_label.set(&(#expression)));
    quote!(#moves #head #body)
}

/// The statement that writes the label of a future, with the statements that its expression needs.
fn written_label(runtime: &Runtime<'_>, look: &TokenStream, Label { expression, .. }: &Label) -> TokenStream {
    added! {
        let __perf_label = #runtime::__private::Label::of(
            |__perf_label: &mut #runtime::__private::Label| { #look __perf_label.set(&(#expression)); }
        );
    }
}

fn row(runtime: &Runtime<'_>, types: TokenStream) -> TokenStream {
    added! {
        let __perf_site =
            #runtime::__private::typed(&__PERF_SITE, #runtime::__private::type_name::<#types>());
    }
}

impl Pieces<'_> {
    /// A guard that lives as long as the locals of the body.
    fn guard(&self, adaptive: bool) -> TokenStream {
        let Pieces { function, runtime, site, row, this, label, .. } = self;
        let Body { inner_attributes, items, rest } = Body::of(self.braces);
        let guard = match label {
            Some(label) => {
                let label = closure(runtime, label);
                added!(let __perf_guard = #runtime::__private::enter_labelled(#this, #label);)
            }
            None if adaptive => added!(let __perf_guard = #runtime::__private::enter_adaptive(#this);),
            None => added!(let __perf_guard = #runtime::__private::enter(#this);),
        };
        self.function_with(
            &function.signature.to_token_stream(),
            quote!(#inner_attributes #site #items #row #guard #rest),
        )
    }

    /// An `async fn` that waits for the body, as a future inside.
    fn async_fn(&self) -> TokenStream {
        let MovedArguments { arguments, rebind, look } = MovedArguments::of(&self.function.signature);
        let contents = self.timed_body(&rebind, &look, &added!(.await));
        self.function_with(&self.function.signature.with_arguments(&arguments), contents)
    }

    /// The function that an `async fn` stands for: it returns the body as a future.
    ///
    /// The documentation shows it as it was written. The span of `impl` makes it own every lifetime, in any edition.
    fn desugared_async_fn(&self) -> TokenStream {
        let signature = &self.function.signature;
        let MovedArguments { arguments, rebind, look } = MovedArguments::of(signature);
        let future = self.future_of(&self.output());
        let contents = self.timed_body(&rebind, &look, &TokenStream::new());
        let written = self.function_with(&signature.to_token_stream(), self.braces.stream());
        let desugared = self.function_with(&signature.desugared(&arguments, &future), contents);
        added!(#[cfg(doc)] #written #[cfg(not(doc))] #desugared)
    }

    /// The type behind `->`, or `()`.
    fn output(&self) -> TokenStream {
        let Function { signature, .. } = self.function;
        signature.output.clone().unwrap_or_else(|| quote_spanned!(signature.arguments.span_close()=> ()))
    }

    /// The return type `impl Future`, where the compiler shows the output as the return type of the `async fn`.
    fn future_of(&self, output: &TokenStream) -> TokenStream {
        let added = Span::mixed_site();
        let (start, end) = (added.located_at(first_span(output)), added.located_at(last_span(output)));
        let before = quote_spanned!(start=> impl ::core::future::Future<Output = );
        let after = quote_spanned!(end=> >);
        quote!(#before #output #after)
    }

    /// The body of an `async fn` as a timed future, which owns the arguments, and `then`. Its label is written before the arguments move.
    ///
    /// A `return` that never runs states the type of the result before the body. Without it, coercions and error
    /// messages would differ from those of an `async fn`.
    fn timed_body(&self, rebind: &TokenStream, look: &TokenStream, then: &TokenStream) -> TokenStream {
        let Pieces { runtime, site, row, this, label, .. } = self;
        let (inner_attributes, body) = self.body_in_braces();
        let output = types::without_impl_trait(&self.output());
        let run = if types::is_never(&output) {
            in_own_scope(&body)
        } else {
            let expected = Ident::new("__perf_output", Span::mixed_site().located_at(first_span(&output)));
            let body = in_own_scope(&body);
            added! {
                if let ::core::option::Option::Some(#expected) = ::core::option::Option::None::<#output> {
                    return #expected;
                }
                #body
            }
        };
        // The compiler shows this call where it shows the body of an `async fn`.
        let body = Span::mixed_site().located_at(self.braces.span());
        let label = label.map(|label| written_label(runtime, look, label));
        let future = match label {
            Some(_) => quote_spanned!(body=>
                #runtime::__private::labelled_future(#this, __perf_label, async move { #rebind #run })
            ),
            None => quote_spanned!(body=> #runtime::__private::future(#this, async move { #rebind #run })),
        };
        added!(#inner_attributes #site #row #label #future #then)
    }

    /// The future that the body makes, timed.
    fn returned_future(&self, returned: ReturnedFuture) -> TokenStream {
        let Pieces { function, runtime, site, row, this, .. } = self;
        let whole = Body::of(self.braces);
        if returned == ReturnedFuture::BoxPinAsync
            && let Some((box_pin, parentheses)) = instrumentation::box_pin_async(&whole.rest)
        {
            let Body { inner_attributes, items, .. } = &whole;
            let future = parentheses.stream();
            let timed = in_place_of(&parentheses, added!(#runtime::__private::future(#this, #future)));
            return self.function_with(
                &function.signature.to_token_stream(),
                quote!(#inner_attributes #site #items #row #box_pin #timed),
            );
        }
        let (inner_attributes, body) = self.body_in_braces();
        let scoped = in_own_scope(&body);
        let output = match (&function.signature.output, returned) {
            (output, ReturnedFuture::Boxed) => output.as_ref(),
            _ => None,
        };
        // A `return` leaves the body, not the function, when the body is a closure.
        let (signature, made) = if instrumentation::leaves_early(body.stream()) {
            let MovedArguments { arguments, rebind, .. } = MovedArguments::of(&function.signature);
            let output = output.map(|output| added!(-> #output));
            let made = added!(#runtime::__private::call_once(move || #output { #rebind #scoped }));
            (function.signature.with_arguments(&arguments), made)
        } else {
            (function.signature.to_token_stream(), scoped)
        };
        let wrap = if returned == ReturnedFuture::Opaque { quote!(future) } else { quote!(boxed_future) };
        let output = output.map(|output| added!(: #output));
        self.function_with(
            &signature,
            added! {
                #inner_attributes
                #site
                #row
                let __perf_future #output = #made;
                #runtime::__private::#wrap(#this, __perf_future)
            },
        )
    }

    /// The function with other contents between the user's braces.
    fn function_with(&self, signature: &TokenStream, contents: TokenStream) -> TokenStream {
        let prefix = &self.function.prefix;
        let braces = in_place_of(self.braces, contents);
        quote!(#prefix #signature #braces)
    }

    /// The body in the user's braces, without its inner attributes, which belong to the function.
    fn body_in_braces(&self) -> (TokenStream, Group) {
        let Body { inner_attributes, items, rest } = Body::of(self.braces);
        (inner_attributes, in_place_of(self.braces, quote!(#items #rest)))
    }
}

/// The block, with its temporaries dropped at its end in every edition, and no lint about the braces.
fn in_own_scope(block: &Group) -> TokenStream {
    added!(match () { () => #block })
}
