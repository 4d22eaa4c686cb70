//! Arguments of `flame`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ValueEnum;

use crate::{command::shared_args::Color, quantity};

/// Arguments of `flame`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report flame 4242                             10 seconds of a running process, as a tree in the terminal
  cargo perf-report flame 4242 --for 30s -o flame.html     a page with the flame graph
  cargo perf-report flame app.perfrec --waiting --where    what a process waits for, and where in the kernel
  cargo perf-report flame -o flame.html -- ./app --fast    a command, from its first moment to its end
  cargo perf-report flame new.perfrec --against old.perfrec -o difference.html

The stacks are those of annotated calls. They are read from the recording (PERF_RECORDING=FILE) of the process, which does \
nothing for it; whether its threads run or wait comes from /proc. Of a process that has ended, the stacks that it \
sampled of itself (PERF_STACKS=99/s) are shown.

Exit status: 0 stacks were shown; 1 the recording is damaged in parts; 2 there are none to show, or the arguments are wrong. After \
a command its own exit status, or 128 and the number of the signal that ended it.")]
pub(in crate::command) struct FlameArgs {
    /// The id of a process that records to a file (PERF_RECORDING=FILE), or the file; ./1234 is a file
    #[arg(value_name = "PID|FILE", required_unless_present = "command", conflicts_with = "command")]
    pub(super) target: Option<PathBuf>,
    /// How long to look at a running process [default: 10s; a command: until it ends]
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(super) time: Option<Duration>,
    /// Looks per second
    #[arg(long, value_name = "NUMBER", default_value = "499", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) rate: u32,
    /// Format of the output [default: by the name of the output file, or text]
    #[arg(long, short, value_name = "FORMAT")]
    pub(super) format: Option<Format>,
    /// Show only what ran, or could have run and waited for a processor
    #[arg(long, conflicts_with = "waiting")]
    pub(super) running: bool,
    /// Show only what waited
    #[arg(long)]
    pub(super) waiting: bool,
    /// Tell threads apart
    #[arg(long)]
    pub(super) threads: bool,
    /// Tell where in the kernel a thread waits
    #[arg(long = "where")]
    pub(super) places: bool,
    /// Show the difference from these stacks: a recording or a snapshot with stacks, or folded stacks
    #[arg(long, value_name = "FILE")]
    pub(super) against: Option<PathBuf>,
    /// Write the output to this file; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Width of the text in columns, instead of the terminal's; 0 is unlimited
    #[arg(long, value_name = "COLUMNS")]
    pub(super) width: Option<usize>,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// A command to run and look at
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

/// Formats of stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A tree for the terminal.
    Text,
    /// A page for a browser.
    Html,
    /// A picture.
    Svg,
    /// A line per stack, and its time in ns.
    Folded,
    /// JSON for <https://www.speedscope.app>.
    Speedscope,
    /// Compressed protobuf for `pprof`.
    Pprof,
}

impl Format {
    /// The format that the name of a file asks for.
    fn of(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let endings = [
            (".html", Format::Html),
            (".htm", Format::Html),
            (".svg", Format::Svg),
            (".folded", Format::Folded),
            (".speedscope", Format::Speedscope),
            (".json", Format::Speedscope),
            (".pb.gz", Format::Pprof),
            (".pprof", Format::Pprof),
        ];
        endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| format)
    }
}

impl FlameArgs {
    /// The format to write.
    pub(super) fn format(&self) -> Format {
        self.format.or_else(|| Format::of(self.output.as_deref()?)).unwrap_or(Format::Text)
    }

    /// Why options that are right alone are wrong together.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let format = self.format();
        match () {
            () if self.against.is_some() && !matches!(format, Format::Html | Format::Text) => Some(
                "a difference is shown as a page or as text; write --format html or --format text, or remove --against",
            ),
            () if self.against.is_some() && self.threads => Some(
                "a difference adds all threads up, because those of two processes are not the same; remove --threads",
            ),
            () if !self.command.is_empty() && format != Format::Text && self.output.is_none() => {
                Some("the command writes to standard output too; write the stacks to a file with -o FILE")
            }
            () => None,
        }
    }
}

/// Reads how long to look.
fn duration(text: &str) -> Result<Duration, String> {
    match quantity::duration(text).map_err(|error| error.to_string())? {
        duration if duration < Duration::from_millis(10) => Err("too short; write 10ms or more".into()),
        duration if duration > Duration::from_secs(86_400) => Err("too long; write 24h or less".into()),
        duration => Ok(duration),
    }
}
