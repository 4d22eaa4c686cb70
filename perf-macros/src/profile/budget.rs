//! `budget(p99 = "2ms", calls = 1000)`: limits that the report holds a function to.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, Token};

use crate::duration::nanoseconds;
use crate::errors::{Errors, nearest};
use crate::options::{OptionValue, separated};

/// The metrics that a duration can limit.
const DURATIONS: [&str; 7] = ["mean", "p50", "p90", "p99", "p999", "max", "total"];
/// The metric that a number can limit.
const CALLS: &str = "calls";

/// Reads what stands between the parentheses, into `metric=limit` joined by `;`, durations in nanoseconds.
pub(crate) fn parse(input: ParseStream<'_>, errors: &mut Errors) -> String {
    let mut metrics: Vec<(String, OptionValue<u64>)> = Vec::new();
    separated(input, errors, |input, errors| {
        let metric = input.call(Ident::parse_any)?;
        let name = metric.to_string();
        let limit = limit(&metric, &name, input)?;
        match metrics.iter_mut().find(|(known, _)| *known == name) {
            Some((_, value)) => value.set(metric, limit, errors),
            None => {
                let mut value = OptionValue::default();
                value.set(metric, limit, errors);
                metrics.push((name, value));
            }
        }
        Ok(())
    });
    let limits: Vec<String> =
        metrics.iter().filter_map(|(name, value)| value.get().map(|limit| format!("{name}={limit}"))).collect();
    limits.join(";")
}

/// `= "2ms"`, or `= 1000` for calls.
fn limit(metric: &Ident, name: &str, input: ParseStream<'_>) -> syn::Result<u64> {
    let known: Vec<&str> = DURATIONS.into_iter().chain([CALLS]).collect();
    if !known.contains(&name) {
        let hint = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the metrics are {}", known.join(", ")),
        };
        return Err(syn::Error::new_spanned(
            metric,
            format!("`{name}` is not a metric that a budget can limit; {hint}"),
        ));
    }
    if !input.peek(Token![=]) {
        let example = if name == CALLS { "1000" } else { "\"2ms\"" };
        return Err(syn::Error::new_spanned(metric, format!("`{name}` needs a limit: `{name} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    if name == CALLS {
        let number: LitInt = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "`calls` takes a whole number without quotes: `calls = 1000`")
        })?;
        let calls: u64 = number.base10_parse().map_err(|_| {
            syn::Error::new_spanned(&number, format!("`calls` is too large; write a number up to {}", u64::MAX))
        })?;
        return if calls == 0 { Err(syn::Error::new_spanned(number, NEVER_MET)) } else { Ok(calls) };
    }
    let text: LitStr = input.parse().map_err(|error| {
        syn::Error::new(error.span(), format!("write the duration in quotes, with a unit: `{name} = \"2ms\"`"))
    })?;
    match nanoseconds(&text.value()) {
        Ok(0) => Err(syn::Error::new_spanned(text, NEVER_MET)),
        Ok(limit) => Ok(limit),
        Err(message) => Err(syn::Error::new_spanned(text, message)),
    }
}

const NEVER_MET: &str =
    "a limit of zero can never be met; use a greater one, or `skip` to turn profiling off for this function";
