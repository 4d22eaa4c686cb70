//! Site records: what the reports call each annotated place.
//!
//! Site ids count from 1. Id `i` is entry `i - 1` of the list that the chunks form: chunk `k` holds `64 << k` entries, each the
//! absolute offset of a record.

use serde::Serialize;

/// Number of chunks in the directory.
pub const CHUNKS: usize = 20;
/// Entries of the first chunk.
pub const FIRST_CHUNK: usize = 64;

/// The [`Kind`]: [`KIND_FUNCTION`] or one of those below it.
pub const KIND: usize = 0;
/// The [`Timing`]: [`TIMING_EXACT`], [`TIMING_ADAPTIVE`] or [`TIMING_WAITS`].
pub const TIMING: usize = 1;
/// Line of the item's name.
pub const LINE: usize = 2;
/// Length of the name in bytes.
///
/// The strings follow the record, each starting at a word.
pub const NAME_BYTES: usize = 3;
/// Length of the module path in bytes.
pub const MODULE_BYTES: usize = 4;
/// Length of the file name in bytes.
pub const FILE_BYTES: usize = 5;
/// Length of the budgets in bytes: `figure=limit` joined by `;`.
pub const BUDGET_BYTES: usize = 6;
/// About how many names share the site; 0 if it has one of its own.
pub const NAMES: usize = 7;
/// Start of the strings: name, module, file, budgets.
pub const STRINGS: usize = 8;

/// [`KIND`]: a function.
pub const KIND_FUNCTION: u64 = 1;
/// [`KIND`]: a future.
pub const KIND_FUTURE: u64 = 2;
/// [`KIND`]: a block.
pub const KIND_BLOCK: u64 = 3;
/// [`KIND`]: a wait for a lock.
pub const KIND_LOCK: u64 = 4;
/// [`KIND`]: a wait for a channel.
pub const KIND_CHANNEL: u64 = 5;
/// [`KIND`]: a wait for a database.
pub const KIND_QUERY: u64 = 6;
/// [`KIND`]: a wait for a file or a stream.
pub const KIND_IO: u64 = 7;
/// [`KIND`]: a request that is answered.
pub const KIND_REQUEST: u64 = 8;
/// [`KIND`]: a span of the crate `tracing`, or of another source.
pub const KIND_SPAN: u64 = 9;
/// [`KIND`]: the time for which something was held.
pub const KIND_HOLD: u64 = 10;
/// [`KIND`]: a request to another service.
pub const KIND_CLIENT: u64 = 11;
/// [`KIND`]: the age of messages.
pub const KIND_AGE: u64 = 12;

/// [`KIND`]: single polls of futures.
pub const KIND_POLL: u64 = 13;
/// [`KIND`]: the time from the wake of a task to its next poll.
pub const KIND_WAKE: u64 = 14;
/// [`KIND`]: the time of futures in which none of those that they poll was there.
pub const KIND_ALONE: u64 = 15;

/// [`TIMING`]: every call is timed.
pub const TIMING_EXACT: u64 = 0;
/// [`TIMING`]: short calls are sampled.
pub const TIMING_ADAPTIVE: u64 = 1;
/// [`TIMING`]: calls that wait are timed, others are counted.
///
/// The others are counted in the words of adaptive timing, see [`super::slot::COUNTER`], and have no caller.
pub const TIMING_WAITS: u64 = 2;

/// Kinds of sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A function or method.
    Function,
    /// An async function, or one that returns a future and is timed as one.
    Future,
    /// A block labelled by `profile_block!`.
    Block,
    /// A lock: its calls are acquisitions, their time is the wait for it.
    Lock,
    /// A channel: its calls are messages, their time is the wait for them.
    ///
    /// Who sends waits for room, who receives for a message.
    Channel,
    /// A statement of a database, or the wait for a connection to it.
    Query,
    /// An operation on a file or a stream.
    Io,
    /// A request that a server answers: work, as a future is.
    Request,
    /// A span of the crate `tracing`: work, as a block is.
    Span,
    /// The time for which a lock was held, from its acquisition to its release.
    ///
    /// It is no time of its own: the calls that held it have it.
    Hold,
    /// A request to another service: its time is the wait for the answer.
    Client,
    /// The time from the making of a message to its receipt.
    ///
    /// No thread was in it, and it has no callers.
    Age,
    /// Single polls of futures that were not ready at once.
    ///
    /// Their time is that of the futures themselves, whose row has it too.
    Poll,
    /// The time from the wake of a task to its next poll.
    ///
    /// No thread was in it, and it has no callers.
    Wake,
    /// The time of a future in which none of those that it polls was there.
    ///
    /// None of the annotated ones had begun and not ended. It is a part of the future's own duration, whose row has it too.
    Alone,
}

impl Kind {
    /// All kinds, by rising number.
    pub const ALL: [Kind; 15] = [
        Kind::Function,
        Kind::Future,
        Kind::Block,
        Kind::Lock,
        Kind::Channel,
        Kind::Query,
        Kind::Io,
        Kind::Request,
        Kind::Span,
        Kind::Hold,
        Kind::Client,
        Kind::Age,
        Kind::Poll,
        Kind::Wake,
        Kind::Alone,
    ];

