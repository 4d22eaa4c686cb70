//! `#[lazy_resource]`, from the tokens of the attribute and the item to the tokens of the expansion.

mod check;
mod expand;
mod expression;
mod item;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use self::item::ResourceItem;
use self::options::ResourceOptions;
use crate::errors::Errors;

/// The attribute. Whatever is wrong with the options, the resource is declared all the same, so that the code that uses it does
/// not fill the screen with errors of its own; whatever is wrong with the item, it comes out as it was.
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
