//! Small writes and reads that go to the system one by one: files and connections without a buffer, and `println!` in hot loops.

use std::ops::RangeInclusive;

use syn::{
    Expr, FnArg, Pat, Type,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::{
    audit::source::{Call, CallKind},
    sources::Imports,
};

pub(super) const NAME: &str = "perf::unbuffered_io";

/// Functions that open what has no buffer.
const OPENING: [&str; 5] = [
    "std::fs::File::open",
    "std::fs::File::create",
    "std::fs::File::create_new",
    "std::fs::OpenOptions::new",
    "std::net::TcpStream::connect",
];
/// Types that have none.
const TYPES: [&str; 3] = ["std::fs::File", "std::net::TcpStream", "std::os::unix::net::UnixStream"];
/// Methods that make small pieces of bytes.
const PIECES: [&str; 5] = ["as_bytes", "to_le_bytes", "to_be_bytes", "to_ne_bytes", "into_bytes"];
/// The share of all self time from which on a function is hot, for `println!`.
const HOT: f64 = 0.01;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, file) in context.files.iter().enumerate() {
        let mut streams = Streams { imports: &file.imports, within: Vec::new(), found: Vec::new() };
        streams.visit_file(&file.syntax);
        let is_stream = |name: &str, line: usize| {
            streams.found.iter().any(|stream| stream.name == name && stream.lines.contains(&line))
        };
        for call in file.calls.iter().filter(|call| call.loops > 0 && !call.is_cold && !call.is_async) {
            if let Some(name) = small_access(call).filter(|name| is_stream(name, call.place.line)) {
                let (wrapper, verb) =
                    if call.name() == "read_exact" { ("BufReader", "reads") } else { ("BufWriter", "writes") };
                let message = format!("each turn of this loop {verb} by a call of the system: `{name}` has no buffer");
                let kind = (Severity::High, Effect::Time, 0.9);
                found.push(
                    finding(NAME, kind, &call.place, message)
                        .help(format!("wrap it before the loop: `std::io::{wrapper}::new({name})`")),
                );
            } else if call.kind == CallKind::Macro && matches!(call.name(), "println" | "print") {
                let function = context.function(index, call.place.line);
                if function
                    .is_some_and(|function| context.profile.is_some_and(|profile| profile.share(function) >= HOT))
                {
                    let message = format!(
                        "`{}!` in a hot loop locks standard output, and a terminal gets each line by itself",
                        call.name()
                    );
                    let kind = (Severity::Medium, Effect::Time, 0.5);
                    found.push(finding(NAME, kind, &call.place, message).help(
                        "write by `writeln!` to a `BufWriter` around `std::io::stdout().lock()`, made before the loop",
                    ));
                }
            }
        }
    }
    found
}

/// The stream that a call gives a small piece to, or takes one from.
fn small_access(call: &Call) -> Option<&str> {
    let first = call.arguments.first();
    match (call.kind, call.name()) {
        (CallKind::Macro, "write" | "writeln") => first?.name.as_deref(),
        (CallKind::Method, "write_all" | "write") => {
            let is_piece = first.is_some_and(|argument| {
                argument.text.is_some() || argument.method.as_deref().is_some_and(|method| PIECES.contains(&method))
            });
            call.receiver.as_deref().filter(|_| is_piece)
        }
        (CallKind::Method, "read_exact") => call.receiver.as_deref(),
        _ => None,
    }
}

/// A variable that is a stream without a buffer, and the lines of its function.
struct Stream {
    name: String,
    lines: RangeInclusive<usize>,
}

struct Streams<'a> {
    imports: &'a Imports,
    /// The lines of the functions around.
    within: Vec<RangeInclusive<usize>>,
    found: Vec<Stream>,
}

impl Streams<'_> {
    fn add(&mut self, pattern: &Pat) {
        if let (Pat::Ident(name), Some(within)) = (pattern, self.within.last()) {
            let lines = name.ident.span().start().line..=*within.end();
            self.found.push(Stream { name: name.ident.to_string(), lines });
        }
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        self.within.push(signature.span().start().line..=body.span().end().line);
        for input in &signature.inputs {
            if let FnArg::Typed(input) = input
                && self.is_stream_type(&input.ty)
            {
                self.add(&input.pat);
            }
        }
        visit::visit_block(self, body);
        self.within.pop();
    }

    fn is_stream_type(&self, of: &Type) -> bool {
        match of {
            Type::Reference(inner) => self.is_stream_type(&inner.elem),
            Type::Path(path) => TYPES.contains(&self.imports.resolve(&path.path).as_str()),
            _ => false,
        }
    }

    /// Whether a value was opened just so: nothing was put around it.
    fn opens(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Try(inner) => self.opens(&inner.expr),
            Expr::Paren(inner) => self.opens(&inner.expr),
            Expr::MethodCall(call) => {
                let goes_on = ["unwrap", "expect", "map_err", "context", "with_context", "unwrap_or_else"];
                let builds = ["read", "write", "append", "create", "create_new", "truncate", "open"];
                let name = call.method.to_string();
                (goes_on.contains(&name.as_str()) || builds.contains(&name.as_str())) && self.opens(&call.receiver)
            }
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => OPENING.contains(&self.imports.resolve(&path.path).as_str()),
                _ => false,
            },
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Streams<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            if self.opens(&init.expr) {
                self.add(&local.pat);
            } else if let Pat::Ident(name) = &local.pat {
                // The name stands for something else from here on: `let file = BufReader::new(file)`.
                let line = name.ident.span().start().line;
                let name = name.ident.to_string();
                for stream in self.found.iter_mut().filter(|stream| stream.name == name && stream.lines.contains(&line))
                {
                    stream.lines = *stream.lines.start()..=line;
                }
            }
        }
        visit::visit_local(self, local);
    }
}
