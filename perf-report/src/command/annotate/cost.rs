//! An estimate of how long a call takes, from its source alone.
//!
//! A body is a sum: of work of its own, and of calls with the number of times that they are made. Branches count in part, loops
//! several times. `estimates` puts in the bodies of the functions that are called, where the sources have them.

use syn::{
    BinOp, Block, Expr, ExprBreak, ExprCall, ExprClosure, ExprForLoop, ExprIf, ExprLoop, ExprMatch, ExprMethodCall,
    ExprWhile, Item, Lit, Macro, Pat, Stmt, Token, punctuated::Punctuated, visit::Visit,
};

use super::{devices::Devices, known};

/// The effect of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// Work of its own, in ns.
    pub(super) own: Duration,
    pub(super) calls: Vec<Call>,
    /// The body is one expression.
    pub(super) single: bool,
    pub(super) loops: bool,
    returns_option: bool,
    /// It answers whether something applies, and has not yet said no.
    may_decline: bool,
    /// Values that are known to do more than to collect what is written to them.
    devices: Devices,
}

/// How often something is done in a call.
///
/// A wait behind a condition is mostly there for the rare case: a buffer that is full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) work: f64,
    pub(super) waits: f64,
}

impl Times {
    const ONCE: Times = Times { work: 1.0, waits: 1.0 };

    /// So many times as often.
    fn turns(self, turns: f64) -> Times {
        Times { work: self.work * turns, waits: self.waits * turns }
    }

    /// In one of several branches.
    fn branch(self, share: f64) -> Times {
        Times { work: self.work * share, waits: self.waits * share.min(known::RARELY) }
    }
}

/// A duration in ns: of work, and of waiting for something outside of the process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Duration {
    pub(super) work: f64,
    pub(super) waits: f64,
}

impl Duration {
    pub(super) fn sum(self) -> f64 {
        self.work + self.waits
    }

    pub(super) fn times(self, times: Times) -> Duration {
        Duration { work: self.work * times.work, waits: self.waits * times.waits }
    }

    pub(super) fn plus(self, other: Duration) -> Duration {
        Duration { work: self.work + other.work, waits: self.waits + other.waits }
    }
}

/// A call of something else.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) ident: String,
    /// The type or module that stands before it.
    pub(super) qualifier: Option<String>,
    pub(super) is_method: bool,
    pub(super) on_self: bool,
    /// It writes to something of which nothing is known.
    pub(super) is_buffered: bool,
    pub(super) times: Times,
}

impl Cost {
    /// Estimates a body. `?` leaves a function that returns an option more often than one that returns a result; one that is asked
    /// whether something applies mostly says no at the first opportunity.
    pub(super) fn of(body: &Block, returns_option: bool, is_question: bool, devices: Devices) -> Cost {
        let single = matches!(body.stmts.as_slice(), [] | [Stmt::Expr(..)]);
        let own = Duration { work: 0.5, waits: 0.0 };
        let mut cost = Cost { own, single, returns_option, may_decline: is_question, devices, ..Cost::default() };
        cost.block(body, Times::ONCE);
        cost
    }

