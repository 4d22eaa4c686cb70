//! `#[profile]`, from the tokens of the attribute and the item to the tokens of the expansion.

mod arguments;
mod budget;
mod check;
mod expand;
mod instrumentation;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use self::options::ProfileOptions;
use crate::errors::Errors;
use crate::item::Item;

/// Expands the attribute. With a mistake, the item comes out unchanged beside the error: one mistake makes one error.
pub(crate) fn attribute(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = ProfileOptions::parse(options, &mut errors);
    let item = match syn::parse2::<Item>(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            return errors.beside(tokens);
        }
    };
    check::check(&item, &options, &mut errors);
    if errors.is_empty() { expand::expand(&item, &options) } else { errors.beside(tokens) }
}
