//! A comment for a pull request: the verdict, the ten findings that matter most, and the rest behind a fold.
//!
//! Its first line is a mark that is not shown, by which a pipeline finds the comment again and updates it in place.

use super::{Case, Findings, Status};
use crate::{
    command::{
        Outcome,
        compare::draw::{code, plain},
    },
    view::text::plural,
};

/// The most rows before the fold.
const ROWS: usize = 10;

/// GitHub takes no comment longer than 65,536 letters.
const LONGEST: usize = 60_000;

/// The findings as Markdown.
pub(super) fn write(findings: &Findings) -> String {
    let mut out = format!("{}\n", findings.mark());
    out += &format!("### {}\n\n", verdict(findings));
    if !findings.headline.is_empty() {
        out += &format!("{}\n", plain(&findings.headline));
    }
    for error in findings.errors.iter().take(ROWS) {
        out += &format!("\n- {}", plain(error.lines().next().unwrap_or_default()));
    }
    if !findings.errors.is_empty() {
        out.push('\n');
    }
    let important = |case: &&Case| matches!(case.status, Status::Failed | Status::Suspicious | Status::Improved);
    let rows: Vec<&Case> = findings.cases.iter().filter(important).collect();
    out += &table(rows.iter().take(ROWS).copied(), LONGEST);
    if rows.len() > ROWS {
        out += &format!("\nand {} more below.\n", rows.len() - ROWS);
    }
    if findings.cases.len() > rows.len().min(ROWS) {
        let room = LONGEST.saturating_sub(out.len());
        let count = findings.cases.len();
        out += &format!(
            "\n<details><summary>All {count} metrics</summary>\n{}\n</details>\n",
            table(findings.cases.iter(), room)
        );
    }
    if !findings.notes.is_empty() {
        out += "\n<details><summary>How this was judged</summary>\n\n";
        for note in findings.notes.iter().filter(|note| !note.starts_with("Warning: ")) {
            out += &format!("- {}\n", plain(note));
        }
        out += "\n</details>\n";
        for warning in findings.notes.iter().filter(|note| note.starts_with("Warning: ")) {
            out += &format!("\n> {}\n", plain(warning));
        }
    }
    out
}

impl Findings {
    /// The line by which a pipeline finds its comment again: a comment of HTML.
    ///
    /// It holds nothing of the result. A command that failed does not know the program, and its comment must take the place of the one
    /// before. Who has several comments in one place adds a name of theirs, as `ci/compare` does.
    pub(in crate::command) fn mark(&self) -> String {
        format!("<!-- perf-report {} -->", self.command)
    }
}

/// The first line. It says so where there is no verdict.
fn verdict(findings: &Findings) -> String {
    let failed = findings.count(Status::Failed);
    let suspicious = findings.count(Status::Suspicious);
    let metrics = |count: usize| format!("{count} {}", plural(count as u64, "metric", "metrics"));
    match findings.outcome {
        Outcome::Failed => "⚠️ No verdict: performance could not be judged".to_owned(),
        Outcome::Partial if failed == 0 => "⚠️ No full verdict: parts of the recordings are damaged".to_owned(),
        _ if failed > 0 => match findings.command {
            "check" => format!("❌ {} over budget", metrics(failed)),
            _ => format!("❌ {} regressed", metrics(failed)),
        },
        Outcome::Complete if suspicious > 0 => format!("⚠️ {} may have regressed", metrics(suspicious)),
        Outcome::Complete if findings.cases.iter().all(|case| case.status == Status::Skipped) => {
            "⚠️ Nothing was judged".to_owned()
        }
        Outcome::Complete if findings.untested > 0 => {
            format!("⚠️ No full verdict: {} rose and could not be tested", metrics(findings.untested))
        }
        Outcome::Complete if findings.command == "check" => "✅ All budgets that were checked are met".to_owned(),
        Outcome::Complete => "✅ No regression found".to_owned(),
        _ => "❌ The check failed".to_owned(),
    }
}

fn table<'a>(cases: impl Iterator<Item = &'a Case>, room: usize) -> String {
    let mut out = String::new();
    for case in cases {
        if out.is_empty() {
            out += "\n| | function | metric | before or limit | now | change |\n|---|---|---|--:|--:|--:|\n";
        }
        let sign = match case.status {
            Status::Failed => "❌",
            Status::Suspicious => "⚠️",
            Status::Skipped => "➖",
            Status::Improved => "🚀",
            Status::Passed => "✅",
        };
        let name: String = case.function.chars().take(200).collect();
        let [before, now] = &case.values;
        let row = format!(
            "| {sign} | {} | {} | {} | {} | {} |\n",
            code(&name),
            plain(&case.metric),
            plain(before),
            plain(now),
            plain(&case.change)
        );
        if out.len() + row.len() > room {
            out += "\nThe rest does not fit into a comment.\n";
            break;
        }
        out += &row;
    }
    out
}
