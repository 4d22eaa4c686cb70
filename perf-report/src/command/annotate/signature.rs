//! The signature of a function, and the name of the type that it belongs to.

use proc_macro2::Span;
use syn::{Attribute, Block, FnModifiers, Signature, Type, Visibility, spanned::Spanned, visit::Visit};

use super::{attributes, left::Left};

/// The parts of a function that its kinds have in common.
pub(super) struct Parts<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) visibility: Option<&'a Visibility>,
    pub(super) modifiers: &'a FnModifiers,
    pub(super) signature: &'a Signature,
    pub(super) body: &'a Block,
}

/// Traits whose functions stand behind an operator or a conversion by reference.
pub(super) const OPERATORS: [&str; 39] = [
    "Add",
    "AddAssign",
    "AsMut",
    "AsRef",
    "BitAnd",
    "BitAndAssign",
    "BitOr",
    "BitOrAssign",
    "BitXor",
    "BitXorAssign",
    "Borrow",
    "BorrowMut",
    "Deref",
    "DerefMut",
    "Div",
    "DivAssign",
    "Eq",
    "Hash",
    "Hasher",
    "Index",
    "IndexMut",
    "Mul",
    "MulAssign",
    "Neg",
    "Not",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Rem",
    "RemAssign",
    "Shl",
    "ShlAssign",
    "Shr",
    "ShrAssign",
    "Sub",
    "SubAssign",
    "BuildHasher",
    "AsFd",
    "AsRawFd",
];

/// Why a function is left alone whatever stands around it.
pub(super) fn left(attributes: &[&Attribute], signature: &Signature) -> Option<Left> {
    if signature.constness.is_some() {
        return Some(Left::Const);
    }
    let attributes = || attributes.iter().copied();
    if attributes::profiled(attributes()) {
        return Some(Left::Profiled);
    }
    if attributes::is_resource(attributes()) {
        return Some(Left::Resource);
    }
    attributes::left_out(attributes()).or_else(|| attributes::forbidding(attributes()))
}

/// The first token behind the attributes.
pub(super) fn head(parts: &Parts<'_>) -> Span {
    let signature = parts.signature;
    let visibility = match parts.visibility {
        Some(Visibility::Public(word)) => Some(word.span()),
        Some(Visibility::Restricted(restricted)) => Some(restricted.pub_token.span()),
        _ => None,
    };
    let safety = match &signature.safety {
        syn::Safety::Safe(word) => Some(word.span()),
        syn::Safety::Unsafe(word) => Some(word.span()),
        syn::Safety::Default => None,
    };
    let default = parts.modifiers.defaultness.as_ref().map(|word| word.span());
    let qualifiers = [
        visibility,
        default,
        signature.constness.as_ref().map(|word| word.span()),
        signature.asyncness.as_ref().map(|word| word.span()),
        safety,
        signature.abi.as_ref().map(|abi| abi.extern_token.span()),
    ];
    qualifiers.into_iter().flatten().next().unwrap_or_else(|| signature.fn_token.span())
}

/// Whether a function returns a type of this name.
pub(super) fn returns(signature: &Signature, name: &str) -> bool {
    matches!(&signature.output, syn::ReturnType::Type(_, returned)
        if matches!(&**returned, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name)))
}

/// Whether a function is asked about its arguments, and may answer that nothing applies: `None` or `false`.
pub(super) fn is_question(signature: &Signature) -> bool {
    let has_arguments = signature.inputs.iter().any(|input| matches!(input, syn::FnArg::Typed(_)));
    has_arguments && (returns(signature, "Option") || returns(signature, "bool"))
}

/// Whether the attribute times a future: of an `async fn`, or of a function that boxes an async block.
pub(super) fn is_future(signature: &Signature, body: &Block) -> bool {
    let boxes = matches!(body.stmts.last(), Some(syn::Stmt::Expr(syn::Expr::Call(call), None))
        if matches!(call.args.first(), Some(syn::Expr::Async(_))));
    signature.asyncness.is_some() || returns(signature, "Pin") && boxes
}

/// Whether the type of an argument is bound by `Fn`, `FnMut` or `FnOnce`.
pub(super) fn takes_closure(signature: &Signature) -> bool {
    struct Bounds(bool);
    impl<'ast> Visit<'ast> for Bounds {
        fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
            let name = bound.path.segments.last().map(|last| last.ident.to_string());
            self.0 |= name.is_some_and(|name| matches!(name.as_str(), "Fn" | "FnMut" | "FnOnce"));
        }
    }
    let mut bounds = Bounds(false);
    bounds.visit_generics(&signature.generics);
    signature.inputs.iter().for_each(|input| bounds.visit_fn_arg(input));
    bounds.0
}

/// The name of a type without its parameters.
pub(super) fn type_name(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        Type::Reference(reference) => type_name(&reference.elem),
        Type::Paren(inner) => type_name(&inner.elem),
        Type::Group(inner) => type_name(&inner.elem),
        Type::Slice(inner) => format!("[{}]", type_name(&inner.elem)),
        Type::TraitObject(object) => object
            .bounds
            .iter()
            .find_map(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| last.ident.to_string()),
                _ => None,
            })
            .unwrap_or_default(),
        _ => "_".into(),
    }
}
