//! Work at the start of a program that only some of its runs need.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    ItemFn, Local, Pat, Stmt,
    visit::{self, Visit},
};

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::audit::source::{Call, CallKind, ItemId, SourceFile};

pub(super) const NAME: &str = "perf::eager_start";

/// Beginnings of names of functions that make something large or far away.
const MAKERS: [&str; 8] = ["load", "open", "connect", "read_", "parse_", "build", "fetch", "compile"];
/// Functions of the standard library that read files, and what makes regular expressions.
const READS: [&str; 4] = ["std::fs::read", "std::fs::read_to_string", "std::fs::read_dir", "regex::Regex::new"];
/// Calls that initialise a lazy value before it is needed.
const FORCES: [&str; 4] = ["LazyLock::force", "Lazy::force", "lazy_static::initialize", "LazyCell::force"];
/// With a profile: time from which on a call at the start is worth a thought.
const WORTH_NS: u64 = 1_000_000;

const KIND: (Severity, Effect, f64) = (Severity::Low, Effect::Startup, 0.8);

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in context.files.iter() {
        for item in &file.syntax.items {
            let syn::Item::Fn(function) = item else { continue };
            if file.is_root && function.sig.ident == "main" {
                in_main(context, file, function, &mut found);
            }
            if let Some(attribute) = function
                .attrs
                .iter()
                .find(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "ctor"))
            {
                let place = file.place(attribute.path().segments[0].ident.span());
                let message = format!("`{}` runs before `main`, in each program that links it", function.sig.ident);
                found.push(finding(NAME, KIND, &place, message).help("do the work at first use: `#[lazy_resource]`"));
            }
        }
    }
    found
}

fn in_main(context: &Context<'_>, file: &SourceFile, main: &ItemFn, found: &mut Vec<Finding>) {
    let statements = &main.block.stmts;
    for (place, statement) in statements.iter().enumerate() {
        let lines = lines_of(file, statement);
        let calls = || file.calls.iter().filter(|call| lines.contains(&call.place.line) && call.loops == 0);
        for call in calls().filter(|call| FORCES.iter().any(|force| call.path.ends_with(force))) {
            let message = "this initialises a lazy value at the start, whether or not it will be needed";
            found.push(
                finding(NAME, KIND, &call.place, message)
                    .help("leave it to the first use, or warm it up in another thread"),
            );
        }
        let Stmt::Local(local) = statement else { continue };
        let Some(name) = variable(local) else { continue };
        let Some((call, about)) = calls().find_map(|call| Some((call, dear(context, file, call)?))) else { continue };
        let mut uses = Uses { name: &name, always: 0, sometimes: 0 };
        statements[place + 1..].iter().for_each(|statement| uses.visit_stmt(statement));
        if uses.always == 0 && uses.sometimes > 0 {
            let message = format!("`{name}` is made at the start of the program, and only some of its runs use it");
            let mut finding = finding(NAME, KIND, &call.place, message)
                .help("make it at first use: a static with `#[lazy_resource]`, or `std::sync::LazyLock`");
            finding.about = about;
            found.push(finding);
        }
    }
}

/// The lines of a statement.
fn lines_of(file: &SourceFile, statement: &Stmt) -> std::ops::RangeInclusive<usize> {
    let place = file.place(syn::spanned::Spanned::span(statement));
    place.line..=place.end_line
}

/// The variable that a statement makes, if it is used by name.
fn variable(local: &Local) -> Option<String> {
    let pattern = match &local.pat {
        Pat::Type(typed) => &typed.pat,
        pattern => pattern,
    };
    match pattern {
        Pat::Ident(name) if !name.ident.to_string().starts_with('_') => Some(name.ident.to_string()),
        _ => None,
    }
}

/// Whether a call is dear; if a function of the program is called, also which. With a profile that has it, its time decides.
#[expect(clippy::option_option, reason = "the outer one says whether the call is dear, the inner one what it calls")]
fn dear(context: &Context<'_>, file: &SourceFile, call: &Call) -> Option<Option<ItemId>> {
    if call.kind != CallKind::Function {
        return None;
    }
    if READS.contains(&call.path.as_str()) {
        return Some(None);
    }
    let callee = context.names().called(call, file);
    let measured = context.profile.zip(callee).filter(|(profile, callee)| profile.is_annotated(*callee));
    if let Some((profile, callee)) = measured {
        let total = profile.functions_of(callee).map(|function| function.total_ns).max().unwrap_or(0);
        return (total >= WORTH_NS).then_some(Some(callee));
    }
    let is_maker = MAKERS.iter().any(|maker| call.name().starts_with(maker));
    (is_maker && callee.is_some()).then_some(callee)
}

/// Where a variable is used: on each way through the function, or on some.
struct Uses<'a> {
    name: &'a str,
    always: usize,
    sometimes: usize,
}

impl Uses<'_> {
    fn count(&mut self) {
        self.always += 1;
    }

    /// The uses in one branch of a choice.
    fn branch(&self, visit: impl FnOnce(&mut Self)) -> Self {
        let mut uses = Uses { name: self.name, always: 0, sometimes: 0 };
        visit(&mut uses);
        uses
    }

    /// Counts all branches of a choice. One of them runs, so each run has a use that each of them has.
    fn choice(&mut self, branches: &[Self]) {
        let count: usize = branches.iter().map(|branch| branch.always + branch.sometimes).sum();
        let is_in_each = branches.iter().all(|branch| branch.always > 0);
        *(if is_in_each { &mut self.always } else { &mut self.sometimes }) += count;
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(word) if word == self.name => self.count(),
                TokenTree::Literal(text) => {
                    let text = text.to_string();
                    if [format!("{{{}}}", self.name), format!("{{{}:", self.name)]
                        .iter()
                        .any(|used| text.contains(used))
                    {
                        self.count();
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_ident(&mut self, word: &'ast proc_macro2::Ident) {
        if word == self.name {
            self.count();
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(mac.tokens.clone());
    }

    fn visit_expr_if(&mut self, condition: &'ast syn::ExprIf) {
        self.visit_expr(&condition.cond);
        let then = self.branch(|uses| uses.visit_block(&condition.then_branch));
        let otherwise = self.branch(|uses| {
            if let Some((_, otherwise)) = &condition.else_branch {
                uses.visit_expr(otherwise);
            }
        });
        self.choice(&[then, otherwise]);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        self.visit_expr(&choice.expr);
        let arms: Vec<Self> = choice.arms.iter().map(|arm| self.branch(|uses| visit::visit_arm(uses, arm))).collect();
        self.choice(&arms);
    }
}