    fn block(&mut self, block: &Block, mut times: Times) {
        for statement in &block.stmts {
            match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &local.init {
                        self.expression(&init.expr, times);
                        if let Some((_, otherwise)) = &init.diverge {
                            self.expression(otherwise, times.branch(known::RARELY));
                        }
                    }
                }
                Stmt::Expr(expression, _) => self.expression(expression, times),
                Stmt::Macro(statement) => self.call_of_macro(&statement.mac, times),
                Stmt::Item(_) => {}
            }
            times = times.turns(self.goes_on(statement));
        }
    }

    /// How often a block goes on behind a statement that may leave it.
    fn goes_on(&mut self, statement: &Stmt) -> f64 {
        if self.may_decline && declines(statement) {
            self.may_decline = false;
            return known::APPLIES;
        }
        let tries = |expression: &Expr| self.returns_option && tries(expression);
        let may_leave = match statement {
            Stmt::Local(local) => local.init.as_ref().is_some_and(|init| init.diverge.is_some() || tries(&init.expr)),
            Stmt::Expr(Expr::If(choice), _) => choice.else_branch.is_none() && leaves(&choice.then_branch),
            Stmt::Expr(expression, _) => tries(expression),
            _ => false,
        };
        if may_leave { known::GOES_ON } else { 1.0 }
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>, times: Times) {
        expressions.into_iter().for_each(|expression| self.expression(expression, times));
    }

    fn expression(&mut self, expression: &Expr, times: Times) {
        match expression {
            Expr::Array(array) => self.all(&array.elems, times),
            Expr::Assign(assign) => {
                self.own.work += 0.5 * times.work;
                self.all([&*assign.left, &*assign.right], times);
            }
            Expr::Binary(binary) => {
                self.own.work += 0.3 * times.work;
                self.expression(&binary.left, times);
                let is_asked = if matches!(binary.op, BinOp::And(_)) { times.branch(0.5) } else { times };
                self.expression(&binary.right, is_asked);
            }
            Expr::Call(call) => self.call(call, times),
            Expr::Cast(cast) => self.expression(&cast.expr, times),
            Expr::Field(field) => {
                self.own.work += 0.2 * times.work;
                self.expression(&field.base, times);
            }
            Expr::Group(group) => self.expression(&group.expr, times),
            Expr::Index(index) => {
                self.own.work += 0.5 * times.work;
                self.all([&*index.expr, &*index.index], times);
            }
            Expr::Macro(call) => self.call_of_macro(&call.mac, times),
            Expr::MethodCall(call) => self.method(call, times),
            Expr::Paren(inner) => self.expression(&inner.expr, times),
            Expr::Range(range) => self.all(range.start.as_deref().into_iter().chain(range.end.as_deref()), times),
            Expr::RawAddr(address) => self.expression(&address.expr, times),
            Expr::Reference(reference) => self.expression(&reference.expr, times),
            Expr::Repeat(repeat) => {
                self.own.work += times.work;
                self.expression(&repeat.expr, times);
            }
            Expr::Struct(fields) => {
                self.own.work += 0.3 * times.work;
                self.all(fields.fields.iter().map(|field| &field.expr), times);
            }
            Expr::Tuple(tuple) => self.all(&tuple.elems, times),
            Expr::Unary(unary) => self.expression(&unary.expr, times),
            other => self.control(other, times),
        }
    }

    /// Branches, loops, blocks, and what leaves them.
    fn control(&mut self, expression: &Expr, times: Times) {
        match expression {
            Expr::Async(block) => self.block(&block.block, times),
            Expr::Await(future) => {
                self.own.waits += known::WAIT * times.waits;
                self.expression(&future.base, times);
            }
            Expr::Block(block) => self.block(&block.block, times),
            Expr::Break(exit) => self.all(exit.expr.as_deref(), times),
            Expr::Closure(closure) => self.expression(&closure.body, times),
            Expr::ForLoop(turns) => {
                self.loops = true;
                self.expression(&turns.expr, times);
                let count = if searches(&turns.body) { known::SEARCHED } else { known::TURNS };
                self.own.work += count * times.work;
                self.block(&turns.body, times.turns(count));
            }
            Expr::If(choice) => self.choice(choice, times),
            Expr::Let(condition) => self.expression(&condition.expr, times),
            Expr::Loop(tries) => {
                self.loops |= !leaves(&tries.body);
                self.block(&tries.body, times.turns(known::TRIES));
            }
            Expr::Match(choice) => self.arms(choice, times),
            Expr::Return(exit) => self.all(exit.expr.as_deref(), times),
            Expr::Try(tried) => {
                self.own.work += 0.3 * times.work;
                self.expression(&tried.expr, times);
            }
            Expr::Unsafe(block) => self.block(&block.block, times),
            Expr::While(turns) => {
                self.loops = true;
                let count = if fills(turns) { known::TRIES } else { known::TURNS };
                self.expression(&turns.cond, times.turns(count));
                self.own.work += count * times.work;
                self.block(&turns.body, times.turns(count));
            }
            _ => self.own.work += 0.2 * times.work,
        }
    }

    fn choice(&mut self, choice: &ExprIf, times: Times) {
        self.own.work += 0.5 * times.work;
        self.expression(&choice.cond, times);
        let taken = if fails(&choice.then_branch) { known::RARELY } else { 0.5 };
        self.block(&choice.then_branch, times.branch(taken));
        if let Some((_, otherwise)) = &choice.else_branch {
            self.expression(otherwise, times.branch(1.0 - taken));
        }
    }

    fn arms(&mut self, choice: &ExprMatch, times: Times) {
        self.own.work += times.work;
        self.expression(&choice.expr, times);
        let rare: Vec<bool> = choice.arms.iter().map(|arm| is_error(&arm.pat) || expression_fails(&arm.body)).collect();
        let usual = rare.iter().filter(|rare| !**rare).count().max(1) as f64;
        for (arm, rare) in choice.arms.iter().zip(rare) {
            self.expression(&arm.body, times.branch(if rare { known::RARELY } else { 1.0 / usual }));
        }
    }

    fn call(&mut self, call: &ExprCall, times: Times) {
        match &*call.func {
            Expr::Path(path) => {
                let mut segments = path.path.segments.iter().rev();
                let ident = segments.next().map(|last| last.ident.to_string()).unwrap_or_default();
                let qualifier = segments.next().map(|before| before.ident.to_string());
                // `Self(…)`, and variants of enums, are no calls.
                let is_value = ident.starts_with(char::is_uppercase);
                if is_value {
                    self.own.work += 0.5 * times.work;
                } else {
                    self.arguments(&call.args, known::calls_of_callback(&ident), times);
                    self.calls.push(Call {
                        ident,
                        qualifier,
                        is_method: false,
                        on_self: false,
                        is_buffered: false,
                        times,
                    });
                    return;
                }
            }
            function => {
                self.own.work += known::UNKNOWN * times.work;
                self.expression(function, times);
            }
        }
        self.all(&call.args, times);
    }

    /// Arguments, of which closures with several parameters are called so often.
    fn arguments(&mut self, arguments: &Punctuated<Expr, Token![,]>, calls: f64, times: Times) {
        for argument in arguments {
            let is_callback = matches!(argument, Expr::Closure(closure) if closure.inputs.len() > 1);
            self.loops |= is_callback && calls > 1.0;
            self.expression(argument, times.turns(if is_callback { calls } else { 1.0 }));
        }
    }

    fn method(&mut self, call: &ExprMethodCall, times: Times) {
        self.expression(&call.receiver, times);
        let ident = call.method.to_string();
        let of_closure = known::calls_of_closure(&ident, iterates(&call.receiver));
        self.loops |= of_closure > 1.0 && call.args.iter().any(|argument| matches!(argument, Expr::Closure(_)));
        for argument in &call.args {
            let factor = if matches!(argument, Expr::Closure(_)) { of_closure } else { 1.0 };
            self.expression(argument, times.turns(factor));
        }
        let on_self = matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("self"));
        // A lock is asked for without an argument.
        let writes = matches!(ident.as_str(), "write" | "write_all") && !call.args.is_empty();
        let is_buffered = writes && !self.devices.have(&call.receiver);
        self.calls.push(Call { ident, qualifier: None, is_method: true, on_self, is_buffered, times });
    }

    fn call_of_macro(&mut self, call: &Macro, times: Times) {
        let name = call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        self.own.work += known::of_macro(&name) * times.work;
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

/// Whether a loop adds what a collection of `self` lacks: `while self.known.len() < n { … self.known.push(…) … }`. Over many calls it turns as
/// often as there are elements.
fn fills(turns: &ExprWhile) -> bool {
    struct Adds(bool);
    impl<'ast> Visit<'ast> for Adds {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            self.0 |= (call.method == "push" || call.method == "push_back") && is_of_self(&call.receiver);
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let is_count =
        |side: &Expr| matches!(side, Expr::MethodCall(call) if call.method == "len" && is_of_self(&call.receiver));
    let asks = matches!(&*turns.cond, Expr::Binary(asked) if is_count(&asked.left) || is_count(&asked.right));
    let mut adds = Adds(false);
    adds.visit_block(&turns.body);
    asks && adds.0
}

/// Whether a value is a part of `self`.
fn is_of_self(value: &Expr) -> bool {
    match value {
        Expr::MethodCall(call) => is_of_self(&call.receiver),
        Expr::Field(field) => {
            matches!(&*field.base, Expr::Path(path) if path.path.is_ident("self")) || is_of_self(&field.base)
        }
        _ => false,
    }
}

/// Whether a loop ends at the turn that has found something.
fn searches(body: &Block) -> bool {
    struct Exits(bool);
    impl<'ast> Visit<'ast> for Exits {
        fn visit_expr_break(&mut self, exit: &'ast ExprBreak) {
            self.0 |= exit.label.is_none();
        }
        // Their exits are their own.
        fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
        fn visit_expr_for_loop(&mut self, _: &'ast ExprForLoop) {}
        fn visit_expr_loop(&mut self, _: &'ast ExprLoop) {}
        fn visit_expr_while(&mut self, _: &'ast ExprWhile) {}
        fn visit_item(&mut self, _: &'ast Item) {}
    }
    let mut exits = Exits(false);
    exits.visit_block(body);
    exits.0
}

/// Whether a statement only looks at a condition, and leaves with the answer that nothing applies.
fn declines(statement: &Stmt) -> bool {
    let says_no = |block: &Block| {
        let Some(Stmt::Expr(Expr::Return(exit), _)) = block.stmts.last() else { return false };
        match exit.expr.as_deref() {
            Some(Expr::Path(path)) => path.path.is_ident("None"),
            Some(Expr::Lit(literal)) => matches!(&literal.lit, Lit::Bool(answer) if !answer.value),
            _ => false,
        }
    };
    match statement {
        Stmt::Expr(Expr::If(choice), _) => choice.else_branch.is_none() && says_no(&choice.then_branch),
        Stmt::Local(local) => {
            let otherwise = local.init.as_ref().and_then(|init| init.diverge.as_ref());
            otherwise.is_some_and(|(_, otherwise)| matches!(&**otherwise, Expr::Block(block) if says_no(&block.block)))
        }
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

/// Whether a block ends by leaving the one around it, and not with an error.
fn leaves(block: &Block) -> bool {
    let exit = matches!(block.stmts.last(), Some(Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _)));
    exit && !fails(block)
}

/// Whether an expression is an iterator, as the first calls in it say.
fn iterates(expression: &Expr) -> bool {
    match expression {
        Expr::MethodCall(call) => known::makes_iterator(&call.method.to_string()) || iterates(&call.receiver),
        Expr::Paren(inner) => iterates(&inner.expr),
        Expr::Range(_) => true,
        _ => false,
    }
}

/// Whether an expression has a `?` that is always reached.
fn tries(expression: &Expr) -> bool {
    match expression {
        Expr::Try(_) => true,
        Expr::MethodCall(call) => tries(&call.receiver) || call.args.iter().any(tries),
        Expr::Call(call) => call.args.iter().any(tries),
        Expr::Field(field) => tries(&field.base),
        Expr::Reference(reference) => tries(&reference.expr),
        Expr::Assign(assign) => tries(&assign.right),
        Expr::Match(choice) => tries(&choice.expr),
        _ => false,
    }
}
