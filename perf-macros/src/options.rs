//! Reads lists of options, which all attributes have in their parentheses.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use crate::errors::Errors;

/// The value of an option, which is given at most once.
pub(crate) struct OptionValue<T>(Option<(Ident, T)>);

impl<T> Default for OptionValue<T> {
    fn default() -> Self {
        OptionValue(None)
    }
}

impl<T> OptionValue<T> {
    /// Sets the value, and refuses to set it twice.
    pub(crate) fn set(&mut self, word: Ident, value: T, errors: &mut Errors) {
        if self.0.is_some() {
            errors.on(&word, format!("`{word}` is given twice; remove one of them"));
        } else {
            self.0 = Some((word, value));
        }
    }

    /// The value, if one was given.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// The word that gave the value.
    pub(crate) fn word(&self) -> Option<&Ident> {
        self.0.as_ref().map(|(word, _)| word)
    }
}

impl OptionValue<()> {
    /// Sets an option that takes no value.
    pub(crate) fn set_flag(&mut self, word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if input.peek(Token![=]) || input.peek(syn::token::Paren) {
            return Err(input.error(format!("`{word}` takes no value; write `{word}` alone")));
        }
        self.set(word, (), errors);
        Ok(())
    }
}

/// Reads a list of options: each begins with a word, one of `words`, and `read` reads the rest. One that can't be read
/// leaves an error and does not hide the next.
pub(crate) fn options(
    tokens: TokenStream,
    words: &[&str],
    errors: &mut Errors,
    mut read: impl FnMut(Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    let all = |input: ParseStream<'_>| {
        separated(input, errors, |input, errors| {
            let word = input.call(Ident::parse_any).map_err(|error| {
                let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                syn::Error::new(error.span(), format!("expected an option: {}", words.join(", ")))
            })?;
            read(word, input, errors)
        });
        Ok(())
    };
    // The closure consumes all it is given and reports through `errors`.
    if let Err(error) = all.parse2(tokens) {
        errors.push(error);
    }
}

/// `= value`, with an error that shows how it is written.
pub(crate) fn value<T: syn::parse::Parse>(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<T> {
    equals(word, example, input)?;
    input.parse().map_err(|error| syn::Error::new(error.span(), format!("write `{word} = {example}`")))
}

pub(crate) fn equals(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(word, format!("`{word}` needs a value: `{word} = {example}`")));
    }
    input.parse::<Token![=]>().map(drop)
}

/// Reads elements between commas. After an error it goes on behind the next comma, and so finds all errors.
pub(crate) fn separated(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut element: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        match element(input, errors) {
            Err(error) => errors.push(error),
            Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
            Ok(()) => errors.push(input.error("expected `,` before the next option")),
        }
        let rest = skip_to_comma(input);
        debug_assert!(rest.is_ok(), "token trees can always be read");
    }
}

/// Consumes up to and including the next comma.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// `= "a name"`, which must not be empty.
pub(crate) fn name(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<LitStr> {
    let name: LitStr = value(word, "\"a name for the report\"", input)?;
    if name.value().trim().is_empty() {
        errors.on(&name, "the name is empty; write the name that reports should show, or remove `name`");
    }
    Ok(name)
}

/// `= path::to::perf_runtime`.
pub(crate) fn runtime_path(word: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    equals(word, "path::to::perf_runtime", input)?;
    path(input).map_err(|error| {
        syn::Error::new(error.span(), "write the path without quotes: `crate = path::to::perf_runtime`")
    })
}

/// A path without generic arguments.
pub(crate) fn path(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let leading: Option<Token![::]> = input.parse()?;
    let first = input.call(Ident::parse_any)?;
    let mut path = quote!(#leading #first);
    while input.peek(Token![::]) {
        let (separator, segment) = (input.parse::<Token![::]>()?, input.call(Ident::parse_any)?);
        path.extend(quote!(#separator #segment));
    }
    Ok(path)
}
