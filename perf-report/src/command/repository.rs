//! Facts of the repository and of the CI run that a run belongs to: commit, branch, whether files were changed, the address.
//!
//! Commit and branch are read from the files in `.git`, or else from the variables of GitHub and GitLab. Whether files were
//! changed and when the commit was made only `git` knows, which is asked where it is installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Metadata;

/// Looks a variable of the environment up.
pub(super) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables of this process; an empty one counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The facts of the repository that a folder lies in, and of the CI run.
pub(super) fn facts(folder: &Path, variable: Variables<'_>) -> Metadata {
    let (commit, branch) = Repository::around(folder).map_or((None, None), |repository| repository.head());
    let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
    let github = || {
        let [server, repository, run] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(variable);
        Some(format!("{}/{}/actions/runs/{}", server?, repository?, run?))
    };
    Metadata {
        dirty: commit.as_ref().and_then(|_| is_dirty(folder)),
        commit: commit.or_else(|| first(&["GITHUB_SHA", "CI_COMMIT_SHA"])),
        branch: branch.or_else(|| first(&["GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"])),
        ci_run: github().or_else(|| variable("CI_JOB_URL")),
        ..Metadata::default()
    }
}

/// Adds facts to those that are known already.
pub(super) fn add(metadata: &mut Metadata, facts: &Metadata) {
    metadata.dirty = metadata.dirty.or(facts.dirty);
    for (known, fact) in [
        (&mut metadata.commit, &facts.commit),
        (&mut metadata.branch, &facts.branch),
        (&mut metadata.ci_run, &facts.ci_run),
    ] {
        if known.is_none() {
            known.clone_from(fact);
        }
    }
}

/// When a commit was made, in seconds since 1970; `None` if `git` is missing or does not know the commit.
pub(super) fn commit_time(folder: &Path, commit: &str) -> Option<u64> {
    git(folder, &["show", "--no-patch", "--format=%ct", "--end-of-options", commit])?.trim().parse().ok()
}

fn is_dirty(folder: &Path) -> Option<bool> {
    Some(!git(folder, &["status", "--porcelain", "--untracked-files=no"])?.trim().is_empty())
}

/// The output of `git`, if it is installed and succeeds. It takes no lock, so that it disturbs no other.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).env("GIT_OPTIONAL_LOCKS", "0");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The folders of a repository that say what is checked out.
struct Repository {
    /// The folder of this work tree's own files.
    own: PathBuf,
    /// The folder that all work trees have in common.
    common: PathBuf,
}

impl Repository {
    /// The repository that a folder lies in.
    fn around(folder: &Path) -> Option<Repository> {
        let folder = fs::canonicalize(folder).ok()?;
        let git = folder.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
        let own = match fs::read_to_string(&git) {
            // A work tree beside the first, or a submodule: a file with the path.
            Ok(text) => git.parent()?.join(text.strip_prefix("gitdir:")?.trim()),
            Err(_) => git,
        };
        let common = fs::read_to_string(own.join("commondir")).map(|path| own.join(path.trim()));
        Some(Repository { common: common.unwrap_or_else(|_| own.clone()), own })
    }

    /// The commit and the branch that are checked out.
    fn head(&self) -> (Option<String>, Option<String>) {
        let Ok(head) = fs::read_to_string(self.own.join("HEAD")) else { return (None, None) };
        match head.trim().strip_prefix("ref: ") {
            None => (hash(head.trim()), None),
            Some(name) => (self.resolve(name), name.strip_prefix("refs/heads/").map(str::to_owned)),
        }
    }

    fn resolve(&self, name: &str) -> Option<String> {
        let file = |folder: &Path| fs::read_to_string(folder.join(name)).ok();
        if let Some(text) = file(&self.own).or_else(|| file(&self.common)) {
            return hash(text.trim());
        }
        let packed = fs::read_to_string(self.common.join("packed-refs")).ok()?;
        let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(_, packed)| *packed == name).and_then(|(commit, _)| hash(commit))
    }
}

/// A text that is the name of a commit.
pub(super) fn hash(text: &str) -> Option<String> {
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::programs::Folder;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn what_is_checked_out_is_read_from_files_in_all_the_ways_that_it_is_written() {
        let folder = Folder::new();
        folder.put("repo/.git/HEAD", "ref: refs/heads/main\n");
        folder.put("repo/.git/refs/heads/main", format!("{ONE}\n"));
        folder.put("repo/src/lib.rs", "");
        let of = |place: &str| {
            let facts = facts(&folder.path(place), &none);
            (facts.commit, facts.branch)
        };
        let main = || Some("main".to_owned());
        assert_eq!(of("repo/src"), (Some(ONE.into()), main()));
        std::fs::remove_file(folder.path("repo/.git/refs/heads/main")).unwrap();
        folder.put("repo/.git/packed-refs", format!("# pack-refs\n{ONE} refs/heads/mainly\n{TWO} refs/heads/main\n"));
        assert_eq!(of("repo"), (Some(TWO.into()), main()));
        folder.put("repo/.git/HEAD", format!("{ONE}\n"));
        assert_eq!(of("repo"), (Some(ONE.into()), None));
        folder.put("repo/.git/worktrees/next/HEAD", "ref: refs/heads/next\n");
        folder.put("repo/.git/worktrees/next/commondir", "../..\n");
        folder.put("repo/.git/refs/heads/next", TWO);
        folder.put("next/.git", format!("gitdir: {}\n", folder.path("repo/.git/worktrees/next").display()));
        assert_eq!(of("next"), (Some(TWO.into()), Some("next".into())));
        folder.put("repo/.git/HEAD", "no such thing\n");
        assert_eq!(of("repo"), (None, None));
    }

    #[test]
    fn without_a_repository_the_variables_of_ci_say_it() {
        let folder = Folder::new();
        let github = |name: &str| {
            let value = match name {
                "GITHUB_SHA" => ONE,
                "GITHUB_REF_NAME" => "main",
                "GITHUB_SERVER_URL" => "https://github.com",
                "GITHUB_REPOSITORY" => "a/b",
                "GITHUB_RUN_ID" => "7",
                _ => return None,
            };
            Some(value.to_owned())
        };
        // A folder of temporary files may lie in somebody's repository; a broken one of its own hides that.
        folder.put(".git/HEAD", "none\n");
        let facts = facts(&folder.path("."), &github);
        assert_eq!((facts.commit.as_deref(), facts.branch.as_deref()), (Some(ONE), Some("main")));
        assert_eq!(facts.ci_run.as_deref(), Some("https://github.com/a/b/actions/runs/7"));
        let mut known = Metadata { branch: Some("mine".into()), ..Metadata::default() };
        add(&mut known, &facts);
        assert_eq!((known.commit.as_deref(), known.branch.as_deref()), (Some(ONE), Some("mine")));
    }
}
