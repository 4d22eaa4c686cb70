//! What stands in the parentheses of the attribute.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Path, Token, parenthesized};

use super::budget;
use super::errors::{Errors, nearest};

/// Every option, by the word the user writes.
const WORDS: [&str; 7] = ["name", "skip", "crate", "timing", "budget", "by_type", "future"];

/// The options that were given, each with the word that gave it, for errors to stand on.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Slot<LitStr>,
    pub(crate) skip: Slot<()>,
    pub(crate) krate: Slot<Path>,
    pub(crate) timing: Slot<Timing>,
    pub(crate) budget: Slot<String>,
    pub(crate) by_type: Slot<()>,
    pub(crate) future: Slot<()>,
}

/// How calls are timed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    Exact,
    Adaptive,
}

impl Options {
    /// Reads all options; one that can't be read leaves an error and does not hide the next.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Options::default();
        let read = |input: ParseStream<'_>| {
            separated(input, errors, |input, errors| options.parse_one(input, errors));
            Ok(())
        };
        // The closure consumes all it is given and reports through `errors`.
        if let Err(error) = read.parse2(tokens) {
            errors.push(error);
        }
        options
    }

    fn parse_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(
                error.span(),
                format!("expected an option: {}", WORDS.map(|word| format!("`{word}`")).join(", ")),
            )
        })?;
        match word.to_string().as_str() {
            "name" => {
                let name: LitStr = value(&word, "\"a name for the report\"", input)?;
                if name.value().trim().is_empty() {
                    errors.on(&name, "an empty name can't be found in a report; write one, or remove the option");
                }
                self.name.set(word, name, errors);
            }
            "crate" => {
                equals(&word, "path::to::perf_runtime", input)?;
                let path = input.call(Path::parse_mod_style).map_err(|error| {
                    syn::Error::new(error.span(), "write the path without quotes: `crate = path::to::perf_runtime`")
                })?;
                self.krate.set(word, path, errors);
            }
            "timing" => {
                let timing: Ident = value(&word, "exact` or `timing = adaptive", input)?;
                let timing = match timing.to_string().as_str() {
                    "exact" => Timing::Exact,
                    "adaptive" => Timing::Adaptive,
                    _ => return Err(syn::Error::new_spanned(timing, "timing is either `exact` or `adaptive`")),
                };
                self.timing.set(word, timing, errors);
            }
            "budget" => {
                if !input.peek(syn::token::Paren) {
                    return Err(syn::Error::new_spanned(
                        word,
                        "`budget` takes its limits in parentheses: `budget(p99 = \"2ms\")`",
                    ));
                }
                let limits;
                parenthesized!(limits in input);
                if limits.is_empty() {
                    errors.on(&word, "a budget needs at least one limit: `budget(p99 = \"2ms\")`");
                }
                let limits = budget::parse(&limits, errors);
                self.budget.set(word, limits, errors);
            }
            "skip" => self.skip.set_flag(word, input, errors)?,
            "by_type" => self.by_type.set_flag(word, input, errors)?,
            "future" => self.future.set_flag(word, input, errors)?,
            unknown => {
                let message = match nearest(unknown, &WORDS) {
                    Some(near) => format!("`#[profile]` has no option `{unknown}`; did you mean `{near}`?"),
                    None => format!("`#[profile]` has no option `{unknown}`; there are {}", WORDS.join(", ")),
                };
                return Err(syn::Error::new_spanned(word, message));
            }
        }
        Ok(())
    }
}

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
    fn set_flag(&mut self, word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if input.peek(Token![=]) || input.peek(syn::token::Paren) {
            return Err(input.error(format!("`{word}` takes no value; write `{word}` alone")));
        }
        self.set(word, (), errors);
        Ok(())
    }
}

/// `= value`, with an error that shows how it is written.
fn value<T: syn::parse::Parse>(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<T> {
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
