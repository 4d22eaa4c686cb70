//! The sources of csv and csv-core, which cargo fetches from the registry.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::build::{cargo, output};

/// The crates of the job, with their versions.
pub(super) const CRATES: [(&str, &str); 2] = [("csv", "1.4.0"), ("csv-core", "0.1.13")];

/// The folders of the [`CRATES`]' sources, in that order, in cargo's own copy.
///
/// # Errors
///
/// Cargo failed, for instance because there is no network and the crates were never fetched.
pub(super) fn fetch(folder: &Path) -> io::Result<[PathBuf; 2]> {
    let package = folder.join("fetch");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    let dependencies: String = CRATES.iter().map(|(name, version)| format!("{name} = \"={version}\"\n")).collect();
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}"
    );
    fs::write(package.join("Cargo.toml"), manifest)?;
    let metadata = output(cargo().args(["metadata", "--quiet", "--format-version", "1"]).current_dir(&package))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder_of = |(name, version): (&str, &str)| {
        let packages = metadata["packages"].as_array()?;
        let package = packages.iter().find(|package| package["name"] == name && package["version"] == version)?;
        Some(Path::new(package["manifest_path"].as_str()?).parent()?.to_owned())
    };
    let found = |package: (&str, &str)| {
        folder_of(package)
            .ok_or_else(|| io::Error::other(format!("cargo does not know where {} {} is", package.0, package.1)))
    };
    Ok([found(CRATES[0])?, found(CRATES[1])?])
}
