//! Findings of clippy and rustc: one run of `cargo clippy`, and its messages.

use std::{
    collections::HashSet,
    io::{self, BufReader, IsTerminal, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use cargo_metadata::{
    Message, PackageId, TargetKind,
    diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan},
};

use super::{
    finding::{Finding, Place},
    lints,
    workspace::{Workspace, first_error},
};

/// A crate that was checked.
pub(super) struct CheckedCrate {
    /// Its first source file.
    pub(super) root: PathBuf,
    /// Its name in paths.
    pub(super) name: String,
}

/// The messages of a run of clippy.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) crates: Vec<CheckedCrate>,
}

/// Runs clippy on a workspace. The error is a message of one or more lines.
pub(super) fn run(cargo: &Path, workspace: &Workspace, more: &[String]) -> Result<Checked, String> {
    let version = Command::new(cargo).args(["clippy", "--version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        return Err("clippy is not installed; install it with `rustup component add clippy`".to_owned());
    }
    let mut child = Command::new(cargo)
        .args(["clippy", "--message-format=json", "--manifest-path"])
        .arg(&workspace.manifest)
        .args(more)
        .arg("--")
        .args(lints::arguments())
        // From an incremental cache some lints (`unused_async`) come back with the lines and the allowances that they had before.
        .env("CARGO_INCREMENTAL", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if io::stderr().is_terminal() { Stdio::inherit() } else { Stdio::piped() })
        .spawn()
        .map_err(|error| format!("cargo clippy cannot be started: {error}"))?;
    // Read at the same time: a full pipe would stop cargo.
    let complaints = child.stderr.take().map(|mut stderr| {
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
    });
    let mut messages = Messages::new(workspace);
    let mut torn = None;
    for message in child.stdout.take().into_iter().flat_map(|stdout| Message::parse_stream(BufReader::new(stdout))) {
        match message {
            Ok(message) => messages.take(message),
            Err(error) => torn = Some(error),
        }
    }
    let status = child.wait().map_err(|error| format!("cargo clippy cannot be waited for: {error}"))?;
    let complaints = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
    if !messages.errors.is_empty() {
        return Err(messages.compile_errors());
    }
    if !status.success() {
        return Err(format!("cargo clippy failed: {}", first_error(&complaints)));
    }
    if let Some(error) = torn {
        return Err(format!("a message of cargo clippy cannot be read: {error}"));
    }
    Ok(Checked { findings: messages.findings, crates: messages.crates })
}

/// The messages of a run, as they come.
struct Messages<'a> {
    workspace: &'a Workspace,
    findings: Vec<Finding>,
    crates: Vec<CheckedCrate>,
    /// A package that does not compile: its name, and the compiler's own text.
    errors: Vec<(String, String)>,
    /// Targets with common files report what is in them twice.
    seen: HashSet<(String, String, usize, usize)>,
}

/// Most errors of a compiler that are repeated.
const ERRORS_SHOWN: usize = 3;

impl<'a> Messages<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        Messages { workspace, findings: Vec::new(), crates: Vec::new(), errors: Vec::new(), seen: HashSet::new() }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::CompilerArtifact(artifact) if self.workspace.members.contains_key(&artifact.package_id) => {
                if artifact.target.kind.contains(&TargetKind::CustomBuild) {
                    return;
                }
                let root = artifact.target.src_path.into_std_path_buf();
                if !self.crates.iter().any(|known| known.root == root) {
                    let name = artifact.target.name.replace('-', "_");
                    self.crates.push(CheckedCrate { root, name });
                }
            }
            Message::CompilerMessage(message) => {
                let is_error = matches!(message.message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
                if is_error {
                    let text = message.message.rendered.unwrap_or(message.message.message);
                    self.errors.push((message.target.name, text));
                } else if self.workspace.members.contains_key(&message.package_id)
                    // Build scripts run while cargo builds, and are in no profile.
                    && !message.target.kind.contains(&TargetKind::CustomBuild)
                {
                    self.take_finding(&message.package_id, &message.message);
                }
            }
            _ => {}
        }
    }

    fn take_finding(&mut self, package: &PackageId, diagnostic: &Diagnostic) {
        let Some(lint) = diagnostic.code.as_ref().and_then(|code| lints::of_code(&code.code)) else { return };
        if self.workspace.allows(package, lint.name) {
            return;
        }
        let Some(span) = diagnostic.spans.iter().find(|span| span.is_primary) else { return };
        let Some(place) = self.place(span) else { return };
        if !self.seen.insert((lint.name.to_owned(), place.file.clone(), place.bytes.start, place.bytes.end)) {
            return;
        }
        let kind = (lint.severity, lint.effect, lint.weight);
        let mut finding = Finding::new(lint.name, kind, place, diagnostic.message.clone());
        for child in &diagnostic.children {
            // Where a lint's level comes from, and its address, help nobody here.
            let is_remedy = matches!(child.level, DiagnosticLevel::Help)
                && !child.message.starts_with("for further information visit")
                && !child.message.starts_with("to override");
            if is_remedy {
                finding.help.push(remedy(child));
            }
        }
        self.findings.push(finding);
    }

    /// Where a span is in the workspace's own files: of code that a macro made, where the outermost macro was called.
    fn place(&self, span: &DiagnosticSpan) -> Option<Place> {
        let mut span = span;
        while let Some(expansion) = &span.expansion {
            span = &expansion.span;
        }
        let path = self.workspace.root.join(&span.file_name);
        let is_own = path.starts_with(&self.workspace.root) && path.is_file();
        is_own.then(|| Place {
            file: self.workspace.relative(&path),
            line: span.line_start,
            column: span.column_start,
            end_line: span.line_end,
            end_column: span.column_end,
            bytes: span.byte_start as usize..span.byte_end as usize,
        })
    }

    /// The message for code that does not compile: which crates, and the compiler's first errors.
    fn compile_errors(&self) -> String {
        let mut crates: Vec<&str> = self.errors.iter().map(|error| error.0.as_str()).collect();
        crates.sort_unstable();
        crates.dedup();
        let verb = if crates.len() == 1 { "does" } else { "do" };
        let mut message = format!("{} {verb} not compile; correct these errors first:", crates.join(", "));
        // The compiler's last "error" only counts the others.
        let errors = self.errors.iter().filter(|error| !error.1.starts_with("error: aborting due to"));
        for (_, text) in errors.take(ERRORS_SHOWN) {
            message += "\n\n";
            message += text.trim_end();
        }
        message
    }
}

/// A remedy as a sentence, with the code to write where the compiler knows it.
fn remedy(help: &Diagnostic) -> String {
    let mut replacements = help.spans.iter().filter_map(|span| span.suggested_replacement.as_deref());
    match (replacements.next(), replacements.next()) {
        (Some(code), None) if !code.trim().is_empty() && !code.contains('\n') && code.len() <= 80 => {
            format!("{}: `{}`", help.message, code.trim())
        }
        _ => help.message.clone(),
    }
}
