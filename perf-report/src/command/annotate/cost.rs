//! An estimate of how long a call takes, from its source alone.
//!
//! A body is a sum: of work of its own, and of calls with the number of times that they are made. Branches count in part, loops
//! several times. `Estimates` puts in the bodies of the functions that are called, where the sources have them.

use std::collections::HashMap;

use syn::{Block, Expr, ExprCall, ExprIf, ExprMatch, ExprMethodCall, Macro, Pat, Stmt, Token, punctuated::Punctuated};

use super::{known, source::Function};

/// What a call does.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// Work of its own, in ns.
    own: f64,
    calls: Vec<Call>,
    /// The body is one expression.
    pub(super) single: bool,
    pub(super) loops: bool,
}

/// A call of something else.
#[derive(Clone, Debug)]
struct Call {
    ident: String,
    /// The type or module that stands before it.
    qualifier: Option<String>,
    is_method: bool,
    on_self: bool,
    times: f64,
}

impl Cost {
    pub(super) fn of(body: &Block) -> Cost {
        let single = matches!(body.stmts.as_slice(), [] | [Stmt::Expr(..)]);
        let mut cost = Cost { own: 0.5, single, ..Cost::default() };
        cost.block(body, 1.0);
        cost
    }

    fn block(&mut self, block: &Block, times: f64) {
        for statement in &block.stmts {
            match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &local.init {
                        self.expression(&init.expr, times);
                        if let Some((_, otherwise)) = &init.diverge {
                            self.expression(otherwise, times * known::RARELY);
                        }
                    }
                }
                Stmt::Expr(expression, _) => self.expression(expression, times),
                Stmt::Macro(statement) => self.call_of_macro(&statement.mac, times),
                Stmt::Item(_) => {}
            }
        }
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>, times: f64) {
        expressions.into_iter().for_each(|expression| self.expression(expression, times));
    }

    fn expression(&mut self, expression: &Expr, times: f64) {
        match expression {
            Expr::Array(array) => self.all(&array.elems, times),
            Expr::Assign(assign) => {
                self.own += 0.5 * times;
                self.all([&*assign.left, &*assign.right], times);
            }
            Expr::Async(block) => self.block(&block.block, times),
            Expr::Await(future) => {
                self.own += known::WAIT * times;
                self.expression(&future.base, times);
            }
            Expr::Binary(binary) => {
                self.own += 0.3 * times;
                self.all([&*binary.left, &*binary.right], times);
            }
            Expr::Block(block) => self.block(&block.block, times),
            Expr::Break(exit) => self.all(exit.expr.as_deref(), times),
            Expr::Call(call) => self.call(call, times),
            Expr::Cast(cast) => self.expression(&cast.expr, times),
            Expr::Closure(closure) => self.expression(&closure.body, times),
            Expr::Field(field) => {
                self.own += 0.2 * times;
                self.expression(&field.base, times);
            }
            Expr::ForLoop(turns) => {
                self.loops = true;
                self.expression(&turns.expr, times);
                self.own += known::TURNS * times;
                self.block(&turns.body, times * known::TURNS);
            }
            Expr::Group(group) => self.expression(&group.expr, times),
            Expr::If(choice) => self.choice(choice, times),
            Expr::Index(index) => {
                self.own += 0.5 * times;
                self.all([&*index.expr, &*index.index], times);
            }
            Expr::Let(condition) => self.expression(&condition.expr, times),
            Expr::Loop(tries) => {
                self.loops |= !leaves(&tries.body);
                self.block(&tries.body, times * known::TRIES);
            }
            Expr::Macro(call) => self.call_of_macro(&call.mac, times),
            Expr::Match(choice) => self.arms(choice, times),
            Expr::MethodCall(call) => self.method(call, times),
            Expr::Paren(inner) => self.expression(&inner.expr, times),
            Expr::Range(range) => self.all(range.start.as_deref().into_iter().chain(range.end.as_deref()), times),
            Expr::RawAddr(address) => self.expression(&address.expr, times),
            Expr::Reference(reference) => self.expression(&reference.expr, times),
            Expr::Repeat(repeat) => {
                self.own += times;
                self.expression(&repeat.expr, times);
            }
            Expr::Return(exit) => self.all(exit.expr.as_deref(), times),
            Expr::Struct(fields) => {
                self.own += 0.3 * times;
                self.all(fields.fields.iter().map(|field| &field.expr), times);
            }
            Expr::Try(tried) => {
                self.own += 0.3 * times;
                self.expression(&tried.expr, times);
            }
            Expr::Tuple(tuple) => self.all(&tuple.elems, times),
            Expr::Unary(unary) => self.expression(&unary.expr, times),
            Expr::Unsafe(block) => self.block(&block.block, times),
            Expr::While(turns) => {
                self.loops = true;
                self.expression(&turns.cond, times * known::TURNS);
                self.own += known::TURNS * times;
                self.block(&turns.body, times * known::TURNS);
            }
            _ => self.own += 0.2 * times,
        }
    }

    fn choice(&mut self, choice: &ExprIf, times: f64) {
        self.own += 0.5 * times;
        self.expression(&choice.cond, times);
        let taken = if fails(&choice.then_branch) { known::RARELY } else { 0.5 };
        self.block(&choice.then_branch, times * taken);
        if let Some((_, otherwise)) = &choice.else_branch {
            self.expression(otherwise, times * (1.0 - taken));
        }
    }

    fn arms(&mut self, choice: &ExprMatch, times: f64) {
        self.own += times;
        self.expression(&choice.expr, times);
        let rare: Vec<bool> = choice.arms.iter().map(|arm| is_error(&arm.pat) || expression_fails(&arm.body)).collect();
        let usual = rare.iter().filter(|rare| !**rare).count().max(1) as f64;
        for (arm, rare) in choice.arms.iter().zip(rare) {
            self.expression(&arm.body, times * if rare { known::RARELY } else { 1.0 / usual });
        }
    }

    fn call(&mut self, call: &ExprCall, times: f64) {
        match &*call.func {
            Expr::Path(path) => {
                let mut segments = path.path.segments.iter().rev();
                let ident = segments.next().map(|last| last.ident.to_string()).unwrap_or_default();
                let qualifier = segments.next().map(|before| before.ident.to_string());
                // `Self(…)`, and variants of enums, are no calls.
                let is_value = ident.starts_with(char::is_uppercase);
                if is_value {
                    self.own += 0.5 * times;
                } else {
                    self.calls.push(Call { ident, qualifier, is_method: false, on_self: false, times });
                }
            }
            function => {
                self.own += known::UNKNOWN * times;
                self.expression(function, times);
            }
        }
        self.all(&call.args, times);
    }

    fn method(&mut self, call: &ExprMethodCall, times: f64) {
        self.expression(&call.receiver, times);
        let ident = call.method.to_string();
        let of_closure = known::calls_of_closure(&ident);
        self.loops |= of_closure > 1.0 && call.args.iter().any(|argument| matches!(argument, Expr::Closure(_)));
        for argument in &call.args {
            let factor = if matches!(argument, Expr::Closure(_)) { of_closure } else { 1.0 };
            self.expression(argument, times * factor);
        }
        let on_self = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("self"));
        self.calls.push(Call { ident, qualifier: None, is_method: true, on_self, times });
    }

    fn call_of_macro(&mut self, call: &Macro, times: f64) {
        let name = call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        self.own += known::of_macro(&name) * times;
        if let Ok(arguments) = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
            && !name.starts_with("debug_assert")
        {
            self.all(&arguments, times);
        }
    }
}

