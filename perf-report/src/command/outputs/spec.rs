//! The value of `--output`: a format, and the file that it goes to.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

/// Files for pipelines.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::command) struct OutputArgs {
    /// Also write the result for a pipeline; may be given several times. The formats are junit, sarif, gitlab, bencher,
    /// benchmark-action, markdown and github; `-` is standard output, in place of the text. `github` without a file writes
    /// annotations and the step's summary where GitHub's variables are set
    #[arg(long = "output", value_name = "FORMAT:FILE")]
    outputs: Vec<Output>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::command) struct Output {
    pub(super) format: Format,
    /// The file; `None` for GitHub's own places.
    pub(in crate::command) file: Option<PathBuf>,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command) enum Format {
    /// JUnit XML, as Jenkins and GitLab read it.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub.
    Github,
    /// Code quality report of GitLab.
    Gitlab,
    /// Bencher Metric Format.
    Bencher,
    /// `customSmallerIsBetter` of github-action-benchmark.
    BenchmarkAction,
    /// A comment for a pull request.
    Markdown,
}

impl Format {
    const ALL: [(&str, Format); 7] = [
        ("junit", Format::Junit),
        ("sarif", Format::Sarif),
        ("gitlab", Format::Gitlab),
        ("bencher", Format::Bencher),
        ("benchmark-action", Format::BenchmarkAction),
        ("markdown", Format::Markdown),
        ("github", Format::Github),
    ];

    /// Its name on the command line.
    pub(in crate::command) fn name(self) -> &'static str {
        Format::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Whether it holds measures alone, and so makes sense without a verdict.
    fn is_of_measures(self) -> bool {
        matches!(self, Format::Bencher | Format::BenchmarkAction)
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let (name, file) = match text.split_once(':') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let Some(&(_, format)) = Format::ALL.iter().find(|(known, _)| *known == name) else {
            let names = Format::ALL.map(|(name, _)| name).join(", ");
            return Err(format!("{name:?} is not a format; write one of {names}"));
        };
        match file {
            Some("") => {
                Err(format!("the name of the file is missing; write {name}:FILE, or {name}:- for standard output"))
            }
            None if format != Format::Github => Err(format!("write {name}:FILE, or {name}:- for standard output")),
            file => Ok(Output { format, file: file.map(PathBuf::from) }),
        }
    }
}

impl OutputArgs {
    /// Those of a command that reads the option itself.
    pub(in crate::command) fn of(outputs: Vec<Output>) -> OutputArgs {
        OutputArgs { outputs }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    pub(super) fn all(&self) -> &[Output] {
        &self.outputs
    }

    pub(super) fn takes_standard_output(&self) -> bool {
        self.files().any(|file| file == Path::new("-"))
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        self.outputs.iter().filter_map(|output| output.file.as_deref())
    }

    /// A format that needs a verdict, which a measurement without a comparison has not.
    pub(in crate::command) fn needs_verdict(&self) -> Option<Format> {
        self.outputs.iter().map(|output| output.format).find(|format| !format.is_of_measures())
    }

    /// Refuses two outputs that would overwrite each other.
    pub(super) fn refuse_clashes(&self) -> Result<(), String> {
        let files: Vec<&Path> = self.files().collect();
        match files.iter().enumerate().find(|(place, file)| files[..*place].contains(file)) {
            Some((_, file)) => Err(format!("two outputs go to {}; give each a file of its own", file.display())),
            None => Ok(()),
        }
    }
}
