//! Files that are made beside their name and moved there when they are whole.
//!
//! Anybody who may write to the folder can put something at a name that can be guessed. So a file is created only where
//! nothing exists, and no link is followed. The final name may belong to a file of another process: whoever moves a file there
//! judges it first.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use perf_report::device;

use super::file_name::with_suffix;
use crate::platform::files;
use crate::platform::kept_file::above_streams;

/// Ends after as many names that are taken, or changes that others made in between.
const ATTEMPTS: usize = 1000;

/// A file beside the name that it is for. It is removed unless it is moved there.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    temporary: PathBuf,
    moved: bool,
}

/// The decision about a file that has the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may go.
    Replace,
    /// It stays.
    Keep,
    /// Somebody is about to change it: look again.
    LookAgain,
}

impl NewFile {
    /// Makes a file for reading and writing, with these permissions as far as the process's `umask` lets them be.
    pub(crate) fn beside(path: &Path, permissions: u32) -> io::Result<NewFile> {
        if path.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if device::is_one(path) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the name is that of an open descriptor; write that of a file",
            ));
        }
        let id = std::process::id();
        for attempt in 1..=ATTEMPTS {
            let suffix = if attempt == 1 { format!("{id}.tmp") } else { format!("{id}-{attempt}.tmp") };
            let temporary = with_suffix(path, &suffix);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            files::with_permissions(files::carefully(&mut options), permissions);
            match options.open(&temporary) {
                Ok(file) => return Ok(NewFile { file: above_streams(file)?, temporary, moved: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Opens it once more.
    pub(crate) fn reopen(&self) -> io::Result<File> {
        above_streams(open_carefully(OpenOptions::new().read(true).write(true), &self.temporary)?)
    }

    /// Moves it to a name, if what stands there may go: says whether it did.
    ///
    /// Of many processes that do this at once, one gets the name. Where nothing stands, a link is made, which fails if something
    /// does. The file that stands there is open while `judge` looks at it, and until it is replaced, so that a lock on it lasts as long.
    pub(crate) fn claim(
        &mut self,
        path: &Path,
        judge: impl Fn(io::Result<&File>) -> io::Result<Verdict>,
    ) -> io::Result<bool> {
        for _ in 0..ATTEMPTS {
            match fs::hard_link(&self.temporary, path) {
                Ok(()) => {
                    self.moved = true;
                    let _ = fs::remove_file(&self.temporary);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // A file system without links. That its names can be taken twice is a smaller evil than no file.
                Err(_) if fs::symlink_metadata(path).is_err() => return self.replace(path),
                Err(_) => {}
            }
            let there = open_carefully(OpenOptions::new().read(true), path);
            if there.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                continue;
            }
            match judge(there.as_ref().map_err(|error| error.kind().into()))? {
                Verdict::Replace => return self.replace(path),
                Verdict::Keep => return Ok(false),
                Verdict::LookAgain => std::thread::yield_now(),
            }
        }
        Ok(false)
    }

    fn replace(&mut self, path: &Path) -> io::Result<bool> {
        fs::rename(&self.temporary, path)?;
        self.moved = true;
        Ok(true)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.moved {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Opens what may not be what it was: no link is followed, and no pipe waited for.
pub(crate) fn open_carefully(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    files::carefully(options).open(path)
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("perf-new-file-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_name_that_is_taken_is_left_alone_and_another_one_used() {
        let folder = folder("taken");
        let (path, letter) = (folder.join("report"), folder.join("letter"));
        fs::write(&letter, "a letter").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&letter, with_suffix(&path, &format!("{}.tmp", std::process::id()))).unwrap();
        let mut new = NewFile::beside(&path, 0o600).unwrap();
        io::Write::write_all(new.file(), b"ours").unwrap();
        assert!(new.claim(&path, |_| panic!("nothing stands there")).unwrap());
        drop(new);
        assert_eq!(fs::read_to_string(&letter).unwrap(), "a letter");
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "the link is somebody else's");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_stands_at_the_name_goes_or_stays_as_it_is_judged() {
        let folder = folder("judged");
        let path = folder.join("report");
        fs::write(&path, "older").unwrap();
        let claim = |verdict| NewFile::beside(&path, 0o600).unwrap().claim(&path, |_| Ok(verdict)).unwrap();
        assert!(!claim(Verdict::Keep) && !claim(Verdict::LookAgain));
        assert_eq!(fs::read_to_string(&path).unwrap(), "older");
        assert!(claim(Verdict::Replace));
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
        fs::remove_dir_all(folder).unwrap();
    }
}