/// Whether a block ends in an error or a panic.
fn fails(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(expression, _)) => expression_fails(expression),
        Some(Stmt::Macro(statement)) => panics(&statement.mac),
        _ => false,
    }
}

fn expression_fails(expression: &Expr) -> bool {
    match expression {
        Expr::Return(exit) => exit.expr.as_deref().is_some_and(expression_fails),
        Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Err")),
        Expr::Macro(call) => panics(&call.mac),
        Expr::Block(block) => fails(&block.block),
        _ => false,
    }
}

fn panics(call: &Macro) -> bool {
    let name = call.path.segments.last().map(|last| last.ident.to_string());
    name.is_some_and(|name| matches!(name.as_str(), "panic" | "unreachable" | "bail" | "todo" | "unimplemented"))
}

fn is_error(pattern: &Pat) -> bool {
    matches!(pattern, Pat::TupleStruct(tuple) if tuple.path.is_ident("Err"))
}

/// Whether a `loop` ends with its first turn unless something says `continue`.
fn leaves(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(Expr::Return(_) | Expr::Break(_), _)))
}

/// Estimates of all functions of a run, each with what it calls.
pub(super) struct Estimates<'a> {
    functions: &'a [Function],
    by_ident: HashMap<&'a str, Vec<usize>>,
    /// Of a call, in ns; `None` until it is asked for.
    inclusive: Vec<Option<f64>>,
}

