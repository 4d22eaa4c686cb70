//! The recordings that are served: those that the arguments name, and those that come and go in their folders.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::follow::Followed;
use crate::{
    command::{live::Target, runs},
    view::metrics::{self, Exporter, Source},
};

/// The most recordings that are read. A folder may have any number of them.
const MOST: usize = 500;

/// An argument.
#[derive(Clone, Debug)]
enum Place {
    One(Target),
    Folder(PathBuf),
}

/// All recordings, by their names.
#[derive(Debug)]
pub(super) struct Recordings {
    places: Vec<Place>,
    followed: BTreeMap<String, Followed>,
    function_limit: usize,
    /// What was the matter with each, so that it is said once.
    problems: BTreeMap<String, String>,
    left_out: u64,
    /// New problems, to be said.
    news: Vec<String>,
}

impl Recordings {
    pub(super) fn new(arguments: &[PathBuf], function_limit: usize) -> Recordings {
        let place = |argument: &PathBuf| match Target::new(argument) {
            Target::File(path) if path.is_dir() => Place::Folder(path),
            target => Place::One(target),
        };
        Recordings {
            places: arguments.iter().map(place).collect(),
            followed: BTreeMap::new(),
            function_limit,
            problems: BTreeMap::new(),
            left_out: 0,
            news: Vec::new(),
        }
    }

    /// Reads all recordings as they are now.
    pub(super) fn refresh(&mut self) {
        let targets = self.targets();
        self.followed.retain(|name, _| targets.contains_key(name));
        self.problems.retain(|name, _| targets.contains_key(name));
        for (name, target) in targets {
            let problem = match self.followed.get_mut(&name) {
                Some(followed) => {
                    followed.refresh();
                    followed.problem.clone()
                }
                None => match Followed::open(name.clone(), &target) {
                    Ok(followed) => {
                        self.followed.insert(name.clone(), followed);
                        None
                    }
                    Err(problem) => Some(problem),
                },
            };
            self.note(name, problem);
        }
        self.choose_functions();
    }

    /// Remembers what is the matter with a recording.
    fn note(&mut self, name: String, problem: Option<String>) {
        match problem {
            None => drop(self.problems.remove(&name)),
            Some(problem) if self.problems.get(&name) == Some(&problem) => {}
            Some(problem) => {
                self.news.push(format!("{}: {problem}", name.escape_debug()));
                self.problems.insert(name, problem);
            }
        }
    }

    /// The functions that are shown one by one share the limit; whoever came first keeps its place.
    fn choose_functions(&mut self) {
        let mut taken: usize = self.followed.values().map(|followed| followed.shown.len()).sum();
        for followed in self.followed.values_mut() {
            let before = followed.shown.len();
            let room = before + self.function_limit.saturating_sub(taken);
            followed.shown.renew(&followed.latest, room);
            taken += followed.shown.len() - before;
        }
    }

    /// What there is to read now, by name.
    fn targets(&mut self) -> BTreeMap<String, Target> {
        let mut all: BTreeMap<String, Target> = BTreeMap::new();
        let mut files: HashSet<PathBuf> = HashSet::new();
        self.left_out = 0;
        let places = self.places.clone();
        for place in &places {
            let targets = match place {
                Place::One(target) => vec![(name_of(target), target.clone())],
                Place::Folder(folder) => self.in_folder(folder),
            };
            for (name, target) in targets {
                if let Target::File(path) = &target
                    && !files.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
                {
                    continue;
                }
                // Two files of one name are told apart by their paths.
                let name = match (all.contains_key(&name), &target) {
                    (true, Target::File(path)) => path.display().to_string(),
                    _ => name,
                };
                if all.len() < MOST {
                    all.insert(name, target);
                } else {
                    self.left_out += 1;
                }
            }
        }
        all
    }

    fn in_folder(&mut self, folder: &Path) -> Vec<(String, Target)> {
        let files = match fs::read_dir(folder) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())),
            Err(error) => {
                self.note(runs::shown(folder), Some(format!("cannot be read: {error}")));
                return Vec::new();
            }
        };
        let is_recording =
            |file: &PathBuf| file.extension().is_some_and(|extension| extension == "perfrec") && file.is_file();
        let mut files: Vec<PathBuf> = files.filter(is_recording).collect();
        files.sort();
        files.into_iter().map(Target::File).map(|target| (name_of(&target), target)).collect()
    }

    /// What has gone wrong since the last time.
    pub(super) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.followed.keys().map(String::as_str).collect()
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Followed> {
        self.followed.get_mut(name)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Followed> {
        self.followed.values()
    }

    /// The processes, for the encoders of metrics.
    pub(super) fn sources(&self) -> Vec<Source<'_>> {
        let source = |followed| {
            let Followed { name, latest, shown, damages, .. }: &Followed = followed;
            Source { snapshot: latest, recording: Some(name), shown: Cow::Borrowed(shown), damages: *damages }
        };
        self.followed.values().map(source).collect()
    }

    /// The metrics in a format.
    pub(super) fn metrics<T>(&self, format: impl FnOnce(&metrics::Families<'_>) -> T) -> T {
        let exporter = Exporter {
            function_limit: self.function_limit,
            unreadable: self.problems.len() as u64,
            left_out: self.left_out,
        };
        format(&metrics::collect(&self.sources(), &exporter))
    }
}

fn name_of(target: &Target) -> String {
    match target {
        Target::Process(pid) => pid.to_string(),
        Target::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
    }
}
