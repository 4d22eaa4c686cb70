//! `budget(p99 = "2ms", calls = 1000)`: limits that the report holds a function to.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, Token};

use super::errors::{Errors, nearest};
use super::options::{Slot, separated};

/// The figures that a duration can limit.
const DURATIONS: [&str; 7] = ["mean", "p50", "p90", "p99", "p999", "max", "total"];
/// The figure that a number can limit.
const CALLS: &str = "calls";

/// Units, in nanoseconds; both the micro sign and the Greek letter are in use.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9)];

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
    nanoseconds(&text.value()).map_err(|message| syn::Error::new_spanned(text, message))
}

const NEVER_KEPT: &str =
    "a budget of nothing can never be kept; give a limit above 0, or use `skip` to leave the function alone";

/// A duration as people write it: `250ns`, `1.5 ms`, `2min`.
fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..split], text[split..].trim());
    let units = "ns, us, µs, ms, s, min and h";
    if unit.is_empty() {
        return Err(format!("`{text}` has no unit; write for example `{text}ms`. Units are {units}"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!("`{unit}` is no unit of time; units are {units}"));
    };
    let Ok(number) = number.parse::<f64>() else {
        return Err(format!("`{text}` is no duration; write a number and a unit, for example `1.5ms`"));
    };
    let nanoseconds = (number * scale).round();
    if nanoseconds < 1. {
        return Err(NEVER_KEPT.to_owned());
    }
    // Anything that does not fit is centuries long, and the cast saturates.
    Ok(nanoseconds as u64)
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn durations_in_every_unit() {
        for (text, expected) in [
            ("7ns", 7),
            ("2us", 2_000),
            ("2µs", 2_000),
            ("2μs", 2_000),
            ("1.5 ms", 1_500_000),
            (" 3s ", 3_000_000_000),
            ("0.5min", 30_000_000_000),
            ("2h", 7_200_000_000_000),
            ("99999999999h", u64::MAX),
        ] {
            assert_eq!(nanoseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "ms", "1.2.3ms", "-1ms", "5 days", "0ms", "0.1ns"] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }
}
