//! A function's signature: cut into its parts, each of which stays the tokens that the user wrote.
//!
//! A parser of the whole grammar knows the grammar of one edition. Cutting alone also reads edition 2015, such as
//! `fn f(async: Box<Fn(u8)>)`, and syntax that later editions add.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};

use super::attribute::Attribute;
use crate::tokens::{
    Angles, angle_brackets, between, in_place_of, is_punct, is_word, mentions, split_at_commas, trees,
};

/// Everything between the visibility and the body.
pub(crate) struct Signature {
    /// `const`, `async`, `unsafe`, `extern "C"`, in the order in which they were written.
    qualifiers: Vec<(Ident, TokenStream)>,
    pub(crate) name: Ident,
    /// The tokens between the angle brackets behind the name.
    pub(crate) generics: TokenStream,
    /// Everything before the arguments, as written.
    head: TokenStream,
    pub(crate) arguments: Group,
    /// Everything behind the arguments, as written.
    tail: TokenStream,
    /// The type behind `->`.
    pub(crate) output: Option<TokenStream>,
    /// `where ...`, if there is one.
    where_clause: TokenStream,
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        let mut qualifiers = Vec::new();
        while !input.peek(Token![fn]) {
            let word = input.call(Ident::parse_any)?;
            let abi: Option<TokenTree> = if input.peek(syn::Lit) { Some(input.parse()?) } else { None };
            qualifiers.push((word.clone(), quote!(#word #abi)));
        }
        input.parse::<Token![fn]>()?;
        let name = input.call(Ident::parse_any)?;
        let generics = if input.peek(Token![<]) { angle_brackets(input)? } else { TokenStream::new() };
        let head = between(start, input.cursor());
        if !input.peek(syn::token::Paren) {
            return Err(input.error("expected the arguments of the function in parentheses"));
        }
        let arguments = input.parse()?;
        let start = input.cursor();
        let (output, where_clause) = output_and_where(input)?;
        let tail = between(start, input.cursor());
        Ok(Signature { qualifiers, name, generics, head, arguments, tail, output, where_clause })
    }
}

/// Consumes `-> Type where ...` up to the body or the semicolon; gives the type, and the rest.
fn output_and_where(input: ParseStream<'_>) -> syn::Result<(Option<TokenStream>, TokenStream)> {
    let mut output = None;
    let mut where_clause = TokenStream::new();
    if input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        output = Some(TokenStream::new());
    }
    let mut angles = Angles::default();
    let mut in_output = output.is_some();
    let mut before = [None, None];
    while !input.is_empty() {
        let called = matches!(&before, [Some(TokenTree::Ident(_)), Some(bang)] if is_punct(bang, '!'));
        if angles.closed() && (input.peek(Token![;]) || input.peek(syn::token::Brace) && !called) {
            break;
        }
        let tree: TokenTree = input.parse()?;
        in_output &= !(angles.closed() && is_word(&tree, "where"));
        let _ = angles.step(&tree);
        match &mut output {
            Some(output) if in_output => output.append(tree.clone()),
            _ => where_clause.append(tree.clone()),
        }
        before = [before[1].take(), Some(tree)];
    }
    Ok((output, where_clause))
}

impl Signature {
    /// The tokens of a qualifier: `const`, `async`, `unsafe`, or `extern "C"` by `extern`.
    pub(crate) fn qualifier(&self, word: &str) -> Option<&TokenStream> {
        self.qualifiers.iter().find(|(qualifier, _)| qualifier == word).map(|(_, tokens)| tokens)
    }

    /// Whether it is an `async fn`.
    pub(crate) fn is_async(&self) -> bool {
        self.qualifier("async").is_some()
    }

    /// The names of the type parameters.
    pub(crate) fn type_parameters(&self) -> Vec<Ident> {
        let parameter = |input: ParseStream<'_>| {
            Attribute::parse_outer(input)?;
            let name = if input.peek(syn::Lifetime) { None } else { Some(input.call(Ident::parse_any)?) };
            input.parse::<TokenStream>()?;
            Ok(name.filter(|name| name != "const"))
        };
        let parameters = split_at_commas(self.generics.clone());
        parameters.into_iter().filter_map(|tokens| parameter.parse2(tokens).ok().flatten()).collect()
    }