/// What a function is taken to cost that is being estimated, because it calls itself.
const RECURSION: f64 = 20.0;

/// How deep calls are followed.
const DEEPEST: usize = 64;

impl<'a> Estimates<'a> {
    pub(super) fn of(functions: &'a [Function]) -> Estimates<'a> {
        let mut by_ident: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, function) in functions.iter().enumerate() {
            by_ident.entry(&function.ident).or_default().push(place);
        }
        Estimates { functions, by_ident, inclusive: vec![None; functions.len()] }
    }

    /// What a call takes, with all that it calls, in ns.
    pub(super) fn inclusive(&mut self, function: usize) -> f64 {
        self.inclusive_at(function, 0)
    }

    fn inclusive_at(&mut self, function: usize, depth: usize) -> f64 {
        if let Some(known) = self.inclusive[function] {
            return known;
        }
        if depth > DEEPEST {
            return RECURSION;
        }
        self.inclusive[function] = Some(RECURSION);
        let functions = self.functions;
        let cost = &functions[function].cost;
        let calls: f64 = cost.calls.iter().map(|call| call.times * self.call(function, call, depth)).sum();
        *self.inclusive[function].insert(cost.own + calls)
    }

    /// What a function does beside the calls of functions that are chosen, in ns.
    pub(super) fn own(&mut self, function: usize, is_chosen: &dyn Fn(usize) -> bool) -> f64 {
        let functions = self.functions;
        let cost = &functions[function].cost;
        let calls = cost.calls.iter().map(|call| {
            let callees = self.callees(function, call);
            match !callees.is_empty() && callees.iter().all(|&callee| is_chosen(callee)) {
                true => 0.0,
                false => call.times * self.call(function, call, 0),
            }
        });
        cost.own + calls.sum::<f64>()
    }

    fn call(&mut self, from: usize, call: &Call, depth: usize) -> f64 {
        let callees = self.callees(from, call);
        if callees.is_empty() {
            return known::call(&call.ident).unwrap_or(known::UNKNOWN);
        }
        callees.into_iter().map(|callee| self.inclusive_at(callee, depth + 1)).fold(0.0, f64::max)
    }

    /// The functions that a call may be of.
    fn callees(&self, from: usize, call: &Call) -> Vec<usize> {
        let Some(candidates) = self.by_ident.get(call.ident.as_str()) else { return Vec::new() };
        let functions = self.functions;
        let owner = match call.qualifier.as_deref() {
            Some("Self") => Some(functions[from].owner.as_str()),
            Some(qualifier) if qualifier.starts_with(char::is_uppercase) => Some(qualifier),
            _ => call.on_self.then_some(functions[from].owner.as_str()),
        };
        let fits = |&&candidate: &&usize| {
            let function = &functions[candidate];
            match owner {
                Some(owner) => function.owner == owner,
                None if call.is_method => function.is_method && candidate != from,
                None => function.owner.is_empty(),
            }
        };
        // A name of the standard library's on something unknown is most often the standard library's.
        if owner.is_none() && known::call(&call.ident).is_some() {
            return Vec::new();
        }
        candidates.iter().filter(fits).copied().collect()
    }

    /// The functions that a function calls.
    pub(super) fn called_by(&self, function: usize) -> Vec<usize> {
        self.functions[function].cost.calls.iter().flat_map(|call| self.callees(function, call)).collect()
    }

    /// Whether all of a function is one call, made once.
    pub(super) fn is_one_call(&self, function: usize) -> bool {
        let calls = &self.functions[function].cost.calls;
        calls.iter().filter(|call| known::call(&call.ident).is_none_or(|cost| cost > 1.0)).count() == 1
    }
}
