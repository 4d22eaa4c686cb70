//! The names of a function that an initialiser in it must not use, because a static can't.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Arm, Block, Expr, ExprLet, Generics, Local, Pat, PatIdent, Signature,
    visit::{self, Visit},
};

/// The names that the parameters and the body of a function bind, with their places.
pub(super) fn bound(signature: &Signature, body: &Block, offset: usize) -> Vec<(String, usize)> {
    let mut bound = Bound { offset, may_be_constants: false, found: Vec::new() };
    signature.inputs.iter().for_each(|input| bound.visit_fn_arg(input));
    bound.visit_block(body);
    bound.found
}

/// Collects names that patterns bind.
struct Bound {
    offset: usize,
    /// The pattern is one that a value need not match.
    may_be_constants: bool,
    found: Vec<(String, usize)>,
}

impl Bound {
    fn refutable(&mut self, pattern: &Pat) {
        self.may_be_constants = true;
        self.visit_pat(pattern);
        self.may_be_constants = false;
    }
}

impl<'ast> Visit<'ast> for Bound {
    /// An expression in a pattern, such as the guard of an arm, has patterns of its own.
    fn visit_expr(&mut self, expression: &'ast Expr) {
        let around = std::mem::replace(&mut self.may_be_constants, false);
        visit::visit_expr(self, expression);
        self.may_be_constants = around;
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.refutable(&arm.pat);
        self.visit_expr(&arm.body);
    }

    fn visit_expr_let(&mut self, condition: &'ast ExprLet) {
        self.refutable(&condition.pat);
        self.visit_expr(&condition.expr);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        match &local.init {
            Some(init) if init.diverge.is_some() => {
                self.refutable(&local.pat);
                self.visit_local_init(init);
            }
            _ => visit::visit_local(self, local),
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = pattern.ident.to_string();
        // An arm's `None` is the name of a constant; `ref`, `mut` and `@` bind.
        let is_plain = pattern.by_ref.is_none() && pattern.mutability.is_none() && pattern.subpat.is_none();
        if !(self.may_be_constants && is_plain && name.starts_with(char::is_uppercase)) {
            self.found.push((name, pattern.ident.span().byte_range().start + self.offset));
        }
        visit::visit_pat_ident(self, pattern);
    }
}

/// The names of generic parameters.
pub(super) fn names_of(generics: &Generics) -> Vec<String> {
    let name = |parameter: &syn::GenericParam| match parameter {
        syn::GenericParam::Type(ty) => ty.ident.to_string(),
        syn::GenericParam::Const(constant) => constant.ident.to_string(),
        syn::GenericParam::Lifetime(lifetime) => lifetime.lifetime.ident.to_string(),
    };
    generics.params.iter().map(name).collect()
}

/// The first name in tokens that is one of the function's.
pub(super) fn local_in(tokens: TokenStream, is_local: &dyn Fn(&str) -> bool) -> Option<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct =
        |tree: Option<&TokenTree>, letter| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    for (at, tree) in trees.iter().enumerate() {
        let found = match tree {
            TokenTree::Group(group) => local_in(group.stream(), is_local),
            TokenTree::Ident(word) => {
                let before = |back: usize| at.checked_sub(back).and_then(|at| trees.get(at));
                // `.name` is a field or a method, `..name` the end of a range; `self::name` is a path.
                let is_member = is_punct(before(1), '.') && !is_punct(before(2), '.');
                let is_module = word == "self" && is_punct(trees.get(at + 1), ':');
                let name = word.to_string();
                (!is_member && !is_module && is_local(&name)).then_some(name)
            }
            TokenTree::Literal(literal) => {
                captured(&literal.to_string()).find(|name| is_local(name)).map(str::to_owned)
            }
            TokenTree::Punct(_) => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The names that a string would capture if it were a format string.
pub(super) fn captured(literal: &str) -> impl Iterator<Item = &str> {
    literal.split('{').skip(1).filter_map(|part| {
        let end = part.find(|letter: char| letter != '_' && !letter.is_alphanumeric()).unwrap_or(part.len());
        (end > 0).then_some(&part[..end])
    })
}
