//! Things that an alert can watch: the process, a function, a resource.

use perf_report::monitor::{Metric, Unit};

/// What an alert watches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Watched {
    /// The process.
    Metric(Metric),
    /// An annotated function, by its name or the end of its path.
    Function(FunctionFigure, String),
    /// A lazy resource, by its name or the end of its path.
    Resource(ResourceFigure, String),
}

impl From<Metric> for Watched {
    fn from(metric: Metric) -> Self {
        Watched::Metric(metric)
    }
}

impl Watched {
    /// The duration that 99 of 100 of a function's recent calls did not exceed.
    #[must_use]
    pub fn p99(function: impl Into<String>) -> Watched {
        Watched::Function(FunctionFigure::P99, function.into())
    }

    /// A function's recent calls per second.
    #[must_use]
    pub fn calls(function: impl Into<String>) -> Watched {
        Watched::Function(FunctionFigure::Calls, function.into())
    }

    pub(crate) fn unit(&self) -> Unit {
        match self {
            Watched::Metric(metric) => metric.unit(),
            Watched::Function(figure, _) => match figure {
                FunctionFigure::Calls => Unit::PerSecond,
                FunctionFigure::Unwound | FunctionFigure::Cancelled => Unit::Ppm,
                _ => Unit::Nanoseconds,
            },
            Watched::Resource(ResourceFigure::Idle, _) => Unit::Nanoseconds,
            Watched::Resource(_, _) => Unit::Count,
        }
    }
}

macro_rules! figures {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_doc])* $name,)*
        }

        impl $type {
            pub(crate) const ALL: &'static [$type] = &[$($type::$name,)*];

            /// Its name in expressions.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$name => $text,)* }
            }
        }
    };
}

figures! {
    /// A figure of a function's recent calls.
    FunctionFigure {
        /// Calls per second.
        Calls "calls",
        /// Mean duration.
        Mean "mean",
        /// Median duration.
        P50 "p50",
        /// Duration that 9 of 10 calls did not exceed.
        P90 "p90",
        /// Duration that 99 of 100 calls did not exceed.
        P99 "p99",
        /// Duration that 999 of 1000 calls did not exceed.
        P999 "p999",
        /// Longest duration.
        Max "max",
        /// Share of the calls that a panic passed through.
        Unwound "unwound",
        /// Share of the futures that were dropped before they were ready.
        Cancelled "cancelled",
    }
}

figures! {
    /// A figure of a resource.
    ResourceFigure {
        /// 1 while its last initialisation failed.
        Failed "failed",
        /// How long its value has not been used.
        Idle "idle",
        /// 1 while it says that it is not healthy.
        Unhealthy "unhealthy",
    }
}
