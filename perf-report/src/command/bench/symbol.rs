//! Names of symbols.

/// A symbol without what only tells instances of one function apart: values of generic parameters, a hash, the number of a
/// recursion.
pub(super) fn plain(symbol: &str) -> String {
    let symbol = match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => symbol,
    };
    let symbol = symbol.split('\'').next().unwrap_or(symbol);
    let name = match symbol.strip_suffix('>').and_then(|rest| rest.split_once("::<")) {
        Some((name, _)) if !name.starts_with('<') => name,
        _ => symbol,
    };
    name.to_owned()
}

/// Whether a function's name has generic parameters, each of which is recorded as `_`: `app::Index<_>::build`.
pub(super) fn is_generic(name: &str) -> bool {
    (0..name.len()).any(|at| is_parameter(name.as_bytes(), at))
}

/// Whether a symbol is that of a function with generic parameters, in place of which it has their names or types: `app::Index<T>::build`.
pub(super) fn is_instance(symbol: &str, name: &str) -> bool {
    let [symbol, name] = [symbol, name].map(|text| text.bytes().filter(|&byte| byte != b' ').collect::<Vec<u8>>());
    let mut rest = symbol.as_slice();
    for (at, &byte) in name.iter().enumerate() {
        if is_parameter(&name, at) {
            let length = argument(rest);
            rest = &rest[length..];
            if length == 0 {
                return false;
            }
        } else if let Some(after) = rest.strip_prefix(&[byte]) {
            rest = after;
        } else {
            return false;
        }
    }
    rest.is_empty()
}

/// Whether a whole generic argument is `_` here.
fn is_parameter(name: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| name.get(before));
    name[at] == b'_' && matches!(before, Some(b'<' | b',' | b' ')) && matches!(name.get(at + 1), Some(b'>' | b','))
}

/// How many bytes the generic argument has with which a text begins.
fn argument(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            // The `>` of `->` closes nothing.
            b'>' if at > 0 && text[at - 1] == b'-' => {}
            b',' | b'>' if depth == 0 => return at,
            b'<' | b'(' | b'[' => depth += 1,
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_an_instance_whatever_its_parameters_are_called() {
        for (symbol, name, is_it) in [
            ("app::G<A>::sum", "app::G<_>::sum", true),
            ("app::G<alloc::vec::Vec<(u8, u16)>>::sum", "app::G<_>::sum", true),
            ("<app::G<fn(u8) -> u8> as app::T>::go", "<app::G<_> as app::T>::go", true),
            ("<app::G<A,u8> as app::T<B>>::go", "<app::G<_, u8> as app::T<_>>::go", true),
            ("<app::G<A,u16> as app::T<B>>::go", "<app::G<_, u8> as app::T<_>>::go", false),
            ("app::G<A>::sum::{{closure}}", "app::G<_>::sum", false),
            ("app::G<>::sum", "app::G<_>::sum", false),
            ("app::other", "app::_x", false),
        ] {
            assert_eq!(is_instance(symbol, name), is_it, "{symbol} {name}");
        }
        assert_eq!(["app::G<_>::f", "app::G<u8, _>::f", "app::_f", "_"].map(is_generic), [true, true, false, false]);
    }

    #[test]
    fn a_symbol_is_known_without_its_instance() {
        for symbol in ["app::parse", "app::parse::<u8>", "app::parse::h0123456789abcdef", "app::parse'2"] {
            assert_eq!(plain(symbol), "app::parse", "{symbol}");
        }
        assert_eq!(plain("<app::Index as core::fmt::Display>::fmt"), "<app::Index as core::fmt::Display>::fmt");
    }
}
