//! `budget(p99 = "2ms", calls = 1000)`: limits that the report holds a function to.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, Token};

use crate::duration::nanoseconds;
use crate::errors::{Errors, nearest};
use crate::syntax::{Slot, separated};

/// The figures that a duration can limit.
const DURATIONS: [&str; 7] = ["mean", "p50", "p90", "p99", "p999", "max", "total"];
/// The figure that a number can limit.
const CALLS: &str = "calls";

/// Reads what stands between the parentheses, into `figure=limit` joined by `;`, durations in nanoseconds.
pub(crate) fn parse(input: ParseStream<'_>, errors: &mut Errors) -> String {
    let mut figures: Vec<(String, Slot<u64>)> = Vec::new();
    separated(input, errors, |input, errors| {
        let figure = input.call(Ident::parse_any)?;
        let name = figure.to_string();
        let limit = limit(&figure, &name, input)?;
        match figures.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => slot.set(figure, limit, errors),
            None => {
                let mut slot = Slot::default();
                slot.set(figure, limit, errors);
                figures.push((name, slot));
            }
        }
        Ok(())
    });
    let limits: Vec<String> =
        figures.iter().filter_map(|(name, slot)| slot.get().map(|limit| format!("{name}={limit}"))).collect();
    limits.join(";")
}

/// `= "2ms"`, or `= 1000` for calls.
fn limit(figure: &Ident, name: &str, input: ParseStream<'_>) -> syn::Result<u64> {
    let known: Vec<&str> = DURATIONS.into_iter().chain([CALLS]).collect();
    if !known.contains(&name) {
        let hint = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        return Err(syn::Error::new_spanned(figure, format!("`{name}` is no figure that a budget can limit; {hint}")));
    }
    if !input.peek(Token![=]) {
        let example = if name == CALLS { "1000" } else { "\"2ms\"" };
        return Err(syn::Error::new_spanned(figure, format!("`{name}` needs a limit: `{name} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    if name == CALLS {
        let number: LitInt = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "`calls` is a whole number, without quotes: `calls = 1000`")
        })?;
        let calls: u64 = number.base10_parse()?;
        return if calls == 0 { Err(syn::Error::new_spanned(number, NEVER_KEPT)) } else { Ok(calls) };
    }
    let text: LitStr = input.parse().map_err(|error| {
        syn::Error::new(error.span(), format!("a duration is written in quotes, with its unit: `{name} = \"2ms\"`"))
    })?;
    match nanoseconds(&text.value()) {
        Ok(0) => Err(syn::Error::new_spanned(text, NEVER_KEPT)),
        Ok(limit) => Ok(limit),
        Err(message) => Err(syn::Error::new_spanned(text, message)),
    }
}

const NEVER_KEPT: &str =
    "a budget of nothing can never be kept; give a limit above 0, or use `skip` to leave the function alone";
