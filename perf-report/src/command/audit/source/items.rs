//! The items of a file: what a place lies in, and what a function of a profile is.

use std::{collections::HashSet, ops::RangeInclusive};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{
    Attribute, Block, ImplItemFn, ItemEnum, ItemFn, ItemImpl, ItemMacro, ItemMod, ItemStatic, ItemStruct, ItemTrait,
    Macro, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::command::sources::is_test;

/// Kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command::audit) enum ItemKind {
    Function,
    /// A static, whose initialiser is code too.
    Static,
    /// A labelled block or future.
    Block,
    /// A macro call that may define functions.
    Macro,
    Type,
}

/// An item, and where it is.
#[derive(Debug)]
pub(in crate::command::audit) struct Item {
    pub(in crate::command::audit) kind: ItemKind,
    /// Path from the crate's name on, without generic arguments.
    pub(in crate::command::audit) path: String,
    pub(in crate::command::audit) name: String,
    /// The line that a recording calls the item by.
    pub(in crate::command::audit) name_line: usize,
    pub(in crate::command::audit) lines: RangeInclusive<usize>,
    pub(in crate::command::audit) is_test: bool,
    /// Statements of its body, at all depths: how much there is to run.
    pub(in crate::command::audit) statements: usize,
    pub(in crate::command::audit) has_loop: bool,
    /// All words in it, to find the types that it uses.
    pub(in crate::command::audit) words: HashSet<String>,
    /// Where its name is.
    pub(in crate::command::audit) name_span: Span,
}

/// The items of a file; the module path begins with the crate's name.
pub(super) fn of(file: &syn::File, module: &[String]) -> Vec<Item> {
    let mut items = Items { path: module.to_vec(), tests: 0, open: Vec::new(), found: Vec::new() };
    items.visit_file(file);
    items.found
}

struct Items {
    path: Vec<String>,
    /// How many of the items around are for tests alone.
    tests: usize,
    /// The items around, by their places in `found`.
    open: Vec<usize>,
    found: Vec<Item>,
}

impl Items {
    fn item(&mut self, kind: ItemKind, name: &str, name_span: Span, whole: Span, visit: impl FnOnce(&mut Self)) {
        let path = self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("::");
        self.open.push(self.found.len());
        self.found.push(Item {
            kind,
            path,
            name: name.to_owned(),
            name_line: name_span.start().line,
            lines: whole.start().line..=whole.end().line,
            is_test: self.tests > 0,
            statements: 0,
            has_loop: false,
            words: HashSet::new(),
            name_span,
        });
        visit(self);
        self.open.pop();
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block, whole: Span) {
        let is_test = usize::from(is_test(attributes));
        self.tests += is_test;
        self.item(ItemKind::Function, &signature.ident.to_string(), signature.ident.span(), whole, |items| {
            items.visit_signature(signature);
            items.visit_block(body);
        });
        self.tests -= is_test;
    }

    fn type_item(&mut self, name: &Ident, whole: Span) {
        self.item(ItemKind::Type, &name.to_string(), name.span(), whole, |_| {});
    }

    fn macro_item(&mut self, mac: &Macro, whole: Span) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.item(ItemKind::Macro, &name, mac.path.span(), whole, |items| {
            if let Some(item) = items.innermost() {
                add_words(mac.tokens.clone(), &mut item.words);
            }
        });
    }

    fn within(&mut self, name: &str, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let is_test = usize::from(is_test(attributes));
        self.tests += is_test;
        self.path.push(name.trim_start_matches("r#").to_owned());
        visit(self);
        self.path.pop();
        self.tests -= is_test;
    }

    fn innermost(&mut self) -> Option<&mut Item> {
        self.open.last().map(|&index| &mut self.found[index])
    }
}

/// Adds the words among tokens, at all depths.
fn add_words(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => add_words(group.stream(), words),
            TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.within(&item.ident.to_string(), &item.attrs, |items| visit::visit_item_mod(items, item));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        self.within(&name.unwrap_or_else(|| "impl".to_owned()), &item.attrs, |items| {
            visit::visit_item_impl(items, item)
        });
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.within(&item.ident.to_string(), &item.attrs, |items| visit::visit_item_trait(items, item));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block, item.span());
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block, item.span());
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.attrs, &item.sig, body, item.span());
        }
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        let whole = item.span();
        self.item(ItemKind::Static, &item.ident.to_string(), item.ident.span(), whole, |items| {
            visit::visit_item_static(items, item);
        });
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.type_item(&item.ident, item.span());
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.type_item(&item.ident, item.span());
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        self.macro_item(&item.mac, item.span());
    }

    fn visit_impl_item_macro(&mut self, item: &'ast syn::ImplItemMacro) {
        self.macro_item(&item.mac, item.span());
    }

    fn visit_trait_item_macro(&mut self, item: &'ast syn::TraitItemMacro) {
        self.macro_item(&item.mac, item.span());
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if matches!(name.as_str(), "profile_block" | "profile_future") {
            let whole = mac.span();
            self.item(ItemKind::Block, &name, mac.path.span(), whole, |_| {});
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let Some(item) = self.innermost() {
            item.statements += 1;
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        let is_loop = matches!(expression, syn::Expr::ForLoop(_) | syn::Expr::While(_) | syn::Expr::Loop(_));
        if let Some(item) = self.innermost().filter(|_| is_loop) {
            item.has_loop = true;
        }
        visit::visit_expr(self, expression);
    }

    fn visit_ident(&mut self, word: &'ast Ident) {
        if let Some(item) = self.innermost() {
            item.words.insert(word.to_string());
        }
    }
}
