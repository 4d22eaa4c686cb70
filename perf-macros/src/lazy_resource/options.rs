//! Reads the parentheses of `#[lazy_resource(...)]`.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Lit, LitInt, LitStr, Token, parenthesized};

use crate::duration::nanoseconds;
use crate::errors::{Errors, unknown};
use crate::expression::Expression;
use crate::options::{self, OptionValue, equals, name, path, runtime_path, separated, value};

/// Every option, by the word the user writes.
const WORDS: [&str; 12] = [
    "name",
    "crate",
    "depends",
    "retry",
    "timeout",
    "evict",
    "weight",
    "on_init",
    "on_evict",
    "on_shutdown",
    "warm",
    "health",
];

/// The options that were given, each with the word that gave it, for errors to stand on. Durations are in ns.
#[derive(Default)]
pub(crate) struct ResourceOptions {
    pub(crate) name: OptionValue<LitStr>,
    pub(crate) krate: OptionValue<TokenStream>,
    pub(crate) depends: OptionValue<Vec<TokenStream>>,
    pub(crate) retry: OptionValue<Retry>,
    pub(crate) timeout: OptionValue<u64>,
    pub(crate) evict: OptionValue<Evict>,
    pub(crate) weight: OptionValue<Expression>,
    pub(crate) on_init: OptionValue<Expression>,
    pub(crate) on_evict: OptionValue<Expression>,
    pub(crate) on_shutdown: OptionValue<Expression>,
    pub(crate) warm: OptionValue<()>,
    pub(crate) health: OptionValue<Expression>,
}

/// `retry(times = 3, backoff = "100ms", max = "5s")`
#[derive(Default)]
pub(crate) struct Retry {
    pub(crate) times: OptionValue<u32>,
    pub(crate) backoff: OptionValue<u64>,
    pub(crate) max: OptionValue<u64>,
}

/// `evict`, `evict(idle = "30s", max_age = "1h")`
#[derive(Default)]
pub(crate) struct Evict {
    pub(crate) idle: OptionValue<u64>,
    pub(crate) max_age: OptionValue<u64>,
}

impl ResourceOptions {
    /// Reads all options; one that can't be read leaves an error and does not hide the next.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = ResourceOptions::default();
        options::options(tokens, &WORDS, errors, |word, input, errors| options.set(word, input, errors));
        options
    }

    fn set(&mut self, word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match word.to_string().as_str() {
            "name" => {
                let name = name(&word, input, errors)?;
                self.name.set(word, name, errors);
            }
            "crate" => {
                let path = runtime_path(&word, input)?;
                self.krate.set(word, path, errors);
            }
            "depends" => {
                let paths = depends(&word, input, errors)?;
                self.depends.set(word, paths, errors);
            }
            "retry" => {
                let retry = Retry::parse(&word, input, errors)?;
                self.retry.set(word, retry, errors);
            }
            "timeout" => {
                let limit = duration(&word, input, errors)?;
                self.timeout.set(word, limit, errors);
            }
            "evict" => {
                let evict = Evict::parse(&word, input, errors)?;
                self.evict.set(word, evict, errors);
            }
            "weight" => {
                let weight = expression(&word, "|value| value.bytes()", input)?;
                self.weight.set(word, weight, errors);
            }
            "on_init" => hook(&mut self.on_init, word, input, errors)?,
            "on_evict" => hook(&mut self.on_evict, word, input, errors)?,
            "on_shutdown" => hook(&mut self.on_shutdown, word, input, errors)?,
            "health" => {
                let health = expression(&word, "|value| value.is_connected()", input)?;
                self.health.set(word, health, errors);
            }
            "warm" => self.warm.set_flag(word, input, errors)?,
            _ => return Err(unknown("#[lazy_resource]", &word, &WORDS)),
        }
        Ok(())
    }
}

