//! The calls in a file, with what surrounds each: loops, async code, initialisers, paths of errors.

use syn::{
    Attribute, Block, Expr, ExprCall, ExprMethodCall, Macro, Signature, Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{SourceFile, cold};
use crate::command::{audit::finding::Place, sources::is_test};

/// How something is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command::audit) enum CallKind {
    Function,
    Method,
    Macro,
}

/// An argument, as far as the checks look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::command::audit) struct Argument {
    /// A literal text.
    pub(in crate::command::audit) text: Option<String>,
    /// A plain name, also behind `&` and `&mut`.
    pub(in crate::command::audit) name: Option<String>,
    /// A field of `self`, as `self.name`, also behind `&` and `&mut`.
    pub(in crate::command::audit) field: Option<String>,
    /// The method whose result it is.
    pub(in crate::command::audit) method: Option<String>,
}

impl Argument {
    fn of(expression: &Expr) -> Argument {
        match expression {
            Expr::Lit(literal) => {
                let text = match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value()),
                    syn::Lit::ByteStr(text) => Some(String::from_utf8_lossy(&text.value()).into_owned()),
                    _ => None,
                };
                Argument { text, ..Argument::default() }
            }
            Expr::Path(path) => {
                let name = path.path.segments.last().map(|segment| segment.ident.to_string());
                Argument { name, ..Argument::default() }
            }
            Expr::Field(field) if matches!(&*field.base, Expr::Path(base) if base.path.is_ident("self")) => {
                let name = match &field.member {
                    syn::Member::Named(name) => name.to_string(),
                    syn::Member::Unnamed(place) => place.index.to_string(),
                };
                Argument { field: Some(format!("self.{name}")), ..Argument::default() }
            }
            Expr::MethodCall(call) => Argument { method: Some(call.method.to_string()), ..Argument::default() },
            Expr::Reference(inner) => Argument::of(&inner.expr),
            Expr::Paren(inner) => Argument::of(&inner.expr),
            _ => Argument::default(),
        }
    }

    /// Whether it is the same at each call: a literal, or a constant by its name.
    pub(in crate::command::audit) fn is_constant(&self) -> bool {
        let is_upper = |name: &String| name.len() > 1 && !name.contains(|letter: char| letter.is_lowercase());
        self.text.is_some() || self.name.as_ref().is_some_and(is_upper)
    }
}

/// A call of a function, a method or a macro.
#[derive(Debug)]
pub(in crate::command::audit) struct Call {
    pub(in crate::command::audit) kind: CallKind,
    /// The whole path where imports tell it; of a method or macro, its name.
    pub(in crate::command::audit) path: String,
    pub(in crate::command::audit) arguments: Vec<Argument>,
    /// The value that a method is called on, if that is a plain name, or a field as `self.name`.
    pub(in crate::command::audit) receiver: Option<String>,
    /// The calls that made the value that a method is called on, the last one first.
    pub(in crate::command::audit) chain: Vec<String>,
    pub(in crate::command::audit) place: Place,
    /// Loops around it in its function, closures of iterators included.
    pub(in crate::command::audit) loops: usize,
    pub(in crate::command::audit) is_async: bool,
    pub(in crate::command::audit) is_awaited: bool,
    /// Whether it runs only when something goes wrong.
    pub(in crate::command::audit) is_cold: bool,
    /// Whether it runs once, as part of an initialiser.
    pub(in crate::command::audit) is_initialiser: bool,
    /// Whether its value is put into a collection as it is, so that somebody needs it for longer.
    pub(in crate::command::audit) is_stored: bool,
}

impl Call {
    pub(in crate::command::audit) fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or(&self.path)
    }
}

/// The calls of a file, without those in tests.
pub(super) fn of(file: &SourceFile) -> Vec<Call> {
    let mut calls = Calls { file, state: State::default(), awaited: false, stored: false, found: Vec::new() };
    calls.visit_file(&file.syntax);
    calls.found
}

#[derive(Clone, Copy, Default)]
struct State {
    loops: usize,
    is_async: bool,
    is_cold: bool,
    is_initialiser: bool,
}

struct Calls<'a> {
    file: &'a SourceFile,
    state: State,
    /// Whether the next expression is what `.await` stands behind.
    awaited: bool,
    /// Whether the value of the next expression is put into a collection.
    stored: bool,
    found: Vec<Call>,
}

/// Methods that keep what they are given.
const STORING: [&str; 7] = ["push", "push_back", "push_front", "insert", "extend", "send", "replace"];

