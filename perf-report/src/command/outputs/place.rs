//! Where a function stands in the sources, as the tools of a repository want it.

use std::path::Path;

/// A file and a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::command) struct Place {
    /// The path with slashes, relative to the folder of the repository where it can be.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
}

impl Place {
    /// A place as the compiler names it; `None` if the file is not known.
    pub(in crate::command) fn at(file: &str, line: u32) -> Option<Place> {
        let folder = std::env::current_dir().unwrap_or_default();
        let file = within(file, &folder.to_string_lossy());
        (!file.is_empty()).then(|| Place { file, line: line.max(1) })
    }
}

/// A path relative to a folder, if it lies there. Cargo gives the compiler paths relative to the workspace already.
fn within(file: &str, folder: &str) -> String {
    let slashes = |path: &str| path.replace('\\', "/");
    let (file, folder) = (slashes(file), slashes(folder));
    let inside = file.strip_prefix(&folder).and_then(|rest| rest.strip_prefix('/'));
    let relative = inside.unwrap_or(&file);
    relative.strip_prefix("./").unwrap_or(relative).to_owned()
}

/// The path as a URI: relative ones stay so.
pub(super) fn uri(file: &str) -> String {
    let mut uri = String::new();
    if file.starts_with('/') {
        uri.push_str("file://");
    } else if Path::new(file).is_absolute() || file.get(1..2) == Some(":") {
        uri.push_str("file:///");
    }
    for &byte in file.as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_where_they_can_be() {
        assert_eq!(within("src/main.rs", "/home/me/app"), "src/main.rs");
        assert_eq!(within("/home/me/app/src/main.rs", "/home/me/app"), "src/main.rs");
        assert_eq!(within("/home/me/apple/main.rs", "/home/me/app"), "/home/me/apple/main.rs");
        assert_eq!(within(r".\src\main.rs", r"C:\app"), "src/main.rs");
    }

    #[test]
    fn uris_hold_any_name() {
        assert_eq!(uri("src/a b#ü.rs"), "src/a%20b%23%C3%BC.rs");
        assert_eq!(uri("/etc/x.rs"), "file:///etc/x.rs");
        assert_eq!(uri("C:/app/x.rs"), "file:///C%3A/app/x.rs");
    }
}
