//! The rows of the comparison: which program, and how it is asked to record.

/// A way to annotate the crates, with a program of its own.
#[derive(Debug)]
pub(super) struct Variant {
    /// The name of its program.
    pub(super) name: &'static str,
    /// The attribute before every function; none where that is empty.
    pub(super) attribute: &'static str,
    /// The package that the attribute is from, and the package's features.
    pub(super) package: Option<(&'static str, &'static str)>,
    /// Whether the functions of csv-core are annotated too.
    pub(super) with_core: bool,
    /// An expression that starts the contender when the program is asked to record by an argument.
    pub(super) guard: Option<&'static str>,
}

const NOTHING: Variant = Variant { name: "bare", attribute: "", package: None, with_core: false, guard: None };

/// All programs.
pub(super) static VARIANTS: [Variant; 6] = [
    NOTHING,
    Variant {
        name: "perf",
        attribute: "#[perf_runtime::profile]",
        package: Some(("perf-runtime", "")),
        with_core: false,
        guard: None,
    },
    Variant {
        name: "perf-core",
        attribute: "#[perf_runtime::profile]",
        package: Some(("perf-runtime", "")),
        with_core: true,
        guard: None,
    },
    Variant {
        name: "hotpath",
        attribute: "#[hotpath::measure]",
        package: Some(("hotpath", "\"hotpath\"")),
        with_core: false,
        guard: Some(r#"hotpath::HotpathGuardBuilder::new("main").format(hotpath::Format::None).build()"#),
    },
    Variant {
        name: "tracing-core",
        attribute: "#[tracing::instrument(skip_all)]",
        package: Some(("tracing", "")),
        with_core: true,
        guard: None,
    },
    Variant {
        name: "fastrace-core",
        attribute: "#[fastrace::trace]",
        package: Some(("fastrace", "\"enable\"")),
        with_core: true,
        guard: None,
    },
];

/// A row of the table.
#[derive(Debug)]
pub(super) struct Row {
    /// Its name in the table.
    pub(super) title: &'static str,
    /// The name of its program.
    pub(super) variant: &'static str,
    /// Whether the program starts the contender.
    pub(super) record: bool,
    /// Whether the runtime writes reports, and the variables that say how it measures.
    pub(super) report: bool,
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// The most times the bare job that it may take, where there is a limit.
    pub(super) limit: Option<f64>,
    /// Whether a run takes so much time and memory that one has to do.
    pub(super) is_heavy: bool,
}

const ROW: Row =
    Row { title: "", variant: "perf", record: false, report: false, variables: &[], limit: None, is_heavy: false };
const EXACT: Row = Row { title: "perf, exact", report: true, ..ROW };
const ADAPTIVE: Row = Row { title: "perf, adaptive", report: true, variables: &[("PERF_TIMING", "adaptive")], ..ROW };
const STACKS: Row = Row {
    title: "perf, adaptive, stacks 999/s",
    variables: &[("PERF_TIMING", "adaptive"), ("PERF_STACKS", "999/s")],
    ..ADAPTIVE
};

/// The row that all others are compared with.
pub(super) const BARE: usize = 0;

/// All rows, in the order of the table.
pub(super) static ROWS: [Row; 13] = [
    Row { title: "bare", variant: "bare", ..ROW },
    Row { title: "perf, not recording", ..ROW },
    EXACT,
    ADAPTIVE,
    STACKS,
    Row { title: "hotpath, no session", variant: "hotpath", ..ROW },
    Row { title: "hotpath, session", variant: "hotpath", record: true, is_heavy: true, ..ROW },
    // 70 ms where the bare job takes 42.
    Row { title: "perf, not recording", variant: "perf-core", limit: Some(70.0 / 42.0), ..ROW },
    Row { variant: "perf-core", limit: Some(40.0), ..EXACT },
    Row { variant: "perf-core", limit: Some(3.3), ..ADAPTIVE },
    Row { variant: "perf-core", ..STACKS },
    Row { title: "tracing, no subscriber", variant: "tracing-core", ..ROW },
    Row { title: "fastrace, no root", variant: "fastrace-core", ..ROW },
];