/// Functions that run their closure in a thread where blocking is allowed.
const OFFLOADING: [&str; 6] =
    ["spawn_blocking", "block_in_place", "unblock", "asyncify", "spawn_local_blocking", "scope"];
/// Methods that call their closure for each item, whatever they are called on.
const EACH: [&str; 9] = [
    "for_each",
    "try_for_each",
    "retain",
    "retain_mut",
    "sort_by",
    "sort_by_key",
    "sort_by_cached_key",
    "sort_unstable_by",
    "sort_unstable_by_key",
];
/// Methods that do so on iterators, but not on `Option` and `Result`.
const EACH_OF_ITERATOR: [&str; 18] = [
    "map",
    "filter",
    "filter_map",
    "flat_map",
    "fold",
    "try_fold",
    "any",
    "all",
    "find",
    "find_map",
    "position",
    "inspect",
    "take_while",
    "skip_while",
    "map_while",
    "scan",
    "partition",
    "max_by_key",
];
/// Stands for a range among calls.
const RANGE: &str = "..";

/// Methods that give iterators, and ranges.
const ITERATORS: [&str; 21] = [
    RANGE,
    "iter",
    "into_iter",
    "iter_mut",
    "lines",
    "chars",
    "char_indices",
    "bytes",
    "split",
    "split_whitespace",
    "windows",
    "chunks",
    "drain",
    "keys",
    "values",
    "values_mut",
    "enumerate",
    "zip",
    "rev",
    "skip",
    "par_iter",
];

impl Calls<'_> {
    fn with(&mut self, state: State, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.state, state);
        visit(self);
        self.state = before;
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block) {
        if !is_test(attributes) {
            let is_initialiser = attributes.iter().any(|attribute| {
                attribute
                    .path()
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "lazy_resource" || last.ident == "ctor")
            });
            let state = State { is_async: signature.asyncness.is_some(), is_initialiser, ..State::default() };
            self.with(state, |calls| calls.visit_block(body));
        }
    }

    fn looping(&mut self, visit: impl FnOnce(&mut Self)) {
        self.with(State { loops: self.state.loops + 1, ..self.state }, visit);
    }

    fn cold(&mut self, is_cold: bool, visit: impl FnOnce(&mut Self)) {
        self.with(State { is_cold: self.state.is_cold || is_cold, ..self.state }, visit);
    }

    /// Code that leaves a loop runs once.
    fn leaving(&mut self, visit: impl FnOnce(&mut Self)) {
        self.with(State { loops: 0, ..self.state }, visit);
    }

    fn push(&mut self, kind: CallKind, path: String, arguments: Vec<Argument>, place: Place, is_awaited: bool) {
        let State { loops, is_async, is_cold, is_initialiser } = self.state;
        let is_stored = std::mem::take(&mut self.stored);
        let (receiver, chain) = (None, Vec::new());
        self.found.push(Call {
            kind,
            path,
            arguments,
            receiver,
            chain,
            place,
            loops,
            is_async,
            is_awaited,
            is_cold,
            is_initialiser,
            is_stored,
        });
    }

    /// The state in which the arguments of a call are evaluated, if they are closures.
    fn closure_state(&self, name: &str, path: &str, chain: &[String]) -> State {
        let mut state = self.state;
        let is_lazy = matches!(name, "get_or_init" | "get_or_try_init" | "call_once" | "try_call_once")
            || ["LazyLock::new", "LazyCell::new", "Lazy::new"].iter().any(|lazy| path.ends_with(lazy));
        let is_thread = path == "std::thread::spawn" || path == "rayon::spawn";
        if is_lazy {
            state = State { loops: 0, is_initialiser: true, ..state };
        }
        if OFFLOADING.contains(&name) || is_thread {
            state = State { is_async: false, ..state };
        }
        if EACH.contains(&name)
            || (EACH_OF_ITERATOR.contains(&name) && chain.iter().any(|call| ITERATORS.contains(&call.as_str())))
        {
            state.loops += 1;
        }
        state.is_cold |= cold::is_cold_method(name) || cold::is_cold_call(path);
        state
    }

    /// Arguments: closures in the state in which they will be called, others in the present one.
    fn arguments(&mut self, arguments: &Punctuated<Expr, Token![,]>, closures: State, name: &str) {
        for argument in arguments {
            // Values that an iterator maps to are mostly collected.
            self.stored = match argument {
                Expr::Closure(closure) => name == "map" && !matches!(*closure.body, Expr::Block(_)),
                _ => STORING.contains(&name),
            };
            let is_closure = matches!(argument, Expr::Closure(_));
            let state = match is_closure {
                true => closures,
                false => State { is_cold: closures.is_cold, is_initialiser: closures.is_initialiser, ..self.state },
            };
            self.with(state, |calls| calls.visit_expr(argument));
            self.stored = false;
        }
    }
}

