//! Moves arguments into a block or closure in the order of their declaration, which keeps the order of their drops.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};

use crate::item::{Argument, Pattern, Signature};
use crate::tokens::added;

/// Arguments that move into a block.
pub(crate) struct MovedArguments {
    /// The arguments, each with a name.
    pub(crate) arguments: Vec<Argument>,
    /// The statements that make the arguments locals, first in the block.
    pub(crate) rebind: TokenStream,
    /// The statements that make references of what patterns bind, for who looks at the arguments before they move.
    pub(crate) look: TokenStream,
}

impl MovedArguments {
    pub(crate) fn of(signature: &Signature) -> MovedArguments {
        let mut arguments = signature.parsed_arguments();
        let look = arguments.iter().enumerate().map(|(index, argument)| look_at_argument(argument, index)).collect();
        let rebind =
            arguments.iter_mut().enumerate().map(|(index, argument)| rebind_argument(argument, index)).collect();
        MovedArguments { arguments, rebind, look }
    }
}

/// The name of an argument that has none.
fn name_of_nameless(index: usize) -> Ident {
    format_ident!("__perf_arg{index}", span = Span::mixed_site())
}

/// References to what the pattern of an argument binds.
fn look_at_argument(argument: &Argument, index: usize) -> TokenStream {
    match &argument.pattern {
        Pattern::Other(pattern) if !argument.pattern.is_wildcard() => {
            let (attributes, name, pattern) =
                (&argument.attributes, name_of_nameless(index), binding_references(pattern));
            added!(#attributes #[allow(unused_variables)] let #pattern = &#name;)
        }
        _ => TokenStream::new(),
    }
}

/// The pattern without `mut`, `ref` and `&`, none of which may stand where what is bound becomes a reference anyway.
fn binding_references(pattern: &TokenStream) -> TokenStream {
    let mut angles = 0_usize;
    let trees = pattern.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(word) if word == "mut" || word == "ref" => None,
        TokenTree::Punct(sign) if sign.as_char() == '&' && angles == 0 => None,
        TokenTree::Group(group) if angles == 0 => {
            let mut inner = Group::new(group.delimiter(), binding_references(&group.stream()));
            inner.set_span(group.span());
            Some(TokenTree::Group(inner))
        }
        TokenTree::Punct(sign) => {
            match sign.as_char() {
                '<' => angles += 1,
                '>' => angles = angles.saturating_sub(1),
                _ => {}
            }
            Some(TokenTree::Punct(sign))
        }
        other => Some(other),
    });
    trees.collect()
}

/// Makes a local of an argument; gives the argument a name if it has none.
fn rebind_argument(argument: &mut Argument, index: usize) -> TokenStream {
    let attributes = argument.attributes.clone();
    match &mut argument.pattern {
        Pattern::SelfReference(_) | Pattern::Absent => TokenStream::new(),
        // The first argument is dropped last; it only has to move in whole, not field by field.
        Pattern::SelfValue(receiver) => {
            let this = receiver.clone().into_iter().last();
            added!(let _ = &#this;)
        }
        Pattern::Name { mutability, name } => {
            let mutability = mutability.take();
            // These lints can't know that the user's name stands in a statement of ours.
            let quiet = name
                .to_string()
                .starts_with('_')
                .then(|| added!(#[allow(clippy::used_underscore_binding, clippy::no_effect_underscore_binding)]));
            added!(#attributes #quiet let #mutability #name = #name;)
        }
        Pattern::Other(_) => {
            let name = name_of_nameless(index);
            let pattern = argument.take_pattern(name.clone());
            // First as a whole: a pattern takes no more than what it binds.
            let whole = added!(#attributes let #name = #name;);
            if pattern.is_wildcard() {
                return whole;
            }
            let pattern = pattern.into_token_stream();
            added!(#whole #attributes let #pattern = #name;)
        }
    }
}
