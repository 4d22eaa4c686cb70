//! One source file: its functions, and the modules that it declares in other files.

use std::{ops::Range, path::PathBuf, rc::Rc};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, ImplItemFn, Item, ItemFn, ItemForeignMod, ItemImpl, ItemMacro, ItemMod, ItemStatic, ItemTrait, Macro,
    TraitItemFn, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    attributes,
    cost::Cost,
    devices::{Devices, Fields},
    lazy::{self, LazyStatic, Made},
    left::Left,
    mark,
    once::{self, Fill},
    signature::{self, Parts},
};
use crate::command::sources::{self, Declared, Imports};

/// A function with a body.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// Its path: `app::store::Index::build`.
    pub(super) name: String,
    /// The type that it belongs to; empty for a free function.
    pub(super) owner: String,
    /// The last segment of the path.
    pub(super) ident: String,
    /// The file, and whether no other function there has the name.
    pub(super) file: PathBuf,
    pub(super) is_only: bool,
    /// Names of the crates of its package, which may have the file in common.
    pub(super) crates: Rc<[String]>,
    /// Line of its name, from 1.
    pub(super) line: usize,
    /// The byte before which an attribute goes.
    pub(super) at: usize,
    /// The attribute of ours that it has.
    pub(super) mark: Option<Range<usize>>,
    /// Why it can't have one, or must not.
    pub(super) left: Option<Left>,
    /// Its calls are timed as futures.
    pub(super) is_future: bool,
    /// It has `pub`, or implements a trait.
    pub(super) is_public: bool,
    pub(super) is_method: bool,
    /// `#[inline(always)]`.
    pub(super) is_inlined: bool,
    /// It implements a trait of operators, or of conversions by reference.
    pub(super) is_operator: bool,
    /// An argument is a closure, which the caller has written.
    pub(super) takes_closure: bool,
    pub(super) cost: Cost,
}

/// A source file that was read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) functions: Vec<Function>,
    pub(super) modules: Vec<Declared>,
    /// Functions that have no body of their own to annotate, in macros: names and lines.
    pub(super) in_macros: Vec<(String, usize, Left)>,
    pub(super) statics: Vec<LazyStatic>,
    /// Files that `include!("…")` names.
    pub(super) included: Vec<String>,
    /// Calls that make statics of `OnceLock`.
    pub(super) fills: Vec<Fill>,
}

/// A place in a source where it cannot be parsed.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// Reads a file. `module` is the path of the module that it is.
pub(super) fn parse(text: &str, module: &str) -> Result<Parsed, SyntaxError> {
    let (code, offset) = without_head(text);
    let skipped_lines = text[..offset].matches('\n').count();
    let file = syn::parse_str::<syn::File>(code).map_err(|error| {
        let start = error.span().start();
        SyntaxError { line: start.line + skipped_lines, column: start.column + 1, message: error.to_string() }
    })?;
    let mut reader = Reader {
        text,
        offset,
        skipped_lines,
        path: vec![module.to_owned()],
        around: attributes::left_out(&file.attrs)
            .or(is_generated(text).then_some(Left::Generated))
            .into_iter()
            .collect(),
        owner: None,
        modules: Vec::new(),
        block: None,
        imports: Imports::of(&file),
        devices: Fields::of(&file),
        found: Parsed::default(),
    };
    reader.visit_file(&file);
    let is_followed = reader.around.is_empty();
    let mut found = reader.found;
    if is_followed {
        found.modules = sources::declared(&file, &|attributes| block_reason(attributes).is_some());
    }
    if found.statics.iter().any(|one| matches!(one.made, Made::ByUsers(_))) {
        found.fills = once::fills(&file, text, offset);
    }
    // Else the texts of all files stay in memory, for spans that nobody asks for any more.
    drop(file);
    proc_macro2::extra::invalidate_current_thread_spans();
    Ok(found)
}

/// The text without byte-order mark and the line for the shell, and how many bytes those are.
fn without_head(text: &str) -> (&str, usize) {
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let code = match code.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => &code[code.find('\n').unwrap_or(code.len())..],
        _ => code,
    };
    (code, text.len() - code.len())
}

/// Lines at the top of a file in which a generator says so.
const HEAD: usize = 12;

