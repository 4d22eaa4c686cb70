//! From the first file of a target to all of its files, as the compiler finds them.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::source::{self, Parsed};
use crate::command::sources::Declared;

/// A file of a target.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// As the declarations lead to it.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) parsed: Parsed,
}

/// A file that is left alone as a whole, and why.
#[derive(Debug)]
pub(super) struct LeftFile {
    pub(super) path: PathBuf,
    pub(super) line: Option<(usize, usize)>,
    pub(super) reason: String,
    /// Whether something is wrong with it.
    pub(super) is_error: bool,
}

/// Collects files, each once.
pub(super) struct Files {
    pub(super) read: Vec<SourceFile>,
    pub(super) left: Vec<LeftFile>,
    seen: HashSet<PathBuf>,
    /// The folder that files must lie in, with links followed, and one that they must not lie in.
    root: PathBuf,
    target: PathBuf,
}

impl Files {
    pub(super) fn new(root: PathBuf, target: PathBuf) -> Files {
        Files { read: Vec::new(), left: Vec::new(), seen: HashSet::new(), root, target }
    }

    /// Reads a target's files, beginning with its first.
    pub(super) fn follow(&mut self, first: &Path, module: &str) {
        let mut open = vec![(first.to_owned(), module.to_owned(), true)];
        while let Some((path, module, owns_folder)) = open.pop() {
            let Some(declared) = self.file(&path, &module) else { continue };
            for declared in declared {
                let inner = std::iter::once(module.as_str()).chain(declared.path()).collect::<Vec<_>>().join("::");
                let found = declared.files(&path, owns_folder);
                if found.is_empty() && !declared.optional {
                    self.leave(&path, None, format!("mod {}; has no file, and is not followed", declared.name), true);
                }
                open.extend(found.into_iter().map(|(file, owns_folder)| (file, inner.clone(), owns_folder)));
            }
        }
    }

    /// Reads a file unless it was read before; gives what it declares.
    fn file(&mut self, path: &Path, module: &str) -> Option<Vec<Declared>> {
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                self.leave(path, None, format!("cannot be read: {error}"), true);
                return None;
            }
        };
        if !self.seen.insert(real.clone()) {
            return None;
        }
        if real.starts_with(&self.target) {
            self.leave(path, None, "lies in the target folder, where builds write".into(), false);
            return None;
        }
        if !real.starts_with(&self.root) {
            let place = real.display();
            self.leave(path, None, format!("leads out of the workspace, to {place}"), false);
            return None;
        }
        let text = match std::fs::read(&real).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
                self.leave(path, Some((line, 1)), "is not UTF-8".into(), true);
                return None;
            }
            Err(error) => {
                self.leave(path, None, format!("cannot be read: {error}"), true);
                return None;
            }
        };
        match source::parse(&text, module) {
            Ok(parsed) => {
                let declared = parsed.modules.clone();
                self.read.push(SourceFile { path: real, text, parsed });
                Some(declared)
            }
            Err(error) => {
                let place = Some((error.line, error.column));
                self.leave(path, place, format!("cannot be parsed: {}", error.message), true);
                None
            }
        }
    }

    /// Leaves alone the files that a build script has too: it is built without the runtime.
    pub(super) fn leave_shared(&mut self, script: &Path) {
        let mut of_script = Files::new(self.root.clone(), self.target.clone());
        of_script.follow(script, "build_script_build");
        let included = of_script.read.iter().flat_map(|file| {
            let folder = file.path.parent().unwrap_or(Path::new("."));
            file.parsed.included.iter().map(move |path| folder.join(path))
        });
        let included: Vec<PathBuf> = included.filter_map(|path| path.canonicalize().ok()).collect();
        let script = script.canonicalize().ok();
        for path in of_script.read.into_iter().map(|file| file.path).chain(included) {
            if script.as_ref() != Some(&path) && self.seen.insert(path.clone()) {
                self.leave(&path, None, "the build script has it too, and no dependency on the runtime".into(), false);
            }
        }
    }

    pub(super) fn leave(&mut self, path: &Path, line: Option<(usize, usize)>, reason: String, is_error: bool) {
        self.left.push(LeftFile { path: path.to_owned(), line, reason, is_error });
    }
}