/// The calls that made a value, the last one first.
fn chain(file: &SourceFile, mut expression: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        expression = match expression {
            Expr::MethodCall(call) => {
                names.push(call.method.to_string());
                &call.receiver
            }
            Expr::Call(call) => {
                if let Expr::Path(path) = &*call.func {
                    names.push(file.imports.resolve(&path.path));
                }
                return names;
            }
            Expr::Try(inner) => &inner.expr,
            Expr::Await(inner) => &inner.base,
            Expr::Paren(inner) => &inner.expr,
            Expr::Reference(inner) => &inner.expr,
            Expr::Range(_) => {
                names.push(RANGE.to_owned());
                return names;
            }
            _ => return names,
        };
    }
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_test(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.attrs, &item.sig, body);
        }
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.with(State { is_initialiser: true, ..State::default() }, |calls| calls.visit_expr(&item.expr));
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.with(State { is_async: true, ..self.state }, |calls| visit::visit_expr_async(calls, block));
    }

    fn visit_expr_await(&mut self, awaited: &'ast syn::ExprAwait) {
        self.awaited = true;
        self.visit_expr(&awaited.base);
    }

    fn visit_expr_for_loop(&mut self, looping: &'ast syn::ExprForLoop) {
        self.visit_expr(&looping.expr);
        self.looping(|calls| calls.visit_block(&looping.body));
    }

    fn visit_expr_while(&mut self, looping: &'ast syn::ExprWhile) {
        self.looping(|calls| {
            calls.visit_expr(&looping.cond);
            calls.visit_block(&looping.body);
        });
    }

    fn visit_expr_loop(&mut self, looping: &'ast syn::ExprLoop) {
        self.looping(|calls| calls.visit_block(&looping.body));
    }

    fn visit_expr_return(&mut self, leaving: &'ast syn::ExprReturn) {
        self.leaving(|calls| visit::visit_expr_return(calls, leaving));
    }

    fn visit_expr_break(&mut self, leaving: &'ast syn::ExprBreak) {
        self.leaving(|calls| visit::visit_expr_break(calls, leaving));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.cold(cold::is_cold_arm(arm), |calls| visit::visit_arm(calls, arm));
    }

    fn visit_expr_if(&mut self, condition: &'ast syn::ExprIf) {
        self.visit_expr(&condition.cond);
        self.cold(cold::is_cold_condition(&condition.cond), |calls| calls.visit_block(&condition.then_branch));
        if let Some((_, otherwise)) = &condition.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let is_awaited = std::mem::take(&mut self.awaited);
        let Expr::Path(path) = &*call.func else { return visit::visit_expr_call(self, call) };
        let path = self.file.imports.resolve(&path.path);
        let name = path.rsplit("::").next().unwrap_or_default().to_owned();
        let closures = self.closure_state(&name, &path, &[]);
        let arguments = call.args.iter().map(Argument::of).collect();
        self.push(CallKind::Function, path, arguments, self.file.place(call.span()), is_awaited);
        self.arguments(&call.args, closures, &name);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let is_awaited = std::mem::take(&mut self.awaited);
        let name = call.method.to_string();
        let chain = chain(self.file, &call.receiver);
        let closures = self.closure_state(&name, &name, &chain);
        let place = self.file.place_between(call.method.span(), call.paren_token.span.close());
        let arguments = call.args.iter().map(Argument::of).collect();
        self.push(CallKind::Method, name.clone(), arguments, place, is_awaited);
        if let Some(pushed) = self.found.last_mut() {
            let receiver = Argument::of(&call.receiver);
            (pushed.receiver, pushed.chain) = (receiver.name.or(receiver.field), chain);
        }
        self.visit_expr(&call.receiver);
        self.arguments(&call.args, closures, &name);
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let list = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        let repeated = || mac.parse_body_with(Punctuated::<Expr, Token![;]>::parse_terminated).map(Vec::from_iter);
        let arguments: Vec<Expr> = list.map(Vec::from_iter).or_else(|_| repeated()).unwrap_or_default();
        self.awaited = false;
        let seen = arguments.iter().map(Argument::of).collect();
        self.push(CallKind::Macro, name.clone(), seen, self.file.place(mac.span()), false);
        // Of `assert!` and `ensure!` the condition is not cold, but tells little.
        self.cold(cold::is_cold_macro(&name), |calls| {
            for argument in &arguments {
                calls.visit_expr(argument);
            }
        });
    }
}
