//! The files and connections without a buffer that a file of sources names, and the small arrays that are read into.

use std::ops::RangeInclusive;

use syn::{
    Expr, FnArg, Lit, Pat, Type,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::command::{audit::source::SourceFile, sources::Imports};

/// Functions that open what has no buffer.
const OPENING: [&str; 6] = [
    "std::fs::File::open",
    "std::fs::File::create",
    "std::fs::File::create_new",
    "std::fs::File::options",
    "std::fs::OpenOptions::new",
    "std::net::TcpStream::connect",
];
/// Types that have none.
const TYPES: [&str; 3] = ["std::fs::File", "std::net::TcpStream", "std::os::unix::net::UnixStream"];
/// Bytes of an array up to which a read into it is a small one.
const SMALL: usize = 64;

/// What variables and fields stand for.
pub(super) struct Streams<'a> {
    imports: &'a Imports,
    /// The lines of the functions and branches around.
    within: Vec<RangeInclusive<usize>>,
    found: Vec<Named>,
    /// Fields that are streams: of which type, and how they are called.
    fields: Vec<(String, String)>,
}

/// The meaning of a variable or a field within some lines.
struct Named {
    /// Of a field, with `self.` before it.
    name: String,
    lines: RangeInclusive<usize>,
    is: Meaning,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Stream,
    SmallArray,
}

impl<'a> Streams<'a> {
    pub(super) fn of(file: &'a SourceFile) -> Streams<'a> {
        let mut fields = Fields { imports: &file.imports, found: Vec::new() };
        fields.visit_file(&file.syntax);
        let (within, found, fields) = (Vec::new(), Vec::new(), fields.found);
        let mut streams = Streams { imports: &file.imports, within, found, fields };
        streams.visit_file(&file.syntax);
        streams
    }

    /// Whether a name stands for a file or a connection without a buffer in a line.
    pub(super) fn is_stream(&self, name: &str, line: usize) -> bool {
        self.is(Meaning::Stream, name, line)
    }

    /// Whether it stands for an array of a few bytes.
    pub(super) fn is_small_array(&self, name: &str, line: usize) -> bool {
        self.is(Meaning::SmallArray, name, line)
    }

    fn is(&self, is: Meaning, name: &str, line: usize) -> bool {
        self.found.iter().any(|one| one.is == is && one.name == name && one.lines.contains(&line))
    }

    fn add(&mut self, pattern: &Pat, is: Meaning) {
        if let (Some(name), Some(within)) = (variable(pattern), self.within.last()) {
            let lines = name.span().start().line..=*within.end();
            self.found.push(Named { name: name.to_string(), lines, is });
        }
    }

    /// Ends what a name stood for: `let file = BufReader::new(file)`.
    fn shadow(&mut self, pattern: &Pat) {
        let Some(name) = variable(pattern) else { return };
        let line = name.span().start().line;
        for one in self.found.iter_mut().filter(|one| *name == one.name && one.lines.contains(&line)) {
            one.lines = *one.lines.start()..=line;
        }
    }

    fn within(&mut self, lines: RangeInclusive<usize>, visit: impl FnOnce(&mut Self)) {
        self.within.push(lines);
        visit(self);
        self.within.pop();
    }

    fn function(&mut self, signature: &syn::Signature, body: &syn::Block) {
        self.within(signature.span().start().line..=body.span().end().line, |streams| {
            for input in &signature.inputs {
                if let FnArg::Typed(input) = input
                    && is_stream_type(streams.imports, &input.ty)
                {
                    streams.add(&input.pat, Meaning::Stream);
                }
            }
            visit::visit_block(streams, body);
        });
    }

    /// Whether a value was opened just so: nothing was put around it.
    fn opens(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Try(inner) => self.opens(&inner.expr),
            Expr::Paren(inner) => self.opens(&inner.expr),
            Expr::MethodCall(call) => {
                let goes_on = ["unwrap", "expect", "map_err", "context", "with_context", "unwrap_or_else", "ok"];
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

/// The variable that a pattern binds: `file`, also in `Ok(file)` and `Some(file)`.
fn variable(pattern: &Pat) -> Option<&proc_macro2::Ident> {
    match pattern {
        Pat::Ident(name) => Some(&name.ident),
        Pat::Type(typed) => variable(&typed.pat),
        Pat::Paren(inner) => variable(&inner.pat),
        Pat::TupleStruct(tuple) => {
            let is_of_success =
                tuple.path.segments.last().is_some_and(|last| last.ident == "Ok" || last.ident == "Some");
            tuple.elems.first().filter(|_| is_of_success && tuple.elems.len() == 1).and_then(variable)
        }
        _ => None,
    }
}

fn is_stream_type(imports: &Imports, of: &Type) -> bool {
    match of {
        Type::Reference(inner) => is_stream_type(imports, &inner.elem),
        Type::Path(path) => TYPES.contains(&imports.resolve(&path.path).as_str()),
        _ => false,
    }
}

/// Whether a value is an array of a few bytes: `[0; 8]`.
fn is_small_array(expression: &Expr) -> bool {
    match expression {
        Expr::Array(array) => array.elems.len() <= SMALL,
        Expr::Repeat(repeat) => matches!(&*repeat.len, Expr::Lit(length)
            if matches!(&length.lit, Lit::Int(length) if length.base10_parse::<usize>().is_ok_and(|length| length <= SMALL))),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Streams<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let Type::Path(path) = &*item.self_ty
            && let Some(owner) = path.path.segments.last()
        {
            let span = item.span();
            let fields = self.fields.iter().filter(|(of, _)| owner.ident == of);
            self.found.extend(fields.map(|(_, field)| Named {
                name: format!("self.{field}"),
                lines: span.start().line..=span.end().line,
                is: Meaning::Stream,
            }));
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            if self.opens(&init.expr) {
                self.add(&local.pat, Meaning::Stream);
            } else {
                self.shadow(&local.pat);
                if is_small_array(&init.expr) {
                    self.add(&local.pat, Meaning::SmallArray);
                }
            }
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_if(&mut self, choice: &'ast syn::ExprIf) {
        let lines = choice.cond.span().start().line..=choice.then_branch.span().end().line;
        self.within(lines, |streams| {
            streams.visit_expr(&choice.cond);
            streams.visit_block(&choice.then_branch);
        });
        if let Some((_, otherwise)) = &choice.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, turns: &'ast syn::ExprWhile) {
        let lines = turns.cond.span().start().line..=turns.body.span().end().line;
        self.within(lines, |streams| visit::visit_expr_while(streams, turns));
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        if self.opens(&condition.expr) {
            self.add(&condition.pat, Meaning::Stream);
        }
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        let opens = self.opens(&choice.expr);
        self.visit_expr(&choice.expr);
        for arm in &choice.arms {
            let span = arm.span();
            self.within(span.start().line..=span.end().line, |streams| {
                if opens {
                    streams.add(&arm.pat, Meaning::Stream);
                }
                visit::visit_arm(streams, arm);
            });
        }
    }
}

/// The fields of structs that are streams.
struct Fields<'a> {
    imports: &'a Imports,
    found: Vec<(String, String)>,
}

impl<'ast> Visit<'ast> for Fields<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for (place, field) in item.fields.iter().enumerate() {
            if is_stream_type(self.imports, &field.ty) {
                let name = field.ident.as_ref().map_or_else(|| place.to_string(), ToString::to_string);
                self.found.push((item.ident.to_string(), name));
            }
        }
    }
}
