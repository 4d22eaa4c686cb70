//! Programs that run with the rights of somebody else than the one who starts them obey no variable of ours.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use perf_test_support::executable::copy_program;

/// A user without rights, and another.
const NOBODY: u32 = 65534;
const STRANGER: u32 = 65533;

#[test]
fn a_set_user_id_program_sees_no_variable_of_ours() {
    let folder = tempfile::TempDir::new().unwrap();
    let copy = folder.path().join("program");
    copy_program(Path::new(env!("CARGO_BIN_EXE_quiet")), &copy);
    let as_root = fs::metadata(&copy).unwrap().uid() == 0 && chown(&copy, Some(NOBODY), Some(NOBODY)).is_ok();
    if !as_root {
        eprintln!("not tested: only root can make a program run as another user");
        return;
    }
    // After the change of the owner, which takes the bit away.
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o4755)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    // Whatever the caller's mask: the stranger may enter, and not write.
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o755)).unwrap();
    chown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::write(theirs.join("report.json"), "a letter").unwrap();
    chown(theirs.join("report.json"), Some(NOBODY), Some(NOBODY)).unwrap();
    let run = |program: &Path, user| {
        let mut command = Command::new(program);
        command.env_clear().uid(user).gid(user).current_dir(&theirs);
        command.env("PERF_REPORT", format!("json:{}", theirs.join("report.json").display()));
        command.env("PERF_RECORDING", theirs.join("app.perfrec")).env("PERF_CAPACITY", "lots").output().unwrap()
    };
    let output = run(&copy, STRANGER);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(7), &b""[..]));
    assert_eq!(fs::read_to_string(theirs.join("report.json")).unwrap(), "a letter");
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 1);
    // The same program obeys the one whose rights it has.
    let output = run(&copy, NOBODY);
    assert_eq!(output.status.code(), Some(7));
    assert!(theirs.join("app.perfrec").exists() && String::from_utf8_lossy(&output.stderr).contains("PERF_CAPACITY"));
}
