//! `--lazy`: statics that are made at their first use, turned into `#[lazy_resource]`.
//!
//! Nothing is deleted: what is no longer wanted goes into a comment (`/*perf: LazyLock< :perf*/`), so that `--remove` can put it
//! back by taking out the two ends of the comment.

use std::{borrow::Cow, ops::Range, path::PathBuf};

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use syn::{Expr, ExprCall, GenericArgument, ItemMacro, ItemStatic, PathArguments, Type, Visibility, spanned::Spanned};

use super::mark;
use crate::command::sources::Imports;

/// A static that is made at its first use.
#[derive(Clone, Debug)]
pub(super) struct LazyStatic {
    pub(super) name: String,
    pub(super) ident: String,
    pub(super) file: PathBuf,
    pub(super) line: usize,
    pub(super) is_public: bool,
    /// It stands in `lazy_static!`.
    pub(super) in_macro: bool,
    /// `cfg` may leave it out: then its name means another static.
    pub(super) is_conditional: bool,
    /// Its own name in its declaration, which is no use of it.
    pub(super) declared_at: usize,
    /// The inline modules around it in its file, and the block that it stands in if it is one of a function.
    pub(super) module: Vec<String>,
    pub(super) scope: Option<Range<usize>>,
    pub(super) made: Made,
}

/// How a static gets its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// By the initialiser in its declaration: the text to put in, or why it has to stay as it is.
    Here(Result<Vec<Insertion>, &'static str>),
    /// By those who use it: the text that puts its declaration into a comment, and the rest of it.
    ByUsers(Result<(Vec<Insertion>, Once), &'static str>),
}

/// The parts of the declaration that its resource has too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Once {
    /// The type of the value.
    pub(super) ty: String,
    pub(super) mention: String,
}

/// Text to put in before a byte. An attribute is spelled later, when the runtime's name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Insertion {
    Attribute(usize),
    Text(usize, Cow<'static, str>),
}

const RESULT: &str = "its type is a Result, and a resource of a Result is used by `try_get()`";
pub(super) const NOT_A_CLOSURE: &str = "its initialiser is no closure; write `LazyLock::new(|| …)`";
const COMMENT: &str = "a comment stands between its type and its initialiser; move it above the static";

const FUTURE: &str = "its type is of an async crate, and who uses it awaits it";
const JOINED: &str = "a `/` stands directly before it; put a space between them";

/// Crates whose cells are made by futures.
const ASYNC: [&str; 7] = ["async_cell", "async_lazy", "async_lock", "async_once_cell", "async_std", "smol", "tokio"];

/// Reads a static, if it is one of those.
pub(super) fn of_static(item: &ItemStatic, text: &str, offset: usize, imports: &Imports) -> Option<Made> {
    let Type::Path(path) = &*item.ty else { return None };
    let whole = imports.resolve(&path.path);
    let is_async = whole.split("::").next().is_some_and(|first| ASYNC.contains(&first));
    match path.path.segments.last()?.ident.to_string().as_str() {
        "LazyLock" | "Lazy" | "OnceLock" | "OnceCell" if is_async => Some(Made::Here(Err(FUTURE))),
        "LazyLock" | "Lazy" => of_lazy(item, text, offset).map(Made::Here),
        "OnceLock" | "OnceCell" => of_once(item, text, offset).map(Made::ByUsers),
        _ => None,
    }
}

/// The first type among the parameters of a static's type, and how many parameters there are.
fn parameter(item: &ItemStatic) -> Option<(&Type, usize)> {
    let Type::Path(path) = &*item.ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some((inner, arguments.args.len())),
        _ => None,
    }
}

/// An item that uses the name of a static's type. Without it, the import of the name is unused, and lints may forbid that.
fn mention(item: &ItemStatic) -> String {
    match &*item.ty {
        Type::Path(path) if path.path.segments.len() == 1 => {
            format!("const _: fn(&{}<()>) = |_| (); ", path.path.segments[0].ident)
        }
        _ => String::new(),
    }
}

