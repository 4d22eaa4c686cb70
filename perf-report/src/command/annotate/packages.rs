//! The packages below a path, as `cargo metadata` tells them.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    rc::Rc,
};

use serde::Deserialize;

use super::mark;

/// All packages of a workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Workspace {
    pub(super) packages: Vec<Package>,
    pub(super) workspace_root: PathBuf,
    pub(super) target_directory: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) manifest_path: PathBuf,
    pub(super) edition: String,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) targets: Vec<Target>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    pub(super) optional: bool,
    pub(super) rename: Option<String>,
    pub(super) target: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) kind: Vec<String>,
    pub(super) src_path: PathBuf,
}

impl Package {
    pub(super) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("/"))
    }

    /// The dependency on the runtime that holds for all of the package.
    pub(super) fn runtime(&self) -> Option<&Dependency> {
        self.dependencies.iter().find(|dependency| {
            dependency.name == "perf-runtime" && dependency.kind.is_none() && dependency.target.is_none()
        })
    }

    /// The path under which the package's sources know the runtime.
    pub(super) fn runtime_path(&self) -> String {
        let rename = self.runtime().and_then(|dependency| dependency.rename.as_deref());
        mark::path(&rename.unwrap_or(mark::RUNTIME).replace('-', "_"), &self.edition)
    }

    /// The names of its crates in paths.
    pub(super) fn crates(&self) -> Rc<[String]> {
        self.targets.iter().map(|target| target.name.replace('-', "_")).collect()
    }

    /// Whether it is a part of the runtime, which cannot depend on itself.
    pub(super) fn is_runtime(&self) -> bool {
        matches!(self.name.as_str(), "perf-runtime" | "perf-macros" | "perf-report")
    }
}

impl Target {
    /// Why the sources of a target are left alone, unless a path names them.
    pub(super) fn is_program_or_library(&self) -> bool {
        !self.kind.iter().any(|kind| matches!(kind.as_str(), "test" | "bench" | "example"))
    }

    /// Why its sources are left alone in any case.
    pub(super) fn runs_in_the_build(&self) -> Option<&'static str> {
        self.kind.iter().find_map(|kind| match kind.as_str() {
            "custom-build" => Some("build script: it runs while cargo builds"),
            "proc-macro" => Some("procedural macros: they run in the compiler"),
            _ => None,
        })
    }
}

/// The manifest that a path belongs to: its own, or that of the nearest folder above.
pub(super) fn manifest_of(path: &Path) -> Result<PathBuf, String> {
    let whole = path.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    if whole.file_name().is_some_and(|name| name == "Cargo.toml") {
        return Ok(whole);
    }
    whole
        .ancestors()
        .map(|folder| folder.join("Cargo.toml"))
        .find(|manifest| manifest.is_file())
        .ok_or_else(|| "no Cargo.toml lies here or in a folder above; give the path of a package".to_owned())
}

/// Asks cargo.
pub(super) fn workspace(manifest: &Path) -> Result<Workspace, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(&cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", Path::new(&cargo).display()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo metadata says: {}", errors.trim().trim_start_matches("error: ")));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata cannot be understood: {error}"))
}
