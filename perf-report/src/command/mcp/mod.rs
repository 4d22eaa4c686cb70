//! `mcp`: answers about recordings for an assistant, over standard input and output.
//!
//! The Model Context Protocol is JSON-RPC, a message per line. Of it four methods are needed here ([`protocol`]), which are fewer lines than
//! the crates of an implementation (rmcp 3 brings 27 that nothing else here needs) are crates. The content of an answer is in [`tools`]: not
//! rows of figures, but shares with how sure they are, and what stands out ([`judgement`]).

mod judgement;
mod protocol;
mod tools;
mod waits;

use std::{
    io::{self, BufRead, BufReader, Read},
    path::PathBuf,
};

use super::{Outcome, Streams, serve::Recordings};
use crate::view::metrics::FUNCTION_LIMIT;
use protocol::Reply;

/// The longest message that is read. Questions are short.
const LONGEST: u64 = 1 << 20;

/// Arguments of `mcp`.
#[derive(Debug, clap::Args)]
#[command(after_help = "An assistant starts it; its settings name this command:

  {\"mcpServers\": {\"perf\": {\"command\": \"perfrec\", \"args\": [\"mcp\", \"/var/lib/recordings\"]}}}

Tools: functions (where the time goes), explain (one function), in_flight (calls that have not ended), waits (what it waits \
for), budgets, diff (two runs or sets of runs). It only reads.

Exit status: 0 standard input has ended; 2 the arguments are wrong.")]
pub(super) struct McpArgs {
    /// Recordings, folders of them, or process ids; ./1234 is a file
    #[arg(value_name = "PATH|DIR|PID", default_value = ".")]
    places: Vec<PathBuf>,
}

/// Answers until standard input ends.
pub(super) fn run(args: &McpArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let mut recordings = Recordings::new(&args.places, FUNCTION_LIMIT);
    let mut input = BufReader::new(&mut *streams.input);
    loop {
        let mut line = Vec::new();
        let read = Read::take(&mut input, LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(Outcome::Complete);
        }
        let reply = if line.ends_with(b"\n") || (read as u64) < LONGEST {
            protocol::reply(&line, &mut |name, arguments| tools::call(name, arguments, &mut recordings))
        } else {
            skip_line(&mut input)?;
            Some(Reply::too_long())
        };
        if let Some(reply) = reply {
            writeln!(streams.output, "{}", reply.to_json())?;
            streams.output.flush()?;
        }
    }
}

/// Reads on to the end of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}