/// Reads a static of `OnceLock`: all of it goes into a comment.
fn of_once(item: &ItemStatic, text: &str, offset: usize) -> Option<Result<(Vec<Insertion>, Once), &'static str>> {
    let (inner, _) = parameter(item)?;
    if is_result(inner) {
        return Some(Err(RESULT));
    }
    let is_empty = matches!(&*item.expr, Expr::Call(ExprCall { func, args, .. }) if args.is_empty()
        && matches!(&**func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "new")));
    if !is_empty {
        return Some(Err("it has a value from the beginning"));
    }
    let range = |span: Span| span.byte_range().start + offset..span.byte_range().end + offset;
    let ty = &text[range(inner.span())];
    if ty.contains('/') {
        return Some(Err(COMMENT));
    }
    let ty = ty.split_whitespace().collect::<Vec<_>>().join(" ");
    let once = Once { ty, mention: mention(item) };
    Some(commented(text, &[range(item.span())]).map(|insertions| (insertions, once)))
}

/// Reads a static of `LazyLock`.
fn of_lazy(item: &ItemStatic, text: &str, offset: usize) -> Option<Result<Vec<Insertion>, &'static str>> {
    let range = |span: Span| span.byte_range().start + offset..span.byte_range().end + offset;
    let (inner, parameters) = parameter(item)?;
    if is_result(inner) {
        return Some(Err(RESULT));
    }
    let Some(body) = closure_body(&item.expr) else { return Some(Err(NOT_A_CLOSURE)) };
    if parameters > 1 {
        return Some(Err("its type names the initialiser; leave that out"));
    }
    let head = match &item.vis {
        Visibility::Public(word) => word.span(),
        Visibility::Restricted(restricted) => restricted.pub_token.span(),
        Visibility::Inherited => item.static_token.span(),
    };
    let (ty, inner) = (range(item.ty.span()), range(inner.span()));
    let (whole, body) = (range(item.expr.span()), range(body.span()));
    let wrapped = [ty.start..inner.start, inner.end..ty.end, whole.start..body.start, body.end..whole.end];
    let mention = mention(item);
    Some(commented(text, &wrapped).map(|mut insertions| {
        insertions.push(Insertion::Attribute(range(head).start));
        let is_block = text[body.clone()].starts_with('{') && !text[body.start + 1..].trim_start().starts_with("#!");
        if !mention.is_empty() && is_block {
            // Braces around these would be too many for a lint.
            let put = format!("{}{mention}{}", mark::PUT, mark::TAKEN);
            insertions.push(Insertion::Text(body.start + 1, put.into()));
        } else if !mention.is_empty() {
            let (open, close) =
                (format!("{}{{ {mention}{}", mark::PUT, mark::TAKEN), format!("{} }}{}", mark::PUT, mark::TAKEN));
            insertions.push(Insertion::Text(body.start, open.into()));
            // Before the comment that begins here.
            let end = insertions.iter().position(|one| matches!(one, Insertion::Text(at, _) if *at == body.end));
            insertions.insert(end.unwrap_or(insertions.len()), Insertion::Text(body.end, close.into()));
        }
        insertions
    }))
}

/// Comments around pieces of text. Comments to the end of a line may be in them; others would end them, or not be ended.
pub(super) fn commented(text: &str, pieces: &[Range<usize>]) -> Result<Vec<Insertion>, &'static str> {
    if pieces.iter().any(|piece| ["/*", "*/"].iter().any(|end| text[piece.clone()].contains(end))) {
        return Err(COMMENT);
    }
    // Both together begin a comment to the end of the line. Where a comment ends, nothing begins.
    let joins = |at: usize| text[..at].ends_with('/') && !text[..at].ends_with("*/");
    if pieces.iter().any(|piece| !piece.is_empty() && joins(piece.start)) {
        return Err(JOINED);
    }
    let ends = |piece: &Range<usize>| {
        [Insertion::Text(piece.start, mark::HIDDEN.into()), Insertion::Text(piece.end, mark::SHOWN.into())]
    };
    Ok(pieces.iter().filter(|piece| !piece.is_empty()).flat_map(ends).collect())
}

/// The body of `LazyLock::new(|| body)`.
fn closure_body(expression: &Expr) -> Option<&Expr> {
    let Expr::Call(ExprCall { func, args, .. }) = expression else { return None };
    let Expr::Path(path) = &**func else { return None };
    let is_new = path.path.segments.last().is_some_and(|last| last.ident == "new");
    match (args.len(), args.first()) {
        (1, Some(Expr::Closure(closure))) if is_new && closure.inputs.is_empty() => Some(&closure.body),
        _ => None,
    }
}

fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
}

/// A static in `lazy_static!`: its name, whether it has `pub`, and its change.
pub(super) struct InMacro {
    pub(super) ident: proc_macro2::Ident,
    pub(super) is_public: bool,
    pub(super) change: Result<Vec<Insertion>, &'static str>,
}

/// Reads the statics of a `lazy_static! { … }`. All of them change, or none.
pub(super) fn of_macro(item: &ItemMacro, text: &str, offset: usize) -> Vec<InMacro> {
    if item.mac.path.segments.last().is_none_or(|last| last.ident != "lazy_static") {
        return Vec::new();
    }
    let range = |span: Span| span.byte_range().start + offset..span.byte_range().end + offset;
    let mut found: Vec<InMacro> = Vec::new();
    let trees: Vec<TokenTree> = item.mac.tokens.clone().into_iter().collect();
    for declaration in trees.split_inclusive(|tree| is_punct(tree, ';')) {
        let Some((head, rest)) = of_declaration(declaration) else { return Vec::new() };
        let reference = range(rest.reference.span());
        let change = if is_result_tokens(&rest.ty) {
            Err(RESULT)
        } else {
            commented(text, std::slice::from_ref(&reference)).map(|mut insertions| {
                insertions.push(Insertion::Attribute(range(head.span()).start));
                insertions
            })
        };
        found.push(InMacro { ident: rest.ident, is_public: rest.is_public, change });
    }
    let Some(last) = trees.last() else { return Vec::new() };
    let end = item
        .semi_token
        .as_ref()
        .map_or_else(|| range(item.mac.delimiter.span().close()).end, |end| range(end.span()).end);
    // An empty call of the macro stays, so that the import of its name is used.
    let opened = range(item.mac.delimiter.span().open()).end;
    // The line breaks stay outside of the comments.
    let closed = range(last.span()).end;
    let closed = closed + text[closed..end].find(|letter: char| !letter.is_whitespace()).unwrap_or(0)..end;
    let closing = text[closed.clone()].split_whitespace().collect::<String>();
    match commented(text, &[closed]) {
        Ok(around) => {
            if let Some(InMacro { change: Ok(insertions), .. }) = found.first_mut() {
                let put = format!("{}{closing} {}", mark::PUT, mark::TAKEN);
                insertions.push(Insertion::Text(opened, put.into()));
                insertions.extend(around);
            }
        }
        Err(message) => found.iter_mut().for_each(|one| one.change = Err(message)),
    }
    if let Some(message) = found.iter().find_map(|one| one.change.as_ref().err().copied()) {
        found.iter_mut().for_each(|one| one.change = Err(message));
    }
    found
}

/// The parts of `pub static ref NAME: T = …;` that are needed.
struct Parts {
    is_public: bool,
    reference: TokenTree,
    ident: proc_macro2::Ident,
    ty: TokenStream,
}

/// The first token behind the attributes of a declaration, and its parts.
fn of_declaration(trees: &[TokenTree]) -> Option<(&TokenTree, Parts)> {
    let mut at = 0;
    while is_punct(trees.get(at)?, '#') {
        at += 2;
    }
    let head = &trees[at];
    let has_pub = is_word(head, "pub");
    at += usize::from(has_pub);
    let is_restricted =
        has_pub && matches!(trees.get(at)?, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    at += usize::from(is_restricted);
    let [word, reference, TokenTree::Ident(ident), colon, rest @ ..] = &trees[at..] else { return None };
    if !is_word(word, "static") || !is_word(reference, "ref") || !is_punct(colon, ':') {
        return None;
    }
    let ty = rest.iter().take_while(|tree| !is_punct(tree, '=')).cloned().collect();
    let is_public = has_pub && !is_restricted;
    Some((head, Parts { is_public, reference: reference.clone(), ident: ident.clone(), ty }))
}

fn is_result_tokens(ty: &TokenStream) -> bool {
    syn::parse2::<Type>(ty.clone()).is_ok_and(|ty| is_result(&ty))
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(tree: &TokenTree, letter: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == letter && (letter != '=' || punct.spacing() == Spacing::Alone))
}
