//! The packages that are audited: what cargo says of them, and the lints that their manifests switch off.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{Metadata, MetadataCommand, PackageId};

/// The workspace, as cargo describes it.
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) manifest: PathBuf,
    /// Names of the members by their ids.
    pub(super) members: HashMap<PackageId, String>,
    /// Lints that members' manifests allow: (package, `clippy::NAME` or `rustc::NAME`).
    allowed: HashSet<(PackageId, String)>,
}

impl Workspace {
    /// Asks cargo. The error is a sentence.
    pub(super) fn find(cargo: &Path, manifest: Option<&Path>) -> Result<Workspace, String> {
        let mut command = MetadataCommand::new();
        command.cargo_path(cargo).no_deps();
        if let Some(manifest) = manifest {
            command.manifest_path(manifest);
        }
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => first_error(&stderr),
            cargo_metadata::Error::Io(error) => {
                format!("{} cannot be started: {error}; install cargo, or name it in CARGO", cargo.display())
            }
            error => format!("cargo's description of the workspace cannot be read: {error}"),
        })?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let manifest = manifest.map_or_else(|| nearest_manifest(&root), |manifest| Ok(manifest.to_owned()))?;
        let (members, allowed) = (members(&metadata), allowed(&metadata));
        Ok(Workspace { root, manifest, members, allowed })
    }

    /// Whether the manifest of a package allows a lint.
    pub(super) fn allows(&self, package: &PackageId, lint: &str) -> bool {
        self.allowed.contains(&(package.clone(), lint.to_owned()))
    }

    /// A path below the root with `/` between its parts; another one as it is.
    pub(super) fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }
}

/// The manifest that cargo takes in the current folder.
fn nearest_manifest(root: &Path) -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("the current folder cannot be read: {error}"))?;
    let manifests = here.ancestors().map(|folder| folder.join("Cargo.toml"));
    Ok(manifests.into_iter().find(|manifest| manifest.is_file()).unwrap_or_else(|| root.join("Cargo.toml")))
}

fn members(metadata: &Metadata) -> HashMap<PackageId, String> {
    let members = metadata.workspace_packages().into_iter();
    members.map(|package| (package.id.clone(), package.name.to_string())).collect()
}

/// The lints that the `[lints]` of the manifests allow. Cargo gives them to the compiler before the audit's own, which would win.
fn allowed(metadata: &Metadata) -> HashSet<(PackageId, String)> {
    let mut tables: HashMap<PathBuf, toml::Table> = HashMap::new();
    let mut table = |path: &Path| -> toml::Table {
        let read = || fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
        tables.entry(path.to_owned()).or_insert_with(read).clone()
    };
    let mut allowed = HashSet::new();
    for package in metadata.workspace_packages() {
        let own = table(package.manifest_path.as_std_path());
        let mut lints = own.get("lints").cloned();
        if lints.as_ref().and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) == Some(true) {
            let root = table(&metadata.workspace_root.as_std_path().join("Cargo.toml"));
            lints = root.get("workspace").and_then(|workspace| workspace.get("lints")).cloned();
        }
        for (tool, prefix) in [("clippy", "clippy::"), ("rust", "rustc::")] {
            let of_tool = lints.as_ref().and_then(|lints| lints.get(tool)).and_then(toml::Value::as_table);
            for (name, level) in of_tool.into_iter().flatten() {
                let level = level.as_str().or_else(|| level.get("level").and_then(toml::Value::as_str));
                if level == Some("allow") {
                    allowed.insert((package.id.clone(), format!("{prefix}{name}")));
                }
            }
        }
    }
    allowed
}

/// The first error in what cargo wrote to standard error, without its label; else all of it.
pub(super) fn first_error(stderr: &str) -> String {
    let stderr = stderr.trim();
    match stderr.split_once("error: ") {
        Some((_, error)) => error.trim().to_owned(),
        None if stderr.is_empty() => "cargo failed without a message".to_owned(),
        None => stderr.to_owned(),
    }
}
