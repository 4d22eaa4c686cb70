//! `X.get_or_init(|| …)`: the place at which a static of `OnceLock` is made, where nothing else uses it.
//!
//! The initialiser stays where it is, so it sees the names that it saw. The resource is declared around it, in a block, as a
//! static that only this place can use; the static that there was goes into a comment.

use std::ops::Range;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Block, Expr, ExprMethodCall, Generics, ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemTrait, Signature, Stmt,
    TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    lazy::{Insertion, NOT_A_CLOSURE, Once, commented},
    locals, mark,
};

/// A call of `get_or_init` on a static.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    /// The byte at which the static's name stands.
    pub(super) at: usize,
    pub(super) line: usize,
    /// The inline modules around it in its file.
    pub(super) module: Vec<String>,
    call: Range<usize>,
    /// The expression that makes the value.
    made: Range<usize>,
    /// It is the path of a function, which has to be called.
    is_path: bool,
    /// Why no resource can be declared here.
    pub(super) hindrance: Option<String>,
}

impl Fill {
    /// The text around the initialiser that makes a resource of it.
    pub(super) fn change(&self, text: &str, ident: &str, once: &Once) -> Result<Vec<Insertion>, &'static str> {
        let (call, made) = (&self.call, &self.made);
        let hidden = commented(text, &[call.start..made.start, made.end..call.end])?;
        let (before, behind) = hidden.split_at(2);
        let put = |at: usize, text: String| Insertion::Text(at, text.into());
        let parentheses = if self.is_path { "()" } else { "" };
        let mut insertions = before.to_vec();
        let Once { ty, mention } = once;
        insertions.push(put(made.start, format!("{}{{ {mention}", mark::PUT)));
        insertions.push(Insertion::Attribute(made.start));
        insertions.push(put(made.start, format!("static {ident}: {ty} = {}", mark::TAKEN)));
        insertions.push(put(made.end, format!("{}{parentheses}; {ident}.get() }}{}", mark::PUT, mark::TAKEN)));
        insertions.extend_from_slice(behind);
        Ok(insertions)
    }

    /// Whether the initialiser has another call in it.
    pub(super) fn encloses(&self, other: &Fill) -> bool {
        self.at != other.at && self.call.contains(&other.at)
    }
}

/// All calls of `get_or_init` in a file, in the order of the text.
pub(super) fn fills(file: &syn::File, text: &str, offset: usize) -> Vec<Fill> {
    let mut search = Search {
        text,
        offset,
        modules: Vec::new(),
        around: vec![Scope::default()],
        leading: None,
        before_else: Vec::new(),
        awaited: Vec::new(),
        found: Vec::new(),
    };
    search.visit_file(file);
    search.found
}

/// The names that an initialiser must not use, because a static can't.
#[derive(Clone, Default)]
struct Scope {
    generics: Vec<String>,
    /// Names that patterns bind, with their places.
    bound: Vec<(String, usize)>,
    is_unsafe: bool,
}

struct Search<'a> {
    text: &'a str,
    offset: usize,
    modules: Vec<String>,
    /// The scopes of the functions, innermost last.
    around: Vec<Scope>,
    /// The statement or arm that is being read.
    leading: Option<Range<usize>>,
    /// The ends of expressions that `else` or `.await` stands behind.
    before_else: Vec<usize>,
    awaited: Vec<usize>,
    found: Vec<Fill>,
}

