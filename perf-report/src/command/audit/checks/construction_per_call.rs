//! Values that are dear to make and the same at each call, made by each call.

use super::{Context, Effect, Finding, Severity, finding};
use crate::command::audit::source::{Call, CallKind};

pub(super) const NAME: &str = "perf::construction_per_call";

/// Types whose construction is dear, by the end of the path; whether its first argument must be constant for the value to be the same.
const DEAR: [(&str, &str, bool); 23] = [
    ("Regex::new", "a regular expression", true),
    ("RegexSet::new", "a set of regular expressions", false),
    ("AhoCorasick::new", "an automaton", false),
    ("reqwest::Client::new", "an HTTP client with its pool of connections", false),
    ("reqwest::Client::builder", "an HTTP client with its pool of connections", false),
    ("reqwest::blocking::Client::new", "an HTTP client with its pool of connections", false),
    ("reqwest::blocking::Client::builder", "an HTTP client with its pool of connections", false),
    ("ureq::Agent::new_with_defaults", "an HTTP client with its pool of connections", false),
    ("ureq::agent", "an HTTP client with its pool of connections", false),
    ("Pool::connect", "a pool of connections", false),
    ("PgPool::connect", "a pool of connections", false),
    ("MySqlPool::connect", "a pool of connections", false),
    ("SqlitePool::connect", "a pool of connections", false),
    ("PgPoolOptions::new", "a pool of connections", false),
    ("r2d2::Pool::new", "a pool of connections", false),
    ("r2d2::Pool::builder", "a pool of connections", false),
    ("rusqlite::Connection::open", "a connection to a database", true),
    ("redis::Client::open", "a client of a database", true),
    ("postgres::Client::connect", "a connection to a database", true),
    ("Handlebars::new", "a registry of templates", false),
    ("Tera::new", "a set of parsed templates", true),
    ("tokio::runtime::Runtime::new", "an async runtime with its threads", false),
    ("rayon::ThreadPoolBuilder::new", "a pool of threads", false),
];

/// Functions that read the same file each time if its name is constant.
const READS: [&str; 4] = ["std::fs::read", "std::fs::read_to_string", "std::fs::File::open", "std::fs::read_dir"];

/// Beginnings of names of functions that are there to make something once.
const MAKERS: [&str; 14] = [
    "main", "new", "build", "load", "open", "connect", "init", "setup", "set_up", "default", "from_", "try_from",
    "create", "with_",
];

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, file) in context.files.iter().enumerate() {
        for call in file.calls.iter().filter(|call| call.kind == CallKind::Function && !call.is_initialiser) {
            let Some(thing) = dear(call) else { continue };
            let Some(item) = file.innermost(call.place.line, |item| !item.is_test) else { continue };
            let name = &file.items[item].name;
            let is_maker = MAKERS.iter().any(|maker| {
                name.strip_prefix(maker)
                    .is_some_and(|rest| rest.is_empty() || maker.ends_with('_') || rest.starts_with('_'))
            });
            let is_env = thing == ENVIRONMENT;
            let calls = context.function(index, call.place.line).map(|function| function.calls);
            let is_repeated = match calls {
                Some(calls) => calls >= if is_env { HOT } else { 2 } || (calls > 0 && call.loops > 0),
                // A constructor that is called often was handled above: without a profile nobody knows.
                None => call.loops > 0 || (!is_maker && !is_env),
            };
            if !is_repeated || (call.is_cold && call.loops == 0) {
                continue;
            }
            let times = match calls {
                Some(calls) => format!("each of {} calls of `{name}`", crate::view::units::count(calls)),
                None if call.loops > 0 => "each turn of this loop".to_owned(),
                None => format!("each call of `{name}`"),
            };
            let weight = if is_env { 0.3 } else { 0.95 };
            let severity = if call.loops > 0 && !is_env { Severity::High } else { Severity::Medium };
            let does = match thing {
                ENVIRONMENT | FILE => thing.to_owned(),
                thing => format!("makes {thing} anew"),
            };
            let message = format!("{times} {does}");
            let effect = if is_env { Effect::Allocations } else { Effect::Time };
            found.push(
                finding(NAME, (severity, effect, weight), &call.place, message)
                    .help("make it once, at first use: a static with `#[lazy_resource]`, or `std::sync::LazyLock`"),
            );
        }
    }
    found
}

/// Calls from which on a function is hot, for a look at the environment.
const HOT: u64 = 1_000;
const ENVIRONMENT: &str = "copies an environment variable, under a lock";

const FILE: &str = "reads the same file again";

/// The value that a call makes, if it is dear and the same each time.
fn dear(call: &Call) -> Option<&'static str> {
    let is_constant = call.arguments.first().is_some_and(|argument| argument.is_constant());
    if READS.contains(&call.path.as_str()) {
        // The standard library's own gives nothing to wait for: it is another function of the name.
        return (is_constant && !call.is_awaited).then_some(FILE);
    }
    if matches!(call.path.as_str(), "std::env::var" | "std::env::var_os") {
        return is_constant.then_some(ENVIRONMENT);
    }
    let is = |path: &str| call.path == path || call.path.ends_with(&format!("::{path}"));
    DEAR.iter().find(|(path, _, constant)| is(path) && (is_constant || !constant)).map(|(_, thing, _)| *thing)
}
