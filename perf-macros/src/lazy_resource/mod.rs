//! `#[lazy_resource]`, from the tokens of the attribute and the item to the tokens of the expansion.

mod check;
mod expand;
mod item;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use self::item::Item;
use self::options::Options;
use crate::errors::Errors;

/// The attribute. Whatever is wrong with the options, the resource is declared all the same, so that the code that uses it does
/// not fill the screen with errors of its own; whatever is wrong with the item, it comes out as it was.
pub(crate) fn attribute(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(options, &mut errors);
    let item = match syn::parse2::<Item>(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            return errors.beside(tokens);
        }
    };
    match check::check(item, &options, &mut errors) {
        Some(source) => errors.beside(expand::expand(&source, &options)),
        None => errors.beside(tokens),
    }
}
