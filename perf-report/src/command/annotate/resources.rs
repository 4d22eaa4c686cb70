//! Which lazy statics of a package become resources, and why the others stay.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    lazy::{Insertion, LazyStatic, Made, Once},
    modules::SourceFile,
    once::Fill,
    packages::Package,
    remove,
    uses::{self, Use},
};

/// A static that becomes a resource, and the text to put into its file.
pub(super) struct NewResource {
    pub(super) place: LazyStatic,
    pub(super) insertions: Vec<Insertion>,
}

/// Decides on the statics of a package whose names are asked for.
pub(super) fn decide(
    package: &Package,
    files: &[SourceFile],
    asked: &dyn Fn(&str) -> bool,
) -> (Vec<NewResource>, Vec<(LazyStatic, String)>) {
    let statics: Vec<LazyStatic> = files
        .iter()
        .flat_map(|file| file.parsed.statics.iter().map(|one| LazyStatic { file: file.path.clone(), ..one.clone() }))
        .collect();
    if !statics.iter().any(|one| asked(&one.name)) {
        return (Vec::new(), Vec::new());
    }
    let uses = Uses::of(package, files, &statics);
    let is_library = package.targets.iter().any(|target| target.kind.iter().any(|kind| kind.ends_with("lib")));
    let (mut become_resources, mut stay) = (Vec::new(), Vec::new());
    for (number, one) in statics.iter().enumerate().filter(|(_, one)| asked(&one.name)) {
        let decided = match &one.made {
            Made::Here(Err(reason)) | Made::ByUsers(Err(reason)) => Err((*reason).to_owned()),
            _ if one.is_public && is_library => Err("it is public, and other crates may use it".to_owned()),
            Made::Here(Ok(insertions)) => match uses.hindrance(number) {
                Some(reason) => Err(reason),
                None => Ok(insertions.clone()),
            },
            Made::ByUsers(Ok((hidden, once))) => uses.filled(number, &statics, files, hidden, once),
        };
        match decided {
            Ok(insertions) => become_resources.push(NewResource { place: one.clone(), insertions }),
            Err(reason) => stay.push((one.clone(), reason)),
        }
    }
    all_of_a_macro(&mut become_resources, &mut stay);
    (become_resources, stay)
}

/// Statics of one `lazy_static!` share its braces: where one has to stay, all do.
fn all_of_a_macro(become_resources: &mut Vec<NewResource>, stay: &mut Vec<(LazyStatic, String)>) {
    let stuck: Vec<PathBuf> = stay.iter().filter(|(one, _)| one.in_macro).map(|(one, _)| one.file.clone()).collect();
    let keeps = |one: &mut NewResource| one.place.in_macro && stuck.contains(&one.place.file);
    let reason = "another static of a lazy_static! in this file has to stay";
    stay.extend(become_resources.extract_if(.., keeps).map(|one| (one.place, reason.to_owned())));
}

/// The uses of the statics of a package, in all its files.
struct Uses {
    /// By the number of the static: the file of each use, and the use.
    of: HashMap<usize, Vec<(PathBuf, Use)>>,
}

