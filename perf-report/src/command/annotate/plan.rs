//! From the arguments to the changes.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    AnnotateArgs, TimingMode,
    changes::Change,
    edit::{self, Wish},
    lazy::{Insertion, LazyStatic},
    left::Left,
    manifest, mark,
    measured::Measured,
    modules::{Files, LeftFile},
    packages::{self, Package, Workspace},
    remove,
    resources::{self, NewResource},
    select,
    source::Function,
};

/// The work to do, and the words about it.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) changes: Vec<Change>,
    pub(super) packages: Vec<PackagePlan>,
    pub(super) left_files: Vec<LeftFile>,
    /// The folder that paths are shown from.
    pub(super) root: PathBuf,
    /// How many functions the profiles have, and how many of them were found in the sources.
    pub(super) profiled: Option<(usize, usize)>,
}

/// The changes to a package.
pub(super) struct PackagePlan {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) annotated: usize,
    /// How many had the attribute before.
    pub(super) before: usize,
    pub(super) files: usize,
    /// Functions left alone by reason: names with their places.
    pub(super) left: BTreeMap<Left, Vec<(String, PathBuf, usize)>>,
    /// The dependency that was added.
    pub(super) dependency: Option<String>,
    /// The dependency is optional: it has to be switched on for the attributes to be found.
    pub(super) optional: bool,
    /// How many functions did not match the filter.
    pub(super) filtered: usize,
    /// Statics that become resources, and those that stay, with the reasons.
    pub(super) resources: Vec<NewResource>,
    pub(super) not_resources: Vec<(LazyStatic, String)>,
    /// Resources of an earlier run.
    resources_before: usize,
}

/// The functions of each file, by the numbers of its package and of itself, with the reason for which one is left alone.
type ByFile<'a> = HashMap<(usize, usize), Vec<(&'a Function, Option<Left>)>>;

/// A package with its sources.
struct Loaded {
    package: Package,
    workspace_manifest: PathBuf,
    files: Files,
}

impl Plan {
    /// Reads all sources and decides; nothing is written.
    pub(super) fn of(args: &AnnotateArgs, measured: Option<&Measured>) -> Result<Plan, String> {
        let mut loaded = load(args)?;
        let starts: Vec<PathBuf> = loaded.iter().map(|one| one.package.folder().to_owned()).collect();
        let mut plan = Plan { root: super::common_root(&starts), ..Plan::default() };
        let mut functions: Vec<Function> = Vec::new();
        let mut owners: Vec<(usize, usize)> = Vec::new();
        for (place, one) in loaded.iter_mut().enumerate() {
            let crates = one.package.crates();
            for (number, file) in one.files.read.iter_mut().enumerate() {
                let found = with_places(std::mem::take(&mut file.parsed.functions), (&file.path, &crates));
                owners.extend(std::iter::repeat_n((place, number), found.len()));
                functions.extend(found);
            }
        }
        let decisions = select::decide(&functions, args.select, measured);
        let mut by_file = ByFile::new();
        for ((function, decision), owner) in functions.iter().zip(decisions).zip(owners) {
            by_file.entry(owner).or_default().push((function, decision));
        }
        for (place, one) in loaded.iter_mut().enumerate() {
            plan.package(place, one, &by_file, args)?;
            plan.left_files.append(&mut one.files.left);
        }
        if plan.packages.iter().all(PackagePlan::is_empty) && plan.left_files.is_empty() {
            return Err(match plan.packages.iter().map(|package| package.filtered).sum() {
                0 => "there is no function below these paths; give the path of a package or of its sources".into(),
                filtered => format!(
                    "the filter does not match {} below these paths; write one that matches, such as '*::parse*'",
                    match filtered {
                        1 => "the one function".to_owned(),
                        many => format!("any of the {many} functions"),
                    }
                ),
            });
        }
        plan.profiled = measured.map(|measured| (measured.len(), measured.found(&functions)));
        Ok(plan)
    }

