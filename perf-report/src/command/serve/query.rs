//! The query of an address: `recording=app.perfrec&limit=20`.

/// A value of the query, as it was before it was escaped.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pair = query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(unescape(pair))
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let (plain, left) = match (byte, hex) {
            (b'%', Some(value)) => (value, &after[2..]),
            (b'+', _) => (b' ', after),
            _ => (byte, after),
        };
        bytes.push(plain);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text as it can stand in a query.
pub(super) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_were_written() {
        for text in ["app.perfrec", "ä b+c&d=e%/?\"\n", "%", "%zz", "100%25"] {
            assert_eq!(
                parameter(Some(&format!("x=1&recording={}&y", escape(text))), "recording").as_deref(),
                Some(text)
            );
        }
        assert_eq!(parameter(Some("recording=%zz+%2"), "recording").as_deref(), Some("%zz %2"));
        assert_eq!((parameter(None, "a"), parameter(Some("ab=1"), "a")), (None, None));
    }
}