impl Search<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        range.start + self.offset..range.end + self.offset
    }

    /// Reads what is inside of a block of functions, whose generics a static in it can't use.
    fn generic(&mut self, generics: &Generics, read: impl FnOnce(&mut Self)) {
        self.around.push(Scope { generics: locals::names_of(generics), ..Scope::default() });
        read(self);
        self.around.pop();
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let bound = locals::bound(signature, body, self.offset);
        let mut generics = self.around.last().map(|scope| scope.generics.clone()).unwrap_or_default();
        generics.extend(locals::names_of(&signature.generics));
        let is_unsafe = matches!(signature.safety, syn::Safety::Unsafe(_));
        self.around.push(Scope { generics, bound, is_unsafe });
        let leading = self.leading.take();
        self.visit_block(body);
        self.leading = leading;
        self.around.pop();
    }

    /// Why there can't be a block in place of this call.
    fn obstacle(&self, call: &ExprMethodCall) -> Option<&'static str> {
        let range = self.range(call.span());
        let leading = self.leading.as_ref().filter(|leading| leading.start <= range.start);
        let before = leading.map(|leading| &self.text[leading.start..range.start]);
        let is_first = before.is_some_and(is_attributes);
        if !call.attrs.is_empty() || (is_first && before != Some("")) {
            return Some("makes it behind an attribute; put the attribute before a block around it");
        }
        // A block at the beginning of a statement ends it, unless a dot follows.
        let behind = self.text[range.end..].trim_start();
        let goes_on = behind.starts_with('?') || (behind.starts_with('.') && !behind.starts_with(".."));
        if is_first && !goes_on && leading.is_some_and(|leading| leading.end != range.end) {
            return Some("begins a statement with it; bind it by `let` first");
        }
        if self.before_else.contains(&range.end) {
            return Some("makes it directly before `else`; bind it by another `let` first");
        }
        self.awaited.contains(&range.end).then_some("awaits it, and a resource made in place is ready at once")
    }

    /// Why there can't be a static in place of this call.
    fn hindrance(&self, call: &ExprMethodCall, made: &Range<usize>) -> Option<String> {
        let scope = self.around.last()?;
        let is_unsafe = scope.is_unsafe.then_some("makes it in unsafe code, and the initialiser of a resource is safe");
        if let Some(obstacle) = is_unsafe.or_else(|| self.obstacle(call)) {
            return Some(obstacle.into());
        }
        let Ok(tokens) = self.text[made.clone()].parse::<TokenStream>() else { return Some(NOT_A_CLOSURE.into()) };
        if matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(word)) if word == "async") {
            return Some("makes a future".into());
        }
        let is_local = |name: &str| {
            matches!(name, "self" | "Self")
                || scope.generics.iter().any(|generic| generic == name)
                || scope.bound.iter().any(|(bound, at)| bound == name && !made.contains(at))
        };
        locals::local_in(tokens, &is_local).map(|name| format!("makes it from `{name}` of the function around it"))
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.modules.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.modules.pop();
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        self.generic(&item.generics, |search| visit::visit_item_impl(search, item));
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.generic(&item.generics, |search| visit::visit_item_trait(search, item));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        item.default.iter().for_each(|body| self.function(&item.sig, body));
    }

    fn visit_expr_unsafe(&mut self, item: &'ast syn::ExprUnsafe) {
        let Some(mut scope) = self.around.last().cloned() else { return };
        scope.is_unsafe = true;
        self.around.push(scope);
        visit::visit_expr_unsafe(self, item);
        self.around.pop();
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        let before = self.leading.take();
        if let Stmt::Expr(expression, _) = statement {
            self.leading = Some(self.range(expression.span()));
        }
        visit::visit_stmt(self, statement);
        self.leading = before;
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let before = self.leading.replace(self.range(arm.body.span()));
        visit::visit_arm(self, arm);
        self.leading = before;
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_some()) {
            self.before_else.push(self.range(init.expr.span()).end);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_await(&mut self, awaited: &'ast syn::ExprAwait) {
        let mut base = &*awaited.base;
        while let Expr::Paren(inner) = base {
            base = &inner.expr;
        }
        self.awaited.push(self.range(base.span()).end);
        visit::visit_expr_await(self, awaited);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let (Expr::Path(path), "get_or_init", Some(argument)) =
            (&*call.receiver, call.method.to_string().as_str(), call.args.first())
            && let Some(last) = path.path.segments.last()
        {
            let (made, is_path) = match argument {
                Expr::Closure(closure) if closure.inputs.is_empty() && closure.asyncness.is_none() => {
                    (Some(&*closure.body), false)
                }
                Expr::Path(_) => (Some(argument), true),
                _ => (None, false),
            };
            let range = self.range(call.span());
            let at = self.range(last.ident.span()).start;
            let hindrance = match made {
                Some(made) => self.hindrance(call, &self.range(made.span())),
                None => Some("gives it no closure to be made by".to_owned()),
            };
            self.found.push(Fill {
                at,
                line: self.text[..at].matches('\n').count() + 1,
                module: self.modules.clone(),
                made: self.range(made.unwrap_or(argument).span()),
                call: range,
                is_path,
                hindrance,
            });
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Whether there is nothing but attributes in a text.
fn is_attributes(text: &str) -> bool {
    let Ok(tokens) = text.parse::<TokenStream>() else { return false };
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_attribute =
        |pair: &[TokenTree]| matches!(pair, [TokenTree::Punct(pound), TokenTree::Group(_)] if pound.as_char() == '#');
    trees.chunks(2).all(is_attribute)
}
