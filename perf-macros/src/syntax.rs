//! What the options of all attributes have in common.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token};

use crate::errors::Errors;

/// An option that is given at most once.
pub(crate) struct Slot<T>(Option<(Ident, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot(None)
    }
}

impl<T> Slot<T> {
    /// Fills the slot, and refuses to fill it twice.
    pub(crate) fn set(&mut self, word: Ident, value: T, errors: &mut Errors) {
        if self.0.is_some() {
            errors.on(&word, format!("`{word}` is given twice; keep one of the two"));
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

impl Slot<()> {
    /// Fills the slot of an option that takes no value.
    pub(crate) fn set_flag(&mut self, word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if input.peek(Token![=]) || input.peek(syn::token::Paren) {
            return Err(input.error(format!("`{word}` takes no value; write `{word}` alone")));
        }
        self.set(word, (), errors);
        Ok(())
    }
}

/// Reads a list of options: each begins with a word, one of `words`, and `read` reads the rest. One that can't be read leaves an
/// error and does not hide the next.
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

fn equals(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(word, format!("`{word}` needs a value: `{word} = {example}`")));
    }
    input.parse::<Token![=]>().map(drop)
}

/// Reads elements between commas. After an error goes on behind the next comma, so that all errors are seen.
pub(crate) fn separated(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut element: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        match element(input, errors) {
            Err(error) => errors.push(error),
            Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
            Ok(()) => errors.push(input.error("expected `,` and the next option")),
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

/// The path of the runtime that expansions use.
pub(crate) struct Runtime<'a>(pub(crate) Option<&'a Path>);

impl ToTokens for Runtime<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0 {
            Some(path) => path.to_tokens(tokens),
            None => quote::quote_spanned!(proc_macro2::Span::mixed_site()=> ::perf_runtime).to_tokens(tokens),
        }
    }
}

/// `= "a name"`, which must not be empty.
pub(crate) fn name(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<LitStr> {
    let name: LitStr = value(word, "\"a name for the report\"", input)?;
    if name.value().trim().is_empty() {
        errors.on(&name, "an empty name can't be found in a report; write one, or remove the option");
    }
    Ok(name)
}

/// `= path::to::perf_runtime`.
pub(crate) fn path(word: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    equals(word, "path::to::perf_runtime", input)?;
    input.call(Path::parse_mod_style).map_err(|error| {
        syn::Error::new(error.span(), "write the path without quotes: `crate = path::to::perf_runtime`")
    })
}

/// The line of a name, if it is in the file that `file!()` will give, else that of the attribute.
pub(crate) fn line(name: Span) -> u32 {
    if !proc_macro::is_available() {
        return 0;
    }
    let (name, attribute) = (name.unwrap(), Span::call_site().unwrap());
    let place = if name.file() == attribute.file() { name } else { attribute };
    u32::try_from(place.line()).unwrap_or(0)
}
