//! Unwritable paths, full disks, closed streams, read-only folders: one line on standard error, exit status kept.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use perf_tests::child::Program;
use perf_tests::figures::{calls, lost};
use perf_tests::program;

/// A folder on a file system of 64 KiB, as long as it lives.
struct TinyDisk(tempfile::TempDir);

impl TinyDisk {
    /// `None` where the system does not let us make one.
    fn new(options: &str) -> Option<TinyDisk> {
        let folder = tempfile::TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("not tested: this user may not mount a file system");
        }
        mounted.then_some(TinyDisk(folder))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn files(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn json(path: impl AsRef<Path>) -> Program {
    program!("endings", "return").env("PERF_REPORT", format!("json:{}", path.as_ref().display()))
}

#[test]
fn a_report_that_cannot_be_written_is_one_line() {
    for (path, error) in [
        ("missing/report.json", "No such file or directory"),
        ("/proc/report.json", "No such file or directory"),
        (".", "directory"),
        ("/dev/full", "No space left on device"),
    ] {
        let ended = json(path).run();
        ended.exited(7).said_one_line(&["can't write the json report to", path, error]);
        assert_eq!(ended.stdout, "an unfinished line\n");
        assert_eq!(ended.files(), [""; 0]);
    }
}

#[test]
fn other_reports_are_written_beside_one_that_cannot_be() {
    let ended = program!("endings", "return").env("PERF_REPORT", "json:missing/a.json,table,json:report.json").run();
    assert_eq!(calls(&ended.exited(7).said(&["missing/a.json"]).report(), "work"), 3);
    assert!(ended.stderr.contains("endings::work"));
}

#[test]
fn a_report_does_not_fit_on_the_disk() {
    let Some(disk) = TinyDisk::new("size=64k") else { return };
    fs::write(disk.path("filler"), vec![1; 64 << 10]).unwrap();
    let path = disk.path("report.json");
    let ended = json(&path).run();
    ended.exited(7).said_one_line(&["can't write the json report", "No space left on device"]);
    assert_eq!(disk.files(), 1, "neither a torn report nor its temporary file is left");
}

#[test]
fn an_older_report_stays_whole_when_the_new_one_does_not_fit() {
    let Some(disk) = TinyDisk::new("size=64k") else { return };
    let path = disk.path("report.json");
    json(&path).run().exited(7).silent();
    let before = fs::read(&path).unwrap();
    fs::write(disk.path("filler"), vec![1; 64 << 10]).unwrap_err();
    json(&path).run().exited(7).said_one_line(&["No space left on device"]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_read_only_folder() {
    if let Some(disk) = TinyDisk::new("size=64k,ro") {
        json(disk.path("report.json")).run().exited(7).said_one_line(&["can't write the json report", "Read-only"]);
        let ended = program!("endings", "return").reporting().env("PERF_RECORDING", disk.path("app.perfrec")).run();
        ended.exited(7).said_one_line(&["can't create the recording file", "Read-only", "memory instead"]);
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
    // For users without special rights.
    let folder = tempfile::TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.path().join("probe"), "").is_err() {
        json(folder.path().join("report.json")).run().exited(7).said_one_line(&["can't write", "denied"]);
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_file_beyond_the_limit_on_its_size_is_an_error_and_not_the_end() {
    let line = r#"ulimit -f 1; exec "$0" "$@""#;
    let ended = program!("endings", "return").reporting().recording().through_shell(line).run();
    ended.exited(7).said(&["can't create the recording file app.perfrec", "File too large", "memory instead"]);
    // The report itself may be larger than what is allowed: then that is said too.
    let written = ended.files() == ["report.json"];
    assert!(written || ended.stderr.contains("can't write the json report"), "{ended:?}");
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn closed_standard_streams() {
    let line = r#"exec "$0" "$@" <&- >&- 2>&-"#;
    let program = program!("lockstep").env("PERF_REPORT", "table,json:-,json:report.json").recording();
    let ended = program.through_shell(line).run();
    ended.exited(0);
    // Neither the streams' numbers nor what is written to them has got into our files.
    assert_eq!(calls(&ended.report(), "work"), 0);
    assert_eq!(calls(&ended.recording(), "outer"), 1);
}

#[test]
fn a_closed_pipe_for_standard_error() {
    for ending in ["return", "exit", "panic"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let program = program!("endings", ending).env("PERF_REPORT", "table,json:report.json").stderr(writer);
        let ended = program.run();
        ended.exited(if ending == "panic" { 101 } else { 7 });
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
}

#[test]
fn a_report_for_an_open_descriptor_goes_behind_what_is_there() {
    // As `/dev/stdout` is, whose link nobody must replace.
    let line = r#""$0" "$@" > out"#;
    let ended = json("/proc/self/fd/1").through_shell(line).run();
    ended.exited(7).silent();
    let out = fs::read_to_string(ended.path("out")).unwrap();
    let report = out.strip_prefix("an unfinished line").unwrap_or_else(|| panic!("{out}"));
    assert!(report.trim().starts_with("{\"schema\""), "{out}");
    assert_eq!(ended.files(), ["out"]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_recording_under_the_name_of_an_open_descriptor_is_refused() {
    let ended = program!("endings", "return").env("PERF_RECORDING", "/proc/self/fd/2").run();
    ended.exited(7).said_one_line(&["/proc/self/fd/2", "name another file"]);
}

#[test]
#[cfg_attr(perf_portable, ignore = "SIGPIPE and SIGXFSZ are not held back")]
fn a_closed_pipe_for_standard_output() {
    for ending in ["waits", "sigpipe"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let program = program!("quiet", ending).env("PERF_REPORT", "json:-,json:report.json").stdout(writer);
        let ended = program.run();
        ended.exited(7).said_one_line(&["can't write the json report to standard output", "Broken pipe"]);
        assert_eq!(calls(&ended.report(), "work"), 3);
    }
}

#[test]
fn a_pipe_that_breaks_while_the_table_is_read() {
    let line = r#"{ "$0" "$@" 2>&1; echo $? > status; } | head -n 1"#;
    let ended = program!("endings", "exit").env("PERF_REPORT", "table,json:report.json").through_shell(line).run();
    ended.exited(0);
    assert_eq!(fs::read_to_string(ended.path("status")).unwrap(), "7\n");
    assert_eq!(calls(&ended.report(), "work"), 3);
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn a_recording_on_a_full_disk_counts_what_it_has_no_room_for() {
    for kib in [4, 8, 48, 56, 64, 128] {
        let Some(disk) = TinyDisk::new(&format!("size={kib}k")) else { return };
        let path = disk.path("app.perfrec");
        let ended = program!("quiet", "threads").reporting().env("PERF_RECORDING", &path).run();
        let report = ended.exited(7).report();
        assert_eq!(calls(&report, "work") + lost(&report), 3 + 4 * 100, "{kib} KiB");
        match path.exists() {
            // The header did not fit.
            false => {
                ended.said_one_line(&["can't create the recording file", "No space left", "memory instead"]);
            }
            true => {
                let recording = perf_tests::figures::read(&path);
                assert_eq!(recording.losses.overflow_calls, report.losses.overflow_calls);
                assert_eq!(calls(&recording, "work"), calls(&report, "work"));
                assert!(kib > 64 || report.losses.overflow_calls > 0, "{kib} KiB");
            }
        }
    }
}

#[test]
#[cfg_attr(perf_portable, ignore = "there are no recording files")]
fn calls_beyond_the_capacity_are_said() {
    let Some(disk) = TinyDisk::new("size=64k") else { return };
    let program = program!("quiet", "threads").env("PERF_REPORT", "table");
    let ended = program.env("PERF_RECORDING", disk.path("app.perfrec")).run();
    assert!(ended.exited(7).stderr.contains("The recording was full"), "{}", ended.stderr);
}
