//! Reads the parentheses of `#[profile(...)]`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{LitStr, Token, parenthesized};

use super::budget;
use crate::errors::{Errors, unknown};
use crate::expression::Expression;
use crate::options::{self, OptionValue, equals, name, runtime_path, value};

/// Every option, by the word the user writes.
const WORDS: [&str; 8] = ["name", "skip", "crate", "timing", "budget", "by_type", "future", "label"];

/// The options that were given, each with the word that gave it, for errors to stand on.
#[derive(Default)]
pub(crate) struct ProfileOptions {
    pub(crate) name: OptionValue<LitStr>,
    pub(crate) skip: OptionValue<()>,
    pub(crate) krate: OptionValue<TokenStream>,
    pub(crate) timing: OptionValue<TimingMode>,
    pub(crate) budget: OptionValue<String>,
    pub(crate) by_type: OptionValue<()>,
    pub(crate) future: OptionValue<()>,
    pub(crate) label: OptionValue<Label>,
}

/// The expression that says which call it was.
pub(crate) struct Label {
    /// Whether the values of the expression are taken when the call begins, instead of references to them.
    pub(crate) moves: Option<Token![move]>,
    pub(crate) expression: Expression,
}

/// How calls are timed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimingMode {
    Exact,
    Adaptive,
}

impl ProfileOptions {
    /// Reads all options; one that can't be read leaves an error and does not hide the next.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = ProfileOptions::default();
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
            "timing" => {
                let timing: Ident = value(&word, "exact` or `timing = adaptive", input)?;
                let timing = match timing.to_string().as_str() {
                    "exact" => TimingMode::Exact,
                    "adaptive" => TimingMode::Adaptive,
                    _ => {
                        let message = format!("`{timing}` is not a timing mode; write `exact` or `adaptive`");
                        return Err(syn::Error::new_spanned(timing, message));
                    }
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
                    errors.on(&word, "`budget` needs at least one limit: `budget(p99 = \"2ms\")`");
                }
                let limits = budget::parse(&limits, errors);
                self.budget.set(word, limits, errors);
            }
            "label" => {
                let label = label(&word, input)?;
                self.label.set(word, label, errors);
            }
            "skip" => self.skip.set_flag(word, input, errors)?,
            "by_type" => self.by_type.set_flag(word, input, errors)?,
            "future" => self.future.set_flag(word, input, errors)?,
            _ => return Err(unknown("#[profile]", &word, &WORDS)),
        }
        Ok(())
    }
}

/// `= order.id` or `= move order.id`.
fn label(word: &Ident, input: ParseStream<'_>) -> syn::Result<Label> {
    equals(word, "order.id", input)?;
    let moves = input.parse()?;
    let expression = Expression::parse(input).map_err(|error| {
        syn::Error::new(error.span(), "write an expression that says which call it was: `label = order.id`")
    })?;
    Ok(Label { moves, expression })
}
