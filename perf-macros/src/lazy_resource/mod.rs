//! `#[lazy_resource]`, from the tokens of the attribute and the item to the tokens of the expansion.

mod check;
mod expand;
mod item;
mod options;
#[cfg(test)]
mod tests;
mod types;

use proc_macro2::TokenStream;

use self::item::ResourceItem;
use self::options::ResourceOptions;
use crate::errors::Errors;

/// Expands the attribute. With a mistake in the options, the resource is still declared, because the code that uses it
/// would otherwise fill the screen with errors of its own. With a mistake in the item, the item comes out unchanged.
pub(crate) fn attribute(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = ResourceOptions::parse(options, &mut errors);
    let item = match syn::parse2::<ResourceItem>(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            return errors.beside(tokens);
        }
    };
    match check::check(item, &options, &mut errors) {
        Some(declaration) => errors.beside(expand::expand(&declaration, &options)),
        None => errors.beside(tokens),
    }
}