    fn package(&mut self, place: usize, one: &Loaded, by_file: &ByFile<'_>, args: &AnnotateArgs) -> Result<(), String> {
        let package = &one.package;
        let runtime = package.runtime_path();
        let mut planned = PackagePlan {
            name: package.name.clone(),
            version: package.version.clone(),
            annotated: 0,
            before: 0,
            files: 0,
            left: BTreeMap::new(),
            dependency: None,
            optional: package.runtime().is_some_and(|dependency| dependency.optional),
            filtered: 0,
            resources: Vec::new(),
            not_resources: Vec::new(),
            resources_before: 0,
        };
        if args.lazy {
            let asked = |name: &str| args.filter.as_ref().is_none_or(|filter| filter.matches(name));
            (planned.resources, planned.not_resources) = resources::decide(&one.package, &one.files.read, &asked);
        }
        for (number, file) in one.files.read.iter().enumerate() {
            let decided = by_file.get(&(place, number)).into_iter().flatten();
            let wishes: Vec<(&Function, Wish)> = decided
                .map(|(function, left)| (*function, planned.wish(function, left.as_ref(), &runtime, args)))
                .collect();
            let has = |(function, wish): &&(&Function, Wish)| match wish {
                Wish::Keep => function.mark.is_some(),
                Wish::Have(_) => true,
                Wish::Lose => false,
            };
            let annotated = wishes.iter().filter(has).count();
            for (name, line, left) in &file.parsed.in_macros {
                planned.left.entry(left.clone()).or_default().push((name.clone(), file.path.clone(), *line));
            }
            planned.annotated += annotated;
            planned.files += usize::from(annotated > 0);
            planned.resources_before += mark::all(&file.text).resources(&file.text);
            let insertions = planned.insertions(&file.path, &runtime);
            let after = edit::edited(&file.text, wishes, insertions);
            // Two packages may have a file in common.
            let is_new = !self.changes.iter().any(|change| change.path == file.path);
            if after != file.text && is_new {
                self.changes.push(Change { path: file.path.clone(), before: file.text.clone(), after });
            }
        }
        self.dependency(&mut planned, one, args)?;
        self.packages.push(planned);
        Ok(())
    }

    /// Adds the dependency where attributes are, and takes it out where none is left.
    fn dependency(&mut self, planned: &mut PackagePlan, one: &Loaded, args: &AnnotateArgs) -> Result<(), String> {
        let path = &one.package.manifest_path;
        let shown = super::runs::shown(path);
        let before = fs::read_to_string(path).map_err(|error| format!("{shown}: cannot be read: {error}"))?;
        let without = manifest::without_dependency(&before);
        let is_ours = without != before;
        let is_needed = planned.annotated + planned.resources.len() + planned.resources_before > 0;
        // Files outside of the paths keep what they have.
        let is_other = |path: &PathBuf| !one.files.read.iter().any(|file| file.path == *path);
        let after = if !is_needed && is_ours && remove::annotated_below(one.package.folder()).iter().any(is_other) {
            return Ok(());
        } else if !is_needed {
            without
        } else if one.package.runtime().is_some() && !(is_ours && args.dependency.is_some()) {
            return Ok(());
        } else {
            let value = match &args.dependency {
                Some(value) => value.clone(),
                None if is_in_workspace(&one.workspace_manifest) => "{ workspace = true }".to_owned(),
                None => usual_dependency(),
            };
            let after = manifest::with_dependency(&without, &value).map_err(|error| format!("{shown}: {error}"))?;
            planned.dependency = Some(value);
            after
        };
        if after != before {
            self.changes.push(Change { path: path.clone(), before, after });
        }
        Ok(())
    }
}

impl PackagePlan {
    /// It has nothing that attributes could be for.
    fn is_empty(&self) -> bool {
        let resources = self.resources.len() + self.not_resources.len() + self.resources_before;
        self.annotated == 0 && self.left.is_empty() && resources == 0
    }

    /// The text that makes resources of the statics of a file.
    fn insertions(&self, file: &Path, runtime: &str) -> Vec<(usize, String)> {
        let insertions = self.resources.iter().filter(|one| one.place.file == file).flat_map(|one| &one.insertions);
        insertions
            .map(|insertion| match insertion {
                Insertion::Attribute(at) => (*at, mark::spelled_lazy(runtime) + " "),
                Insertion::Text(at, text) => (*at, text.clone().into_owned()),
            })
            .collect()
    }

    /// Decides on a function's attribute, and counts the function.
    fn wish(&mut self, function: &Function, left: Option<&Left>, runtime: &str, args: &AnnotateArgs) -> Wish {
        self.before += usize::from(function.mark.is_some());
        if args.filter.as_ref().is_some_and(|filter| !filter.matches(&function.name)) {
            self.filtered += 1;
            return Wish::Keep;
        }
        match left {
            None => {
                let adaptive = args.timing == TimingMode::Adaptive && !function.is_future;
                Wish::Have(mark::spelled(runtime, adaptive))
            }
            Some(left) => {
                let of_reason = self.left.entry(left.clone()).or_default();
                of_reason.push((function.name.clone(), function.file.clone(), function.line));
                Wish::Lose
            }
        }
    }
}

