//! The recordings that are served: those that the arguments name, and those that come and go in their folders.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::follow::Followed;
use crate::{
    command::live::Target,
    view::metrics::{self, Exporter, Source},
};

/// The most recordings that are read. A folder may have any number of them.
const MOST: usize = 500;

/// All recordings, by their names.
#[derive(Debug)]
pub(crate) struct Recordings {
    places: Vec<Target>,
    followed: BTreeMap<String, Followed>,
    function_limit: usize,
    /// The problem of each, so that it is said once.
    problems: BTreeMap<String, String>,
    left_out: u64,
    /// New problems, to be said.
    news: Vec<String>,
}

impl Recordings {
    pub(crate) fn new(arguments: &[PathBuf], function_limit: usize) -> Recordings {
        Recordings {
            places: arguments.iter().map(|argument| Target::new(argument)).collect(),
            followed: BTreeMap::new(),
            function_limit,
            problems: BTreeMap::new(),
            left_out: 0,
            news: Vec::new(),
        }
    }

    /// Reads all recordings as they are now.
    pub(crate) fn refresh(&mut self) {
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

    /// The recordings to read now, by name.
    fn targets(&mut self) -> BTreeMap<String, Target> {
        let mut all: BTreeMap<String, Target> = BTreeMap::new();
        let mut files: HashSet<PathBuf> = HashSet::new();
        self.left_out = 0;
        let places = self.places.clone();
        for place in &places {
            // Whether a path is a folder may change, as may all that is in it.
            let targets = match place {
                Target::File(path) => in_folder(path).unwrap_or_else(|| vec![place.clone()]),
                Target::Process(_) => vec![place.clone()],
            };
            for target in targets {
                let name = self.name_of(&target);
                if let Target::File(path) = &target
                    && !files.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
                {
                    continue;
                }
                if all.len() < MOST {
                    all.insert(name, target);
                } else {
                    self.left_out += 1;
                }
            }
        }
        all
    }

    /// The name of a recording, which must not depend on what else there is. Of several places each may have one of the same name.
    fn name_of(&self, target: &Target) -> String {
        match target {
            Target::Process(pid) => pid.to_string(),
            Target::File(path) if self.places.len() > 1 => path.display().to_string(),
            Target::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        }
    }

    /// Why a process that was asked for cannot be served: unlike a file, it will not come.
    pub(super) fn missing_process(&self) -> Option<&str> {
        let processes = self.places.iter().filter(|place| matches!(place, Target::Process(_)));
        processes.map(|place| self.name_of(place)).find_map(|name| self.problems.get(&name)).map(String::as_str)
    }

    /// The problems since the last time.
    pub(super) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// Why there is no recording to answer about.
    pub(crate) fn refusal(&self, name: Option<&str>) -> String {
        let names: Vec<String> =
            self.names().into_iter().take(20).map(|name| name.escape_debug().to_string()).collect();
        match (name, names.as_slice()) {
            (_, []) => "there is no recording yet; start a program with PERF_RECORDING=FILE".into(),
            (Some(name), _) => format!("there is no recording {name:?}; there is {}", names.join(", ")),
            (None, _) => {
                format!("there are several recordings; name one of them (recording=NAME): {}", names.join(", "))
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.followed.keys().map(String::as_str).collect()
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Followed> {
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

/// The recordings in a folder; `None` if it is none, or none that can be read.
fn in_folder(folder: &Path) -> Option<Vec<Target>> {
    let entries = fs::read_dir(folder).ok()?;
    let is_recording =
        |file: &PathBuf| file.extension().is_some_and(|extension| extension == "perfrec") && file.is_file();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_recording).collect();
    files.sort();
    Some(files.into_iter().map(Target::File).collect())
}
