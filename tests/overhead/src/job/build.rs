//! Builds the job once for each way to annotate the crates.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    annotated,
    rows::{VARIANTS, Variant},
    sources::CRATES,
};
use crate::report::version;

/// A program that was built.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    /// How many functions have the attribute.
    pub(super) functions: usize,
}

/// Builds all programs.
pub(super) fn all(folder: &Path, sources: &[PathBuf; 2]) -> io::Result<Vec<Program>> {
    VARIANTS.iter().map(|variant| build(folder, sources, variant)).collect()
}

fn build(folder: &Path, sources: &[PathBuf; 2], variant: &Variant) -> io::Result<Program> {
    eprintln!("job: building {}", variant.name);
    let work = folder.join(variant.name);
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let dependency = variant.package.map_or(String::new(), |(package, features)| {
        let source = match package {
            "perf-runtime" => format!("path = {:?}", concat!(env!("CARGO_MANIFEST_DIR"), "/../../perf-runtime")),
            _ => format!("version = \"={}\"", version(package).unwrap_or("*")),
        };
        format!("\n[dependencies.{package}]\n{source}\nfeatures = [{features}]\n")
    });
    let mut functions = 0;
    for (source, (name, _)) in sources.iter().zip(CRATES) {
        let is_annotated = !variant.attribute.is_empty() && (variant.with_core || name == "csv");
        let to = work.join(name);
        copy(source, &to)?;
        if is_annotated {
            functions += annotate(&to.join("src"), variant.attribute)?;
            let manifest = to.join("Cargo.toml");
            fs::write(&manifest, fs::read_to_string(&manifest)? + &dependency)?;
        }
    }
    let job = work.join("job");
    fs::create_dir_all(job.join("src"))?;
    let guard = variant
        .guard
        .map_or("let _guard = ();".to_owned(), |start| format!("let _guard = env::args().nth(2).map(|_| {start});"));
    fs::write(job.join("src/main.rs"), include_str!("../../job/main.rs").replace("let _guard = ();", &guard))?;
    let name = format!("job-{}", variant.name);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\ncsv = {{ path = \"../csv\" }}\n\
         {dependency}\n[patch.crates-io]\ncsv-core = {{ path = \"../csv-core\" }}\n"
    );
    fs::write(job.join("Cargo.toml"), manifest)?;
    let target = folder.join("target");
    output(cargo().args(["build", "--quiet", "--release", "--target-dir"]).arg(&target).current_dir(&job))?;
    let path = target.join("release").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    Ok(Program { name: variant.name, path, functions })
}

/// Copies a folder. The copies may be written to, whatever the originals say.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::write(to, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Puts an attribute before every function of a folder's sources; returns the number of functions.
fn annotate(folder: &Path, attribute: &str) -> io::Result<usize> {
    let mut functions = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            functions += annotate(&path, attribute)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let (text, number) = annotated(&fs::read_to_string(&path)?, attribute)
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
            fs::write(&path, text)?;
            functions += number;
        }
    }
    Ok(functions)
}

/// The cargo that runs this program.
pub(super) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command, and returns its standard output.
pub(super) fn output(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?} ended with {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
