//! Names of what is open already: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/1`.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Whether a name is one by which the system has open descriptors.
///
/// It may be a link to a regular file, as `/dev/stdout` is where standard output was redirected. No file must be moved to such a name, as
/// to others: it belongs to the system.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    let Some(folder) = path.parent().and_then(|folder| fs::canonicalize(folder).ok()) else { return false };
    let is_link = || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink());
    folder.starts_with("/proc") && folder.ends_with("fd") || folder == Path::new("/dev") && is_link()
}

/// Opens what such a name stands for, to write behind what is there.
///
/// `None` if it is no such name.
#[must_use]
pub fn open(path: &Path) -> Option<io::Result<File>> {
    is_one(path).then(|| File::options().append(true).open(path))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{io::Write, os::fd::AsRawFd};

    use super::*;

    #[test]
    fn an_open_file_is_written_behind_what_is_there() {
        let (mut file, folder) = (tempfile::NamedTempFile::new().unwrap(), tempfile::tempdir().unwrap());
        file.write_all(b"first ").unwrap();
        for name in ["/proc/self/fd", "/dev/fd"] {
            let path = Path::new(name).join(file.as_raw_fd().to_string());
            open(&path).expect("it is a descriptor").unwrap().write_all(b"then ").unwrap();
        }
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "first then then ");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(file.path(), &link).unwrap();
        for path in [file.path(), &link, Path::new("missing"), Path::new("/dev/null"), Path::new("/")] {
            assert!(open(path).is_none(), "{}", path.display());
        }
    }
}
