//! Runs an example as its user would, and reads what it leaves.

use perf_report::{Function, Losses, Snapshot, Timing};
use perf_tests::child::{Ended, Program};

/// The output of a program that ended in order.
pub(crate) struct Run {
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
    /// The snapshot that it wrote.
    pub(crate) snapshot: Snapshot,
}

/// Runs a program with `PERF_REPORT=json:FILE`.
pub(crate) fn recorded(program: &str) -> Run {
    recorded_with(program, &[])
}

/// As [`recorded`], with arguments.
pub(crate) fn recorded_with(program: &str, arguments: &[&str]) -> Run {
    let program = arguments.iter().fold(Program::new(program), Program::arg);
    let ended = program.reporting().run();
    let snapshot = ended.exited(0).report();
    let Ended { stdout, stderr, .. } = ended;
    Run { stdout, stderr, snapshot }
}

/// Runs a program with these variables; its standard output and standard error.
pub(crate) fn run(program: &str, variables: &[(&str, &str)]) -> (String, String) {
    let program = variables.iter().fold(Program::new(program), |program, (name, value)| program.env(name, value));
    let ended = program.run();
    ended.exited(0);
    (ended.stdout, ended.stderr)
}

impl Run {
    /// The only function whose name ends so.
    pub(crate) fn function(&self, name: &str) -> &Function {
        let mut found = self.snapshot.functions.iter().filter(|function| {
            function.name.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        });
        let function = found.next().unwrap_or_else(|| panic!("no function `{name}` in {:?}", self.names()));
        assert_eq!(found.next(), None, "two functions `{name}`");
        function
    }

    /// Calls that `caller` made of `name`; those of code without annotations if `caller` is `None`.
    pub(crate) fn calls_by(&self, caller: Option<&str>, name: &str) -> u64 {
        let caller = caller.map(|caller| self.function(caller));
        let edges = &self.function(name).callers;
        let by_caller = edges.iter().filter(|edge| edge.caller.map(|index| &self.snapshot.functions[index]) == caller);
        by_caller.map(|edge| edge.calls).sum()
    }

    /// Checks the calls of every function, and that there is no other.
    pub(crate) fn assert_calls(&self, expected: &[(&str, u64)]) {
        for (name, calls) in expected {
            assert_eq!(self.function(name).calls, *calls, "calls of {name}");
        }
        assert_eq!(self.called().count(), expected.len(), "functions: {:?}", self.names());
    }

    /// Checks what holds of every run: nothing lost, nothing in flight, and figures that add up.
    pub(crate) fn assert_whole(&self) {
        let Losses { used_bytes, capacity_bytes, deepest, stack_height, .. } = self.snapshot.losses;
        let mut none = Losses::default();
        (none.used_bytes, none.capacity_bytes) = (used_bytes, capacity_bytes);
        (none.deepest, none.stack_height) = (deepest, stack_height);
        assert_eq!(self.snapshot.losses, none);
        assert_eq!(self.snapshot.in_flight, []);
        for function in self.called() {
            let by_callers: u64 = function.callers.iter().map(|caller| caller.calls).sum();
            assert_eq!(by_callers, function.calls, "calls of {} by caller", function.name);
            if function.timing == Timing::Exact {
                assert_eq!(function.latency.count(), function.calls, "calls of {} in its distribution", function.name);
            }
            assert_eq!((function.unwound, function.abandoned), (0, 0), "{}", function.name);
            assert!(function.min_ns <= function.max_ns, "{}", function.name);
            assert!(function.self_ns <= function.sum_ns, "{}", function.name);
        }
    }

    /// Without the rows beside them, such as that of single polls.
    fn called(&self) -> impl Iterator<Item = &Function> {
        self.snapshot.functions.iter().filter(|function| !function.kind.is_beside_calls())
    }

    fn names(&self) -> Vec<&str> {
        self.snapshot.functions.iter().map(|function| function.name.as_str()).collect()
    }
}