/// `= expression`
fn expression(word: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<Expression> {
    equals(word, example, input)?;
    Expression::parse(input).map_err(|error| syn::Error::new(error.span(), format!("write `{word} = {example}`")))
}

fn hook(
    option: &mut OptionValue<Expression>,
    word: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let hook = expression(&word, "|value| { ... }", input)?;
    if let (Some(Lit::Str(text)), 1) = (&hook.literal, hook.tokens.clone().into_iter().count()) {
        errors.on(text, format!("write the hook without quotes: `{word} = |value| {{ ... }}`"));
        return Ok(());
    }
    option.set(word, hook, errors);
    Ok(())
}

fn depends(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<TokenStream>> {
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new_spanned(
            word,
            "`depends` takes resources in parentheses: `depends(CONFIG, db::POOL)`",
        ));
    }
    let inside;
    parenthesized!(inside in input);
    if inside.is_empty() {
        errors.on(
            word,
            "`depends` names no resource; write `depends(CONFIG)`, or remove it, because dependencies are also \
             discovered at run time",
        );
    }
    let mut paths = Vec::new();
    separated(&inside, errors, |input, _| {
        let path = input.call(path).map_err(|error| {
            syn::Error::new(
                error.span(),
                "write the path of a `#[lazy_resource]` static, without quotes: `depends(CONFIG)`",
            )
        })?;
        paths.push(path);
        Ok(())
    });
    Ok(paths)
}

/// `= "30s"`
fn duration(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<u64> {
    if !input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(word, format!("`{word}` needs a duration: `{word} = \"30s\"`")));
    }
    input.parse::<Token![=]>()?;
    let text: LitStr = input.parse().map_err(|error| {
        syn::Error::new(error.span(), format!("write the duration in quotes, with a unit: `{word} = \"30s\"`"))
    })?;
    match nanoseconds(&text.value()) {
        Ok(0) => {
            errors.on(&text, format!("`{word}` must be greater than zero; raise it, or remove it"));
            Ok(1)
        }
        Ok(ns) => Ok(ns),
        Err(message) => Err(syn::Error::new_spanned(text, message)),
    }
}

impl Retry {
    fn parse(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Retry> {
        const EXAMPLE: &str = "`retry(times = 3, backoff = \"100ms\", max = \"5s\")`";
        if !input.peek(syn::token::Paren) {
            return Err(syn::Error::new_spanned(word, format!("`retry` takes its rule in parentheses: {EXAMPLE}")));
        }
        let inside;
        parenthesized!(inside in input);
        let mut retry = Retry::default();
        if inside.is_empty() {
            errors.on(word, format!("`retry` needs a rule: {EXAMPLE}"));
        }
        separated(&inside, errors, |input, errors| {
            let word = input.call(Ident::parse_any)?;
            match word.to_string().as_str() {
                "times" => {
                    let times: LitInt = value(&word, "3", input)?;
                    let number: u32 = times.base10_parse().map_err(|_| {
                        syn::Error::new_spanned(
                            &times,
                            format!("`times` is too large; write a number up to {}", u32::MAX),
                        )
                    })?;
                    if number == 0 {
                        errors.on(
                            &times,
                            "`times = 0` means no retries, which is the default; remove it, or use a positive number",
                        );
                    }
                    retry.times.set(word, number, errors);
                }
                "backoff" => {
                    let backoff = duration(&word, input, errors)?;
                    retry.backoff.set(word, backoff, errors);
                }
                "max" => {
                    let max = duration(&word, input, errors)?;
                    retry.max.set(word, max, errors);
                }
                _ => return Err(unknown("retry", &word, &["times", "backoff", "max"])),
            }
            Ok(())
        });
        if let (Some(max), None) = (retry.max.word(), retry.backoff.word()) {
            errors.on(max, "`max` limits the pauses that `backoff` sets; add `backoff = \"100ms\"`, or remove `max`");
        }
        if let (Some(word), Some(max), Some(backoff)) = (retry.max.word(), retry.max.get(), retry.backoff.get())
            && max < backoff
        {
            errors.on(word, "`max` is shorter than `backoff`, the first pause; raise `max`, or lower `backoff`");
        }
        Ok(retry)
    }
}

impl Evict {
    fn parse(word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Evict> {
        let mut evict = Evict::default();
        if input.peek(Token![=]) {
            let message =
                format!("`{word}` takes its limits in parentheses: `evict(idle = \"30s\", max_age = \"1h\")`");
            return Err(syn::Error::new_spanned(word, message));
        }
        if !input.peek(syn::token::Paren) {
            return Ok(evict);
        }
        let inside;
        parenthesized!(inside in input);
        separated(&inside, errors, |input, errors| {
            let word = input.call(Ident::parse_any)?;
            match word.to_string().as_str() {
                "idle" => {
                    let idle = duration(&word, input, errors)?;
                    evict.idle.set(word, idle, errors);
                }
                "max_age" => {
                    let max_age = duration(&word, input, errors)?;
                    evict.max_age.set(word, max_age, errors);
                }
                _ => return Err(unknown("evict", &word, &["idle", "max_age"])),
            }
            Ok(())
        });
        Ok(evict)
    }
}
