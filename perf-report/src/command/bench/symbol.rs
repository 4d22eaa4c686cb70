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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_known_without_its_instance() {
        for symbol in ["app::parse", "app::parse::<u8>", "app::parse::h0123456789abcdef", "app::parse'2"] {
            assert_eq!(plain(symbol), "app::parse", "{symbol}");
        }
        assert_eq!(plain("<app::Index as core::fmt::Display>::fmt"), "<app::Index as core::fmt::Display>::fmt");
    }
}
