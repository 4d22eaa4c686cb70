//! The parts of every expansion that concern the runtime: its path, and the static that describes the annotated place
//! to it.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::LitStr;

use crate::tokens::added;

/// The path of the runtime that expansions use.
pub(crate) struct Runtime<'a>(pub(crate) Option<&'a TokenStream>);

impl ToTokens for Runtime<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0 {
            Some(path) => tokens.extend(path.clone()),
            None => tokens.extend(added!(::perf_runtime)),
        }
    }
}

/// The static description of a place.
pub(crate) struct Site<'a> {
    pub(crate) is_future: bool,
    pub(crate) adaptive: bool,
    /// The user's name for it.
    pub(crate) name: Option<&'a LitStr>,
    /// The name of the item.
    pub(crate) item: &'a Ident,
    pub(crate) budgets: &'a str,
}

impl Site<'_> {
    /// The static and its registration.
    pub(crate) fn expand(&self, runtime: &Runtime<'_>) -> TokenStream {
        let kind = if self.is_future { quote!(Future) } else { quote!(Function) };
        let timing = if self.adaptive { quote!(Adaptive) } else { quote!(Exact) };
        let name = match self.name {
            Some(name) => quote!(::core::option::Option::Some(#name)),
            None => quote!(::core::option::Option::None),
        };
        let line = Literal::u32_unsuffixed(line(self.item.span()));
        let budgets = self.budgets;
        added!(#runtime::__private::site!(__PERF_SITE, #kind, #timing, #name, #line, #budgets);)
    }
}

/// The line of a name, if it is in the file that `file!()` will give, else that of the attribute.
fn line(name: Span) -> u32 {
    if !proc_macro::is_available() {
        return 0;
    }
    let (name, attribute) = (name.unwrap(), Span::call_site().unwrap());
    let place = if name.file() == attribute.file() { name } else { attribute };
    u32::try_from(place.line()).unwrap_or(0)
}