impl Uses {
    fn of(package: &Package, files: &[SourceFile], statics: &[LazyStatic]) -> Uses {
        let mut names: Vec<&str> = statics.iter().map(|one| one.ident.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut uses = Uses { of: HashMap::new() };
        let read = |file: &SourceFile| (file.path.clone(), file.text.clone());
        let mut texts: HashMap<PathBuf, String> = files.iter().map(read).collect();
        // Tests, and whatever else is not annotated, use statics too.
        for path in remove::sources_below(package.folder()) {
            let Ok(path) = path.canonicalize() else { continue };
            texts.entry(path).or_insert_with_key(|path| {
                fs::read(path).map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
            });
        }
        let mut texts: Vec<(PathBuf, String)> = texts.into_iter().collect();
        texts.sort();
        for (path, text) in texts {
            let named: Vec<&str> = names.iter().copied().filter(|name| text.contains(name)).collect();
            if named.is_empty() {
                continue;
            }
            let declared = |at| statics.iter().any(|one| one.declared_at == at && one.file == path);
            for found in uses::of(&text, &named, &declared) {
                for number in meant(&found, &path, statics) {
                    uses.of.entry(number).or_default().push((path.clone(), found.clone()));
                }
            }
        }
        uses
    }

    /// The first use that stands in the way.
    fn hindrance(&self, number: usize) -> Option<String> {
        let uses = self.of.get(&number)?;
        uses.iter().find_map(|(file, one)| Some(format!("{} {}", place(file, one.line), one.hindrance.as_ref()?)))
    }

    /// The text that makes a resource of a static that one place makes, and nothing else uses.
    fn filled(
        &self,
        number: usize,
        statics: &[LazyStatic],
        files: &[SourceFile],
        hidden: &[Insertion],
        once: &Once,
    ) -> Result<Vec<Insertion>, String> {
        let one = &statics[number];
        let Some(file) = files.iter().find(|file| file.path == one.file) else { return Ok(Vec::new()) };
        let uses = self.of.get(&number).map(Vec::as_slice).unwrap_or_default();
        let fill = |(path, one): &(PathBuf, Use)| -> Option<&Fill> {
            file.parsed.fills.iter().find(|fill| *path == file.path && fill.at == one.at)
        };
        let other = uses.iter().find(|one| fill(one).is_none());
        if let Some((path, found)) = other {
            let verb = if found.is_import {
                "imports it"
            } else {
                "uses it otherwise than by `get_or_init` in its own module"
            };
            return Err(format!("{} {verb}", place(path, found.line)));
        }
        let fills: Vec<&Fill> = uses.iter().filter_map(fill).collect();
        let fill = match fills[..] {
            [] => return Err("nothing makes its value".into()),
            [fill] => fill,
            [_, second, ..] => return Err(format!("{} makes it too", place(&file.path, second.line))),
        };
        let here = place(&file.path, fill.line);
        if let Some(hindrance) = &fill.hindrance {
            return Err(format!("{here} {hindrance}"));
        }
        if fill.module != one.module {
            return Err(format!("{here} makes it in another module than its own"));
        }
        if self.makes_another(number, statics, file, fill.at) {
            return Err(format!("{here} makes another static of its name too; `cfg` tells them apart"));
        }
        if file.parsed.fills.iter().any(|other| fill.encloses(other) || other.encloses(fill)) {
            return Err(format!("{here} makes it within another, or another within it"));
        }
        let change = fill.change(&file.text, &one.ident, once).map_err(|reason| format!("{here}: {reason}"))?;
        Ok(hidden.iter().cloned().chain(change).collect())
    }

    /// Whether a place that makes a static is one of another static of the same name and module.
    fn makes_another(&self, number: usize, statics: &[LazyStatic], file: &SourceFile, at: usize) -> bool {
        self.of.iter().any(|(other, uses)| {
            *other != number
                && statics[*other].file == file.path
                && statics[*other].module == statics[number].module
                && uses.iter().any(|(path, one)| *path == file.path && one.at == at)
        })
    }
}

fn place(file: &Path, line: usize) -> String {
    format!("{}:{line}", super::super::runs::shown(file))
}

/// The statics that a use may mean: from the innermost block outwards, up to the first that has one which is always there, then all
/// outside of functions.
fn meant(found: &Use, file: &Path, statics: &[LazyStatic]) -> Vec<usize> {
    let named = || statics.iter().enumerate().filter(|(_, one)| one.ident == found.name);
    let mut around: Vec<(usize, usize)> = named()
        .filter_map(|(number, one)| {
            let scope = one.scope.as_ref().filter(|scope| one.file == file && scope.contains(&found.at))?;
            Some((scope.len(), number))
        })
        .collect();
    around.sort_unstable();
    let certain = around.iter().find(|(_, number)| !statics[*number].is_conditional).map(|(length, _)| *length);
    if let Some(certain) = certain {
        around.retain(|(length, _)| *length <= certain);
    } else {
        around.extend(named().filter(|(_, one)| one.scope.is_none()).map(|(number, _)| (usize::MAX, number)));
    }
    around.into_iter().map(|(_, number)| number).collect()
}