    /// Whether `Self` has a meaning in it that calls can be told apart by.
    pub(crate) fn mentions_self(&self) -> bool {
        self.parsed_arguments().iter().any(|argument| argument.pattern.is_receiver())
            || mentions(&self.to_token_stream(), "Self")
    }

    /// The arguments, each in its parts.
    pub(crate) fn parsed_arguments(&self) -> Vec<Argument> {
        split_at_commas(self.arguments.stream()).into_iter().map(Argument::of).collect()
    }

    /// The signature with other arguments.
    pub(crate) fn with_arguments(&self, arguments: &[Argument]) -> TokenStream {
        let (head, tail) = (&self.head, &self.tail);
        let arguments = in_place_of(&self.arguments, quote!(#(#arguments),*));
        quote!(#head #arguments #tail)
    }

    /// The signature of the function that an `async fn` stands for: not `async`, with other arguments and another return type.
    pub(crate) fn desugared(&self, arguments: &[Argument], output: &TokenStream) -> TokenStream {
        let mut head: Vec<TokenTree> = self.head.clone().into_iter().collect();
        if let Some(index) = head.iter().position(|tree| is_word(tree, "async")) {
            head.remove(index);
        }
        let arguments = in_place_of(&self.arguments, quote!(#(#arguments),*));
        let where_clause = &self.where_clause;
        quote!(#(#head)* #arguments -> #output #where_clause)
    }
}

impl ToTokens for Signature {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Signature { head, arguments, tail, .. } = self;
        tokens.extend(quote!(#head #arguments #tail));
    }
}

/// One argument.
pub(crate) struct Argument {
    /// `#[cfg]` and lint levels.
    pub(crate) attributes: TokenStream,
    pub(crate) pattern: Pattern,
    /// The colon and the type, as written.
    ty: TokenStream,
}

/// How an argument is named or taken apart.
pub(crate) enum Pattern {
    /// `&self` or `&'a mut self`.
    SelfReference(TokenStream),
    /// `self`, `mut self`, `self: Box<Self>`.
    SelfValue(TokenStream),
    /// A name, maybe behind `mut`.
    Name { mutability: Option<Ident>, name: Ident },
    /// Any other pattern.
    Other(TokenStream),
    /// None: an argument of a trait's method in edition 2015 may be a type alone.
    Absent,
}

impl Argument {
    fn of(tokens: TokenStream) -> Argument {
        let mut argument = Argument { attributes: TokenStream::new(), pattern: Pattern::Absent, ty: tokens.clone() };
        let read = |input: ParseStream<'_>| {
            let attributes = Attribute::parse_outer(input)?;
            argument.attributes = quote!(#(#attributes)*);
            let start = input.cursor();
            // `::` is no end of a pattern.
            while !input.is_empty() && (input.peek(Token![::]) || !input.peek(Token![:])) {
                if input.parse::<Option<Token![::]>>()?.is_none() {
                    input.parse::<TokenTree>()?;
                }
            }
            let tokens = between(start, input.cursor());
            let pattern = Pattern::of(tokens.clone());
            if input.is_empty() && !pattern.is_receiver() {
                argument.ty = tokens;
            } else {
                argument.pattern = pattern;
                argument.ty = input.parse()?;
            }
            Ok(())
        };
        let _ = read.parse2(tokens);
        argument
    }

    /// Takes the pattern out and puts a name in its place.
    pub(crate) fn take_pattern(&mut self, name: Ident) -> Pattern {
        std::mem::replace(&mut self.pattern, Pattern::Name { mutability: None, name })
    }
}

impl Pattern {
    fn of(tokens: TokenStream) -> Pattern {
        match trees(&tokens).as_slice() {
            [first, .., last] if is_punct(first, '&') && is_word(last, "self") => Pattern::SelfReference(tokens),
            [.., last] if is_word(last, "self") => Pattern::SelfValue(tokens),
            [TokenTree::Ident(name)] if name != "_" => Pattern::Name { mutability: None, name: name.clone() },
            [TokenTree::Ident(mutability), TokenTree::Ident(name)] if mutability == "mut" => {
                Pattern::Name { mutability: Some(mutability.clone()), name: name.clone() }
            }
            _ => Pattern::Other(tokens),
        }
    }

    fn is_receiver(&self) -> bool {
        matches!(self, Pattern::SelfReference(_) | Pattern::SelfValue(_))
    }

    /// Whether it is `_`.
    pub(crate) fn is_wildcard(&self) -> bool {
        matches!(self, Pattern::Other(tokens) if matches!(trees(tokens).as_slice(), [only] if is_word(only, "_")))
    }
}

impl ToTokens for Pattern {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Pattern::SelfReference(pattern) | Pattern::SelfValue(pattern) | Pattern::Other(pattern) => {
                tokens.extend(pattern.clone());
            }
            Pattern::Name { mutability, name } => tokens.extend(quote!(#mutability #name)),
            Pattern::Absent => {}
        }
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Argument { attributes, pattern, ty } = self;
        tokens.extend(quote!(#attributes #pattern #ty));
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group, TokenStream};
    use quote::{ToTokens, quote};

    use super::{Pattern, Signature};

    fn signature(tokens: &TokenStream) -> Signature {
        syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{tokens}: {error}"))
    }

    #[test]
    fn a_signature_comes_out_as_it_went_in_and_has_the_right_type() {
        let fragment = Group::new(Delimiter::None, quote!(Map<K, V>));
        for (tokens, output) in [
            (quote!(fn f()), None),
            (quote!(const unsafe extern "C" fn f(a: u8, ...) -> !), Some(quote!(!))),
            (
                quote!(fn async(async: u8, dyn: Box<Fn(u8) -> u8>, u8) -> Box<Fn(u8) -> u8>),
                Some(quote!(Box<Fn(u8) -> u8>)),
            ),
            (quote!(fn f<T: Fn() -> U, const N: usize>() -> [T; N] where [T; N]: Sized), Some(quote!([T; N]))),
            (quote!(fn f() -> Grid<{ N + 1 }> where Grid<{ N }>: Sized), Some(quote!(Grid<{ N + 1 }>))),
            (quote!(fn f() -> impl Fn(&u8) -> Vec<u8> where T: Copy), Some(quote!(impl Fn(&u8) -> Vec<u8>))),
            (quote!(fn f() -> ty! { u8 } where T: Copy), Some(quote!(ty! { u8 }))),
            (quote!(fn f(a: #fragment) -> #fragment), Some(quote!(#fragment))),
        ] {
            let signature = signature(&tokens);
            let text = tokens.to_string();
            assert_eq!(signature.to_token_stream().to_string(), text);
            assert_eq!(signature.with_arguments(&signature.parsed_arguments()).to_string(), text);
            assert_eq!(signature.output.map(|ty| ty.to_string()), output.map(|ty| ty.to_string()), "{text}");
        }
    }

    #[test]
    fn type_parameters_are_those_that_are_types() {
        let tokens = quote!(fn f<'a, #[cfg(a)] T: Into<Map<K, V>> + 'a, const N: usize, U = Vec<T>>());
        let names: Vec<_> = signature(&tokens).type_parameters().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["T", "U"]);
    }

    #[test]
    fn arguments_are_told_apart_by_their_patterns() {
        let fragment = Group::new(Delimiter::None, quote!(a));
        for (tokens, expected) in [
            (quote!(&'a mut self), "reference"),
            (quote!(mut self: Box<Map<K, V>>), "value"),
            (quote!(self), "value"),
            (quote!(mut a: ::std::vec::Vec<u8>), "name"),
            (quote!(#fragment: u8), "name"),
            (quote!(r#type: u8), "name"),
            (quote!(_: u8), "wildcard"),
            (quote!(ref a: u8), "other"),
            (quote!(a::B { c: d }: a::B), "other"),
            (quote!(a::C::<K, V>(_): u8), "other"),
            (quote!(Map<K, V>), "absent"),
            (quote!(...), "absent"),
        ] {
            let arguments = signature(&quote!(fn f(#tokens))).parsed_arguments();
            let found = match &arguments[0].pattern {
                Pattern::SelfReference(_) => "reference",
                Pattern::SelfValue(_) => "value",
                Pattern::Name { .. } => "name",
                pattern if pattern.is_wildcard() => "wildcard",
                Pattern::Other(_) => "other",
                Pattern::Absent => "absent",
            };
            assert_eq!((arguments.len(), found), (1, expected), "{tokens}");
        }
    }
}
