//! The dependency in `Cargo.toml`: one line, which says that it is ours.

use std::fmt;

use toml_edit::{Document, Item, Value};

/// The comment by which the line is found again.
const MARK: &str = "# added by perf-report annotate";

/// Why a manifest cannot have the line.
#[derive(Debug)]
pub(super) enum ManifestError {
    /// The manifest is not TOML.
    Syntax(String),
    /// Its dependencies are written in braces.
    Inline,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::Syntax(message) => write!(f, "cannot be parsed: {}", message.trim()),
            ManifestError::Inline => f.write_str(
                "`dependencies = { … }` has no place for a line; write the dependencies below a header `[dependencies]`",
            ),
        }
    }
}

/// Whether a text is a TOML value that a dependency can have.
pub(super) fn is_dependency(text: &str) -> bool {
    matches!(text.parse::<Value>(), Ok(Value::String(_) | Value::InlineTable(_)))
}

/// Whether a workspace's manifest says how its members depend on the runtime.
pub(super) fn is_in_workspace(manifest: &str) -> bool {
    let Ok(document) = Document::parse(manifest) else { return false };
    let dependencies = document.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    dependencies.and_then(|dependencies| dependencies.get("perf-runtime")).is_some()
}

/// The manifest with the line.
///
/// Below a header `[dependencies]` it is the first line. Without that header it is the first line of the file: TOML lets
/// `[dependencies.serde]` follow a dotted key of the same table.
pub(super) fn with_dependency(manifest: &str, value: &str) -> Result<String, ManifestError> {
    let document = Document::parse(manifest).map_err(|error| ManifestError::Syntax(error.to_string()))?;
    let header = match document.get("dependencies") {
        Some(Item::Table(table)) if !table.is_implicit() && !table.is_dotted() => table.span(),
        Some(Item::Value(_)) => return Err(ManifestError::Inline),
        _ => None,
    };
    let bom = manifest.len() - manifest.trim_start_matches('\u{feff}').len();
    let (at, key) = match header {
        Some(header) => match manifest[header.start..].find('\n') {
            Some(end) => (header.start + end + 1, "perf-runtime"),
            // The header is the last line, and has no end.
            None => return Ok(format!("{manifest}\nperf-runtime = {value} {MARK}")),
        },
        None => (bom, "dependencies.perf-runtime"),
    };
    let line_end = if manifest.contains("\r\n") { "\r\n" } else { "\n" };
    let (before, after) = manifest.split_at(at);
    Ok(format!("{before}{key} = {value} {MARK}{line_end}{after}"))
}

/// The manifest without the line.
pub(super) fn without_dependency(manifest: &str) -> String {
    // A byte-order mark stays the first of the file, and is no part of the line behind it.
    if let Some(rest) = manifest.strip_prefix('\u{feff}') {
        return format!("\u{feff}{}", without_dependency(rest));
    }
    let is_ours = |line: &str| line.trim_end().ends_with(MARK) && line.contains("perf-runtime");
    let kept: String = manifest.split_inclusive('\n').filter(|line| !is_ours(line)).collect();
    match manifest.split_inclusive('\n').next_back() {
        // It was added behind a header without a line end.
        Some(last) if is_ours(last) && !last.ends_with('\n') => kept.strip_suffix('\n').unwrap_or(&kept).to_owned(),
        _ => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_comes_and_goes_wherever_dependencies_stand() {
        for manifest in [
            "[package]\nname = \"a\"\n",
            "# head\n[package]\nname = \"a\"\n\n[dependencies] # ours\n# first\nserde = \"1\"\n",
            "[package]\r\nname = \"a\"\r\n\r\n[dependencies]\r\n",
            "[package]\nname = \"a\"\n[dependencies]",
            "[package]\nname = \"a\"\n[dependencies.serde]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies.libc]\nversion = \"1\"",
            "dependencies.serde = \"1\"\n[package]\nname = \"a\"\n",
            "\u{feff}[package]\nname = \"a\"\n",
            "package.name = \"a\"",
        ] {
            let with = with_dependency(manifest, "\"0.1\"").unwrap();
            let read: toml::Table =
                with.trim_start_matches('\u{feff}').parse().unwrap_or_else(|error| panic!("{error}: {with}"));
            assert_eq!(read["dependencies"]["perf-runtime"].as_str(), Some("0.1"), "{with}");
            assert_eq!(with.lines().count(), manifest.lines().count() + 1, "{with}");
            assert_eq!(without_dependency(&with), manifest);
        }
    }

    #[test]
    fn a_line_of_the_user_stays() {
        let theirs = "[dependencies]\nperf-runtime = \"0.1\" # measured\n";
        assert_eq!(without_dependency(theirs), theirs);
    }

    #[test]
    fn dependencies_in_braces_are_refused_and_a_workspace_is_asked() {
        let inline = "dependencies = { serde = \"1\" }\n[package]\nname = \"a\"\n";
        assert!(with_dependency(inline, "\"0.1\"").unwrap_err().to_string().contains("[dependencies]"));
        assert!(with_dependency("[package", "\"0.1\"").unwrap_err().to_string().contains("line 1"));
        assert!(is_in_workspace("[workspace.dependencies]\nperf-runtime = \"0.1\"\n"));
        assert!(!is_in_workspace("[workspace.dependencies]\nperf = \"0.1\"\n"));
        assert!(is_dependency("{ path = \"../x\" }") && !is_dependency("3") && !is_dependency("\"a\" b"));
    }
}
