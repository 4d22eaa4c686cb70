//! The program that is scraped; it belongs to the workspace's tests.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Stdio},
    sync::OnceLock,
};

use super::Folder;

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut build = perf_test_support::tool(env!("CARGO"));
        let built = build.args(["build", "-q", "-p", "perf-tests", "--bin", "watched"]).status();
        assert!(built.unwrap().success(), "the program that is scraped cannot be built");
        Path::new(env!("CARGO_BIN_EXE_perfrec")).with_file_name("watched")
    })
}

/// A process that records to `app.perfrec` in a folder.
pub(crate) struct Watched {
    child: Child,
    /// It ends when this is closed.
    _input: ChildStdin,
}

impl Watched {
    pub(crate) fn start(folder: &Folder) -> Watched {
        let mut command = perf_test_support::command(program());
        command.current_dir(folder.path("")).env("PERF_RECORDING", "app.perfrec");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let input = child.stdin.take().unwrap();
        Watched { child, _input: input }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
