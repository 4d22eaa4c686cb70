//! Puts an attribute before every function of a source file.

use syn::{
    Attribute, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn, Visibility, spanned::Spanned, visit, visit::Visit,
};

/// A source with the attribute before every function that has a body and is not `const`, and the number of these functions. Tests, and
/// functions that macros make, are left as they are.
///
/// # Errors
///
/// The source is not Rust.
pub fn annotated(source: &str, attribute: &str) -> syn::Result<(String, usize)> {
    let mut functions = Functions::default();
    functions.visit_file(&syn::parse_file(source)?);
    let mut places = functions.places;
    places.sort_unstable();
    let mut text = String::with_capacity(source.len() + places.len() * (attribute.len() + 1));
    let mut from = 0;
    for &place in &places {
        text += &source[from..place];
        text += attribute;
        text.push(' ');
        from = place;
    }
    text += &source[from..];
    Ok((text, places.len()))
}

/// The places of functions, in bytes from the start of the file.
#[derive(Default)]
struct Functions {
    places: Vec<usize>,
}

impl Functions {
    fn add(&mut self, visibility: &Visibility, signature: &Signature) {
        if signature.constness.is_none() {
            let first = match visibility {
                Visibility::Inherited => signature.span(),
                written => written.span(),
            };
            self.places.push(first.byte_range().start);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.add(&function.vis, &function.sig);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.vis, &function.sig);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if function.default.is_some() {
            self.add(&Visibility::Inherited, &function.sig);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::annotated;

    #[test]
    fn every_function_with_a_body_is_annotated_once() {
        let source = "\
            /// Read.\n#[inline]\npub(crate) fn read() { fn inner() {} }\n\
            trait Read { fn one(&self); fn two(&self) {} }\n\
            impl Read for () { fn one(&self) {} }\n\
            const fn constant() {}\nmacro_rules! m { () => { fn made() {} } }\n\
            unsafe extern \"C\" fn foreign() {}\n\
            #[cfg(test)] mod tests { fn helper() {} }\n";
        let expected = "\
            /// Read.\n#[inline]\n#[a] pub(crate) fn read() { #[a] fn inner() {} }\n\
            trait Read { fn one(&self); #[a] fn two(&self) {} }\n\
            impl Read for () { #[a] fn one(&self) {} }\n\
            const fn constant() {}\nmacro_rules! m { () => { fn made() {} } }\n\
            #[a] unsafe extern \"C\" fn foreign() {}\n\
            #[cfg(test)] mod tests { fn helper() {} }\n";
        assert_eq!(annotated(source, "#[a]").unwrap(), (expected.to_owned(), 5));
    }

    #[test]
    fn text_before_a_function_may_hold_any_letters() {
        let (text, functions) = annotated("// größer als ∞\nfn f() {}", "#[a]").unwrap();
        assert_eq!((text.as_str(), functions), ("// größer als ∞\n#[a] fn f() {}", 1));
    }
}