/// The version of the runtime that belongs to this command.
fn usual_dependency() -> String {
    format!("\"{}.{}\"", env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"))
}

fn is_in_workspace(manifest: &Path) -> bool {
    fs::read_to_string(manifest).is_ok_and(|text| manifest::is_in_workspace(&text))
}

/// The functions of a file with the file in them, and whether each is the only one of its name.
fn with_places(mut functions: Vec<Function>, (path, crates): (&Path, &Rc<[String]>)) -> Vec<Function> {
    let mut count: HashMap<String, usize> = HashMap::new();
    for function in &functions {
        *count.entry(function.ident.clone()).or_default() += 1;
    }
    for function in &mut functions {
        function.file = path.to_owned();
        function.crates = crates.clone();
        function.is_only = count.get(&function.ident) == Some(&1);
    }
    functions
}

/// Reads the packages that the arguments mean.
fn load(args: &AnnotateArgs) -> Result<Vec<Loaded>, String> {
    let here = [PathBuf::from(".")];
    let paths = match (&args.manifest_path, args.paths.is_empty()) {
        (Some(manifest), _) => std::slice::from_ref(manifest),
        (None, true) => &here[..],
        _ => &args.paths,
    };
    let mut loaded: Vec<Loaded> = Vec::new();
    for path in paths {
        let shown = super::runs::shown(path);
        let manifest = packages::manifest_of(path).map_err(|error| format!("{shown}: {error}"))?;
        let workspace = packages::workspace(&manifest).map_err(|error| format!("{shown}: {error}"))?;
        refuse_downloaded(&manifest)?;
        let whole = path.canonicalize().map_err(|error| format!("{shown}: cannot be read: {error}"))?;
        // The path of a manifest means its package.
        let below = if whole == manifest { whole.parent().unwrap_or(&whole).to_owned() } else { whole };
        load_below(&below, &workspace, &mut loaded);
    }
    if loaded.is_empty() {
        return Err("no package of the workspace lies below these paths; give the path of a package".into());
    }
    Ok(loaded)
}

/// Refuses to change what cargo has downloaded and shares between all workspaces.
fn refuse_downloaded(manifest: &Path) -> Result<(), String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let downloaded = home
        .and_then(|home| home.canonicalize().ok())
        .is_some_and(|home| ["registry", "git"].iter().any(|folder| manifest.starts_with(home.join(folder))));
    match downloaded {
        true => Err(format!(
            "{}: lies where cargo keeps what it has downloaded for all workspaces; copy the package, and name the copy in \
             [patch.crates-io]",
            super::runs::shown(manifest)
        )),
        false => Ok(()),
    }
}

/// Adds the packages of a workspace that lie below a path, or the one that the path lies in.
fn load_below(below: &Path, workspace: &Workspace, loaded: &mut Vec<Loaded>) {
    let root = workspace.workspace_root.canonicalize().unwrap_or_else(|_| workspace.workspace_root.clone());
    for package in workspace.packages.iter().filter(|package| !package.is_runtime()) {
        let folder = package.folder().canonicalize().unwrap_or_else(|_| package.folder().to_owned());
        if !folder.starts_with(below) && !below.starts_with(&folder) {
            continue;
        }
        let known = loaded.iter().position(|one| one.package.manifest_path == package.manifest_path);
        let place = known.unwrap_or_else(|| {
            let target = workspace.target_directory.canonicalize();
            let target = target.unwrap_or_else(|_| workspace.target_directory.clone());
            let files = Files::new(root.clone(), target);
            let workspace_manifest = workspace.workspace_root.join("Cargo.toml");
            loaded.push(Loaded { package: package.clone(), workspace_manifest, files });
            loaded.len() - 1
        });
        read_targets(package, below, &mut loaded[place].files);
        if loaded[place].files.read.is_empty() && loaded[place].files.left.is_empty() {
            loaded.remove(place);
        }
    }
}

/// Reads the targets of a package as far as they lie below a path.
fn read_targets(package: &Package, below: &Path, files: &mut Files) {
    let already = files.read.len();
    for script in package.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "custom-build")) {
        files.leave_shared(&script.src_path);
    }
    for target in &package.targets {
        let source = target.src_path.canonicalize().unwrap_or_else(|_| target.src_path.clone());
        if let Some(reason) = target.runs_in_the_build() {
            files.leave(&source, None, reason.into(), false);
            continue;
        }
        // Tests are annotated only where a path leads into their folder.
        let is_named = source.parent().is_some_and(|folder| below.starts_with(folder));
        if !target.is_program_or_library() && !is_named {
            let kind = target.kind.first().map_or("test", String::as_str);
            files.leave(&source, None, format!("{kind}: give its path to annotate it"), false);
            continue;
        }
        files.follow(&target.src_path, &target.name.replace('-', "_"));
    }
    let whole = package.folder().canonicalize().is_ok_and(|folder| folder.starts_with(below));
    if !whole {
        let mut number = 0;
        files.read.retain(|file| {
            number += 1;
            number <= already || file.path.starts_with(below)
        });
        files.left.retain(|file| file.path.starts_with(below));
    }
}
