//! The expansion. It cannot fail: all that could be wrong has been checked.
//!
//! What the user wrote keeps its place and its spans, braces included: the edition of those spans decides when
//! temporaries of a tail expression are dropped, and the compiler finds a missing return value by them. All that is added
//! has spans of its own, with hygiene for local names, and begins with `__perf_`.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Meta, Pat, PatIdent, PatType, ReceiverKind, ReturnType, Signature, Type};

use super::check::{impossible, is_profile};
use super::item::{Block, Body, Contents, Function, Item};
use super::options::{Options, Timing};
use super::signature::{self, Returned, Shape, mentions};
use crate::syntax::{Runtime, line};

/// Tokens that the user did not write.
macro_rules! added {
    ($($tokens:tt)*) => { quote_spanned!(Span::mixed_site()=> $($tokens)*) };
}

/// The whole item, with timing in it.
pub(crate) fn expand(item: &Item, options: &Options) -> TokenStream {
    if options.skip.get().is_some() {
        return item.to_token_stream();
    }
    match item {
        Item::Function(function) => expand_function(function, options, false),
        Item::Block(block) => expand_block(block, options),
        Item::Other(_) => item.to_token_stream(),
    }
}

/// Every function in an `impl`, `trait` or `mod`, as if the attribute stood on it.
fn expand_block(block: &Block, options: &Options) -> TokenStream {
    let Block { head, keyword, body, .. } = block;
    let Some((braces, Contents { inner_attributes, items })) = body else { return quote!(#head;) };
    let in_impl_or_trait = keyword != "mod";
    let items = items.iter().map(|item| match item {
        _ if item.attributes().iter().any(is_own) => inheriting(item, options),
        Item::Function(function) if impossible(function).is_none() => {
            expand_function(function, options, in_impl_or_trait)
        }
        Item::Block(block) => expand_block(block, options),
        _ => item.to_token_stream(),
    });
    let body = in_place_of(braces, quote!(#inner_attributes #(#items)*));
    quote!(#head #body)
}

/// Whether an attribute is `#[profile]`, also one that a `cfg_attr` may bring: it then decides for its item alone.
fn is_own(attribute: &syn::Attribute) -> bool {
    is_profile(attribute) || attribute.path().is_ident("cfg_attr") && mentions(&attribute.meta, "profile")
}

/// An item that has an attribute of its own, which then finds the runtime where that of the block does.
fn inheriting(item: &Item, options: &Options) -> TokenStream {
    let Some(path) = options.krate.get() else { return item.to_token_stream() };
    let attributes = item.attributes();
    let inherited = attributes.iter().map(|attribute| match &attribute.meta {
        Meta::Path(profile) if is_profile(attribute) => quote!(#[#profile(crate = #path)]),
        Meta::List(list) if is_profile(attribute) && !mentions(&list.tokens, "crate") => {
            let (profile, options) = (&list.path, &list.tokens);
            quote!(#[#profile(crate = #path, #options)])
        }
        _ => attribute.to_token_stream(),
    });
    // An attribute is two token trees: `#` and what is in brackets.
    let rest = item.to_token_stream().into_iter().skip(2 * attributes.len());
    quote!(#(#inherited)* #(#rest)*)
}

/// What the expansion of one function is made of.
struct Pieces<'a> {
    function: &'a Function,
    runtime: Runtime<'a>,
    /// The user's braces, for their span.
    braces: &'a Group,
    /// `site!(...)`: the static and its registration.
    site: TokenStream,
    /// With `by_type`, the row of this instance.
    row: Option<TokenStream>,
    /// What the calls of the runtime are given.
    this: TokenStream,
}

fn expand_function(function: &Function, options: &Options, in_impl_or_trait: bool) -> TokenStream {
    let Some(braces) = &function.body else { return function.prefix.clone() };
    let shape = Shape::of(function, options);
    let runtime = Runtime(options.krate.get());
    let types = match options.by_type.get() {
        Some(()) => signature::distinguishing_types(function, in_impl_or_trait),
        None => Vec::new(),
    };
    let (row, this) = match types.as_slice() {
        [] => (None, added!(&__PERF_SITE)),
        [only] => (Some(row(&runtime, only.to_token_stream())), added!(__perf_site)),
        several => (Some(row(&runtime, added!((#(#several),*)))), added!(__perf_site)),
    };
    let site = site(function, shape, options, &runtime);
    let pieces = Pieces { function, runtime, braces, site, row, this };
    match shape {
        Shape::Call => pieces.call(options.timing.get() == Some(&Timing::Adaptive)),
        Shape::Async => pieces.async_fn(),
        Shape::Returned(returned) => pieces.returned_future(returned),
    }
}

/// The static description of the function.
fn site(function: &Function, shape: Shape, options: &Options, runtime: &Runtime<'_>) -> TokenStream {
    let kind = if shape == Shape::Call { quote!(Function) } else { quote!(Future) };
    let adaptive = shape == Shape::Call && options.timing.get() == Some(&Timing::Adaptive);
    let timing = if adaptive { quote!(Adaptive) } else { quote!(Exact) };
    let name = match options.name.get() {
        Some(name) => quote!(::core::option::Option::Some(#name)),
        None => quote!(::core::option::Option::None),
    };
    let line = proc_macro2::Literal::u32_unsuffixed(line(function.signature.ident.span()));
    let budgets = options.budget.get().map_or("", String::as_str);
    added!(#runtime::__private::site!(__PERF_SITE, #kind, #timing, #name, #line, #budgets);)
}

fn row(runtime: &Runtime<'_>, types: TokenStream) -> TokenStream {
    added! {
        let __perf_site =
            #runtime::__private::typed(&__PERF_SITE, #runtime::__private::type_name::<#types>());
    }
}

impl Pieces<'_> {
    /// A guard that lives as long as the locals of the body.
    fn call(&self, adaptive: bool) -> TokenStream {
        let Pieces { function, runtime, site, row, this, .. } = self;
        let Body { inner_attributes, items, rest } = Body::of(self.braces);
        let enter = if adaptive { quote!(enter_adaptive) } else { quote!(enter) };
        let guard = added!(let __perf_guard = #runtime::__private::#enter(#this););
        self.function_with(&function.signature_tokens, quote!(#inner_attributes #site #items #row #guard #rest))
    }

    /// The body as a future inside, which owns the arguments.
    ///
    /// What the body returns must be known before the body, or coercions and errors would be others than in an `async
    /// fn`; that is what the `return` is for that never happens.
    fn async_fn(&self) -> TokenStream {
        let Pieces { function, runtime, site, row, this, .. } = self;
        let (inner_attributes, body) = self.body_in_braces();
        let Moved { signature, rebind } = Moved::of(&function.signature);
        let output = match &function.signature.output {
            ReturnType::Default => {
                Some(Type::Verbatim(quote_spanned!(function.signature.paren_token.span.close()=> ())))
            }
            ReturnType::Type(_, output) => Some((**output).clone()),
        };
        let run = match output.map(signature::nameable) {
            Some(Type::Never(_)) | None => in_own_scope(&body),
            Some(output) => {
                let expected = Ident::new("__perf_output", Span::mixed_site().located_at(output.span()));
                let body = in_own_scope(&body);
                added! {
                    if let ::core::option::Option::Some(#expected) = ::core::option::Option::None::<#output> {
                        return #expected;
                    }
                    #body
                }
            }
        };
        self.function_with(
            &signature.to_token_stream(),
            added! {
                #inner_attributes
                #site
                #row
                #runtime::__private::future(#this, async move { #rebind #run }).await
            },
        )
    }

    /// The future that the body makes, timed.
    fn returned_future(&self, returned: Returned) -> TokenStream {
        let Pieces { function, runtime, site, row, this, .. } = self;
        let whole = Body::of(self.braces);
        if returned == Returned::BoxPinAsync
            && let Some((box_pin, parentheses)) = signature::box_pin_async(&whole.rest)
        {
            let Body { inner_attributes, items, .. } = &whole;
            let future = parentheses.stream();
            let timed = in_place_of(&parentheses, added!(#runtime::__private::future(#this, #future)));
            return self.function_with(
                &function.signature_tokens,
                quote!(#inner_attributes #site #items #row #box_pin #timed),
            );
        }
        let (inner_attributes, body) = self.body_in_braces();
        let scoped = in_own_scope(&body);
        let output = match (&function.signature.output, returned) {
            (ReturnType::Type(_, output), Returned::Boxed) => Some(output),
            _ => None,
        };
        // A `return` leaves the body, not the function, when the body is a closure.
        let (signature, made) = if signature::leaves_early(body.stream()) {
            let Moved { signature, rebind } = Moved::of(&function.signature);
            let output = output.map(|output| added!(-> #output));
            let made = added!(#runtime::__private::call_once(move || #output { #rebind #scoped }));
            (signature.to_token_stream(), made)
        } else {
            (function.signature_tokens.clone(), scoped)
        };
        let wrap = if returned == Returned::Opaque { quote!(future) } else { quote!(boxed_future) };
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

/// Arguments that move into a block or closure in the order of their declaration, so that they are dropped as before.
struct Moved {
    /// With a name for every argument.
    signature: Signature,
    /// The statements that make the arguments locals, first in the block.
    rebind: TokenStream,
}

impl Moved {
    fn of(signature: &Signature) -> Moved {
        let mut signature = signature.clone();
        let rebind = signature
            .inputs
            .iter_mut()
            .enumerate()
            .map(|(index, input)| match input {
                FnArg::Receiver(receiver) => match receiver.kind {
                    ReceiverKind::Reference(..) => TokenStream::new(),
                    _ => {
                        // The first argument is dropped last; it only has to move in whole, not field by field.
                        let this = receiver.self_token;
                        added!(let _ = &#this;)
                    }
                },
                FnArg::Typed(argument) => rebind(argument, index),
            })
            .collect();
        Moved { signature, rebind }
    }
}

/// Makes a local of an argument; gives the argument a name if it has none.
fn rebind(argument: &mut PatType, index: usize) -> TokenStream {
    // `#[cfg]` and lint levels.
    let attributes = &argument.attrs;
    match &mut *argument.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, mutability, .. }) => {
            let mutability = mutability.take();
            // The user's name in a statement of ours is what these lints can't know.
            let quiet = ident
                .to_string()
                .starts_with('_')
                .then(|| added!(#[allow(clippy::used_underscore_binding, clippy::no_effect_underscore_binding)]));
            added!(#(#attributes)* #quiet let #mutability #ident = #ident;)
        }
        pattern => {
            let name = format_ident!("__perf_arg{index}", span = Span::mixed_site());
            let pattern = std::mem::replace(pattern, Pat::Verbatim(name.to_token_stream()));
            // First as a whole: a pattern takes no more than what it binds.
            let whole = added!(#(#attributes)* let #name = #name;);
            match pattern {
                Pat::Wild(_) => whole,
                _ => added!(#whole #(#attributes)* let #pattern = #name;),
            }
        }
    }
}

/// The block, with its temporaries dropped at its end in every edition, and no lint about the braces.
fn in_own_scope(block: &Group) -> TokenStream {
    added!(match () { () => #block })
}

/// Other contents in the user's delimiters.
fn in_place_of(group: &Group, contents: TokenStream) -> Group {
    let mut replaced = Group::new(group.delimiter(), contents);
    replaced.set_span(group.span());
    replaced
}