/// Whether a comment at the top says that a program wrote the file.
fn is_generated(text: &str) -> bool {
    text.lines().take(HEAD).filter(|line| line.trim_start().starts_with(['/', '*', '#'])).any(|line| {
        let line = line.to_lowercase();
        line.contains("@generated") || line.contains("automatically generated") || line.contains("do not edit")
    })
}

/// The facts that the functions of an `impl` or `trait` share.
#[derive(Clone)]
struct Owner {
    name: String,
    /// The trait that is implemented, or declared.
    of_trait: Option<String>,
    is_public: bool,
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
    skipped_lines: usize,
    path: Vec<String>,
    /// Why everything here is left alone, innermost last.
    around: Vec<Left>,
    owner: Option<Owner>,
    /// The inline modules here, and the block of code.
    modules: Vec<String>,
    block: Option<Range<usize>>,
    imports: Imports,
    /// Fields of the file that take long to write to.
    devices: Fields,
    found: Parsed,
}

impl Reader<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.offset..range.end + self.offset
    }

    fn line(&self, span: Span) -> usize {
        span.start().line + self.skipped_lines
    }

    fn function(&mut self, parts: &Parts<'_>) {
        let sig = parts.signature;
        let ident = sig.ident.to_string();
        let ident = ident.strip_prefix("r#").unwrap_or(&ident).to_owned();
        let mark = self.mark(parts.attributes);
        let is_theirs = |attribute: &&Attribute| self.mark(std::slice::from_ref(attribute)).is_none();
        let theirs: Vec<&Attribute> = parts.attributes.iter().filter(is_theirs).collect();
        let left = self.around.first().cloned().or_else(|| signature::left(&theirs, sig));
        let owner = self.owner.as_ref();
        let of_trait = owner.and_then(|owner| owner.of_trait.as_deref());
        let mut path = self.path.clone();
        path.extend(owner.map(|owner| owner.name.clone()));
        path.push(ident.clone());
        let function = Function {
            name: path.join("::"),
            file: PathBuf::new(),
            is_only: true,
            crates: Rc::default(),
            owner: owner.map(|owner| owner.name.clone()).unwrap_or_default(),
            line: self.line(sig.ident.span()),
            at: self.range(signature::head(parts)).start,
            mark,
            left,
            is_future: signature::is_future(sig, parts.body),
            is_public: matches!(parts.visibility, Some(Visibility::Public(_)))
                || owner.is_some_and(|owner| owner.is_public),
            is_method: sig.receiver().is_some(),
            is_inlined: attributes::inlined_always(parts.attributes),
            is_operator: of_trait.is_some_and(|name| signature::OPERATORS.contains(&name)),
            takes_closure: signature::takes_closure(sig),
            cost: {
                let owner = owner.map_or("", |owner| owner.name.as_str());
                let devices = Devices::of(&self.devices, owner, sig, parts.body);
                Cost::of(parts.body, signature::returns(sig, "Option"), signature::is_question(sig), devices)
            },
            ident: ident.clone(),
        };
        self.found.functions.push(function);
        // Functions in the body belong to the body, not to the type.
        let owner = self.owner.take();
        let depth = self.path.len();
        self.path.extend(owner.as_ref().map(|owner| owner.name.clone()));
        self.path.push(ident);
        self.visit_block(parts.body);
        self.path.truncate(depth);
        self.owner = owner;
    }

    /// Adds a static, unless everything around it is left alone. One of a `lazy_static!` has no attributes here.
    fn lazy(&mut self, ident: &proc_macro2::Ident, is_public: bool, attributes: Option<&[Attribute]>, made: Made) {
        if self.around.is_empty() {
            self.found.statics.push(LazyStatic {
                name: format!("{}::{ident}", self.path.join("::")),
                ident: ident.to_string(),
                file: PathBuf::new(),
                line: self.line(ident.span()),
                is_public,
                in_macro: attributes.is_none(),
                is_conditional: attributes.is_none_or(attributes::is_conditional),
                declared_at: self.range(ident.span()).start,
                module: self.modules.clone(),
                scope: self.block.clone(),
                made,
            });
        }
    }

    /// Notes the file that an `include!` names.
    fn include(&mut self, call: &Macro) {
        if call.path.is_ident("include") {
            self.found.included.extend(call.parse_body::<syn::LitStr>().ok().map(|path| path.value()));
        }
    }

    /// The attribute of ours among these.
    fn mark(&self, attributes: &[Attribute]) -> Option<Range<usize>> {
        attributes.iter().find_map(|attribute| {
            let start = self.range(attribute.pound_token.span).start;
            let length = mark::length(&self.text[start..])?;
            let mark = start..start + length;
            (!self.text[mark.clone()].contains("::lazy_resource")).then_some(mark)
        })
    }

    /// Reads what is inside, left alone for a reason if there is one.
    fn inside(&mut self, reason: Option<Left>, read: impl FnOnce(&mut Self)) {
        let depth = self.around.len();
        self.around.extend(reason);
        read(self);
        self.around.truncate(depth);
    }

    fn tokens_of_macro(&mut self, tokens: &TokenStream, reason: &Left) {
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (place, tree) in trees.iter().enumerate() {
            match (tree, trees.get(place + 1)) {
                (TokenTree::Group(group), _) => self.tokens_of_macro(&group.stream(), reason),
                (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "fn" => {
                    let path = format!("{}::{name}", self.path.join("::"));
                    self.found.in_macros.push((path, self.line(name.span()), reason.clone()));
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&Parts {
            attributes: &item.attrs,
            visibility: Some(&item.vis),
            modifiers: &item.modifiers,
            signature: &item.sig,
            body: &item.block,
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&Parts {
            attributes: &item.attrs,
            visibility: Some(&item.vis),
            modifiers: &item.modifiers,
            signature: &item.sig,
            body: &item.block,
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        let Some(body) = &item.default else { return };
        self.function(&Parts {
            attributes: &item.attrs,
            visibility: None,
            modifiers: &item.modifiers,
            signature: &item.sig,
            body,
        });
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let of_trait =
            item.trait_.as_ref().and_then(|(path, _)| path.segments.last()).map(|last| last.ident.to_string());
        let allocator = of_trait.as_deref().is_some_and(|name| matches!(name, "GlobalAlloc" | "Allocator"));
        let reason = block_reason(&item.attrs).or(allocator.then_some(Left::Allocator));
        let is_public = of_trait.is_some();
        let owner = Owner { name: signature::type_name(&item.self_ty), of_trait, is_public };
        let before = self.owner.replace(owner);
        self.inside(reason, |reader| visit::visit_item_impl(reader, item));
        self.owner = before;
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let is_public = matches!(item.vis, Visibility::Public(_));
        let owner = Owner { name: item.ident.to_string(), of_trait: Some(item.ident.to_string()), is_public };
        let before = self.owner.replace(owner);
        self.inside(block_reason(&item.attrs), |reader| visit::visit_item_trait(reader, item));
        self.owner = before;
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
        if item.content.is_none() {
            return;
        }
        let owner = self.owner.take();
        self.path.push(name);
        self.modules.push(item.ident.to_string());
        let block = self.block.take();
        self.inside(block_reason(&item.attrs), |reader| visit::visit_item_mod(reader, item));
        self.block = block;
        self.modules.pop();
        self.path.pop();
        self.owner = owner;
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let range = self.range(block.span());
        let around = self.block.replace(range);
        visit::visit_block(self, block);
        self.block = around;
    }

    fn visit_item(&mut self, item: &'ast Item) {
        // Functions of C have no body, and what syn does not know is nothing to change.
        if !matches!(item, Item::ForeignMod(_) | Item::Verbatim(_)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_foreign_mod(&mut self, _item: &'ast ItemForeignMod) {}

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        if let Some(made) = lazy::of_static(item, self.text, self.offset, &self.imports) {
            let is_public = matches!(item.vis, Visibility::Public(_));
            self.lazy(&item.ident, is_public, Some(&item.attrs), made);
        }
        visit::visit_item_static(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        for one in lazy::of_macro(item, self.text, self.offset) {
            self.lazy(&one.ident, one.is_public, None, Made::Here(one.change));
        }
        self.include(&item.mac);
        let reason = match item.mac.path.is_ident("macro_rules") {
            true => Left::MacroDefinition,
            false => Left::MacroCall,
        };
        self.tokens_of_macro(&item.mac.tokens, &reason);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.include(call);
        self.tokens_of_macro(&call.tokens, &Left::MacroCall);
    }
}

/// Why all of a block is left alone.
fn block_reason(attributes: &[Attribute]) -> Option<Left> {
    match attributes::profiled(attributes) {
        true => Some(Left::ProfiledBlock),
        false => attributes::left_out(attributes),
    }
}