    /// Its word in reports: `function`, `lock`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Function => "function",
            Kind::Future => "future",
            Kind::Block => "block",
            Kind::Lock => "lock",
            Kind::Channel => "channel",
            Kind::Query => "query",
            Kind::Io => "io",
            Kind::Request => "request",
            Kind::Span => "span",
            Kind::Hold => "hold",
            Kind::Client => "client",
            Kind::Age => "age",
            Kind::Poll => "poll",
            Kind::Wake => "wake",
            Kind::Alone => "alone",
        }
    }

    /// The word behind the names of its rows: `held` of `stock (held)`.
    ///
    /// Rows that stand beside that of a lock or of a future have one.
    #[must_use]
    pub const fn part(self) -> Option<&'static str> {
        match self {
            Kind::Hold => Some("held"),
            Kind::Poll => Some("poll"),
            Kind::Wake => Some("woken"),
            Kind::Alone => Some("alone"),
            _ => None,
        }
    }

    /// Whether the time of its calls is time in which the program waited.
    #[must_use]
    pub const fn is_wait(self) -> bool {
        matches!(self, Kind::Lock | Kind::Channel | Kind::Query | Kind::Io | Kind::Client)
    }

    /// Whether its time is no time that a thread spent in its calls.
    ///
    /// So is that of holds, of messages on their way, of tasks that wait for a thread, and of futures that are alone; single polls are told
    /// once more.
    #[must_use]
    pub const fn is_beside_calls(self) -> bool {
        matches!(self, Kind::Hold | Kind::Age | Kind::Poll | Kind::Wake | Kind::Alone)
    }

    /// Whether adaptive timing of a whole program applies to it.
    ///
    /// Futures, spans and waits have their own way.
    #[must_use]
    pub const fn may_be_adaptive(self) -> bool {
        matches!(self, Kind::Function | Kind::Block)
    }

    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Kind::Function => KIND_FUNCTION,
            Kind::Future => KIND_FUTURE,
            Kind::Block => KIND_BLOCK,
            Kind::Lock => KIND_LOCK,
            Kind::Channel => KIND_CHANNEL,
            Kind::Query => KIND_QUERY,
            Kind::Io => KIND_IO,
            Kind::Request => KIND_REQUEST,
            Kind::Span => KIND_SPAN,
            Kind::Hold => KIND_HOLD,
            Kind::Client => KIND_CLIENT,
            Kind::Age => KIND_AGE,
            Kind::Poll => KIND_POLL,
            Kind::Wake => KIND_WAKE,
            Kind::Alone => KIND_ALONE,
        }
    }

    /// The kind that a number stands for.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Kind> {
        match code {
            KIND_FUNCTION => Some(Kind::Function),
            KIND_FUTURE => Some(Kind::Future),
            KIND_BLOCK => Some(Kind::Block),
            KIND_LOCK => Some(Kind::Lock),
            KIND_CHANNEL => Some(Kind::Channel),
            KIND_QUERY => Some(Kind::Query),
            KIND_IO => Some(Kind::Io),
            KIND_REQUEST => Some(Kind::Request),
            KIND_SPAN => Some(Kind::Span),
            KIND_HOLD => Some(Kind::Hold),
            KIND_CLIENT => Some(Kind::Client),
            KIND_AGE => Some(Kind::Age),
            KIND_POLL => Some(Kind::Poll),
            KIND_WAKE => Some(Kind::Wake),
            KIND_ALONE => Some(Kind::Alone),
            _ => None,
        }
    }
}

/// How the calls of a site are timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub enum Timing {
    /// Every call.
    Exact,
    /// Every call is counted; where calls are short, only some are timed.
    ///
    /// A timed call stands for those around it.
    Adaptive,
    /// Every call that waited; the others are counted, and took no time.
    Waits,
}

impl Timing {
    /// Its number in a recording.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Timing::Exact => TIMING_EXACT,
            Timing::Adaptive => TIMING_ADAPTIVE,
            Timing::Waits => TIMING_WAITS,
        }
    }

    /// The timing that a number stands for.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Timing> {
        match code {
            TIMING_EXACT => Some(Timing::Exact),
            TIMING_ADAPTIVE => Some(Timing::Adaptive),
            TIMING_WAITS => Some(Timing::Waits),
            _ => None,
        }
    }
}

/// The chunk and the entry in it where site `id` (from 1) is found.
#[must_use]
pub const fn locate(id: usize) -> (usize, usize) {
    let position = id - 1 + FIRST_CHUNK;
    let chunk = (position / FIRST_CHUNK).ilog2() as usize;
    (chunk, position - (FIRST_CHUNK << chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_for_what_has_it() {
        for (code, kind) in (1..).zip(Kind::ALL) {
            assert_eq!((kind.code(), Kind::from_code(code)), (code, Some(kind)));
        }
        for timing in [Timing::Exact, Timing::Adaptive, Timing::Waits] {
            assert_eq!(Timing::from_code(timing.code()), Some(timing));
        }
        let unknown = Kind::ALL.len() as u64 + 1;
        assert_eq!((Kind::from_code(0), Kind::from_code(unknown), Timing::from_code(3)), (None, None, None));
    }

    #[test]
    fn sites_are_located_without_gaps() {
        let mut expected = (0, 0);
        for id in 1..100_000 {
            assert_eq!(locate(id), expected, "site {id}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
