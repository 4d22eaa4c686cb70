//! The profile format of Valgrind's callgrind, which KCachegrind, QCachegrind and `callgrind_annotate` read.
//!
//! It knows functions with a cost of their own, and for each caller and callee a number of calls and their inclusive cost: exactly
//! what a snapshot knows. Costs are nanoseconds. The readers take for a function's inclusive cost what its callers have on the
//! way to it, so code that is not annotated is a function too, the caller of those that it called.
//! (<https://valgrind.org/docs/manual/cl-format.html>)

use std::{collections::HashMap, fmt::Write};

use super::names;
use crate::{Caller, Function, Snapshot, view::text::escape};

/// How the format writes that a file is unknown.
const UNKNOWN_FILE: &str = "???";

/// The name of the function that stands for all code without annotations.
const NOT_ANNOTATED: &str = "(code that is not annotated)";

/// The functions that ran, and their calls of one another. Rows beside them, such as how long a lock was held, are no calls.
pub(crate) fn render(snapshot: &Snapshot) -> String {
    let functions = &snapshot.functions;
    let mut callees: Vec<Vec<Call>> = vec![Vec::new(); functions.len()];
    let mut from_outside = Vec::new();
    for (callee, function) in functions.iter().enumerate().filter(|(_, function)| is_called(function)) {
        for caller in callers(function) {
            // An index that leads nowhere can only come from a snapshot made by hand: such a caller is not annotated code.
            let of_caller = caller.caller.and_then(|caller| callees.get_mut(caller)).unwrap_or(&mut from_outside);
            of_caller.push(Call { callee, calls: caller.calls, ns: caller.total_ns });
        }
    }
    let mut profile = Profile::begin(snapshot);
    profile.outside(&from_outside);
    for (index, (function, calls)) in functions.iter().zip(&callees).enumerate() {
        let ran = function.calls > 0 || function.self_ns > 0 || !calls.is_empty();
        if ran && is_called(function) {
            profile.function(index, calls);
        }
    }
    profile.end()
}

fn is_called(function: &Function) -> bool {
    !function.kind.is_beside_calls()
}

/// The calls that a function made of another.
#[derive(Clone, Copy, Debug)]
struct Call {
    callee: usize,
    calls: u64,
    ns: u64,
}

/// The callers of a function. All together they have its calls and its inclusive time, as the readers of the format expect.
///
/// Estimates and rounding can keep them from adding up in the snapshot, and of a full recording some callers are unknown: those count
/// as code that is not annotated. The callers of a future account for the time of its polls.
fn callers(function: &Function) -> Vec<Caller> {
    let whole = function.futures.map_or(function.total_ns, |futures| futures.busy_ns);
    let mut callers = function.callers.clone();
    let sum =
        |of: fn(&Caller) -> u64, callers: &[Caller]| callers.iter().map(|caller| u128::from(of(caller))).sum::<u128>();
    let unknown = u128::from(function.calls).saturating_sub(sum(|caller| caller.calls, &callers)) as u64;
    let known_ns = sum(|caller| caller.total_ns, &callers);
    if unknown > 0 {
        callers.push(Caller::new(None, unknown, u128::from(whole).saturating_sub(known_ns) as u64));
    }
    let ns = sum(|caller| caller.total_ns, &callers);
    let (mut seen, mut given) = (0, 0);
    for caller in &mut callers {
        seen += u128::from(caller.total_ns);
        // Each is cut where the sum of all before it is, so that rounding loses nothing.
        let share = u128::from(whole).saturating_mul(seen).checked_div(ns).unwrap_or(0) as u64;
        caller.total_ns = share - given;
        given = share;
    }
    callers
}

/// A profile that is being written.
struct Profile<'a> {
    functions: &'a [Function],
    /// The name of each function: files and names together tell functions apart.
    names: Vec<String>,
    /// Whether a function's number has been told; the last is that of code without annotations.
    told: Vec<bool>,
    /// The numbers of the files so far.
    files: HashMap<String, usize>,
    total: u64,
    text: String,
}

impl<'a> Profile<'a> {
    fn begin(snapshot: &'a Snapshot) -> Profile<'a> {
        let functions = snapshot.functions.as_slice();
        let version = env!("CARGO_PKG_VERSION");
        let mut text = format!("# callgrind format\nversion: 1\ncreator: perf-report {version}\n");
        if snapshot.process.pid != 0 {
            text += &format!("pid: {}\n", snapshot.process.pid);
        }
        if functions.iter().any(|function| is_called(function) && function.is_sampled()) {
            text += "desc: Estimates: calls by caller, and times, of functions that are timed adaptively\n";
        }
        text += &format!(
            "cmd: {}\n\npositions: line\nevent: ns : Time (ns)\nevents: ns\n",
            line(&snapshot.process.program)
        );
        Profile {
            functions,
            names: names::distinct(functions.iter().map(|function| (file(function), line(&function.name)))),
            told: vec![false; functions.len() + 1],
            files: HashMap::new(),
            total: 0,
            text,
        }
    }

    /// The calls that code without annotations made.
    fn outside(&mut self, calls: &[Call]) {
        let file = self.file(UNKNOWN_FILE.into());
        let name = self.name(self.functions.len());
        let _ = write!(self.text, "\nfl={file}\nfn={name}\n");
        self.calls(0, calls);
    }

    fn function(&mut self, index: usize, calls: &[Call]) {
        let functions = self.functions;
        let Function { line, self_ns, .. } = functions[index];
        let file = self.file(file(&functions[index]));
        let name = self.name(index);
        let _ = write!(self.text, "\nfl={file}\nfn={name}\n{line} {self_ns}\n");
        self.total = self.total.saturating_add(self_ns);
        self.calls(line, calls);
    }

    /// Calls made at a line: that of their caller's name, because the places of calls are not recorded.
    fn calls(&mut self, line: u32, calls: &[Call]) {
        let functions = self.functions;
        for &Call { callee, calls, ns } in calls {
            let file = self.file(file(&functions[callee]));
            let name = self.name(callee);
            let at = functions[callee].line;
            let _ = write!(self.text, "cfi={file}\ncfn={name}\ncalls={calls} {at}\n{line} {ns}\n");
        }
    }

    fn end(mut self) -> String {
        let _ = write!(self.text, "\ntotals: {}\n", self.total);
        self.text
    }

    /// The number of a file, and its path where that is mentioned first.
    fn file(&mut self, path: String) -> String {
        let next = self.files.len() + 1;
        match self.files.get(&path) {
            Some(number) => format!("({number})"),
            None => {
                let told = format!("({next}) {path}");
                self.files.insert(path, next);
                told
            }
        }
    }

    /// The number of a function, and its name where it is mentioned first.
    ///
    /// Numbers are those of functions and not of names, because readers also take the file from the first mention.
    fn name(&mut self, index: usize) -> String {
        let number = index + 1;
        match std::mem::replace(&mut self.told[index], true) {
            true => format!("({number})"),
            false => format!("({number}) {}", self.names.get(index).map_or(NOT_ANNOTATED, String::as_str)),
        }
    }
}

/// A text as the rest of a line: readers cut white space at its ends.
fn line(text: &str) -> String {
    escape(text.trim())
}

fn file(function: &Function) -> String {
    let path = line(&function.file);
    if path.is_empty() { UNKNOWN_FILE.into() } else { path }
}
