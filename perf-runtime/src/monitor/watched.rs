//! Things that an alert can watch: metrics of the process, of functions, of resources.

use perf_report::monitor::{Metric, Unit};

/// Something that an alert watches: the process, a function or a resource.
///
/// ```
/// use perf_runtime::monitor::{Alert, Level, Metric, Watched};
///
/// let threads = Alert::above(Metric::Threads, 200);
/// let errors = Alert::above(Watched::cancelled("fetch"), Level::Percent(5.0));
/// assert_eq!(threads.to_string(), "threads > 200");
/// assert_eq!(errors.to_string(), "cancelled(fetch) > 5%");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Watched {
    /// A metric of the process.
    Metric(Metric),
    /// A metric of an annotated function, by its name or the end of its path.
    Function(FunctionMetric, String),
    /// A metric of a lazy resource, by its name or the end of its path.
    Resource(ResourceMetric, String),
    /// A metric of a channel, by its name.
    ///
    /// It is that of its rows without the end: `jobs` of `jobs (send)`.
    Channel(ChannelMetric, String),
}

impl From<Metric> for Watched {
    fn from(metric: Metric) -> Self {
        Watched::Metric(metric)
    }
}

impl Watched {
    pub(crate) fn unit(&self) -> Unit {
        match self {
            Watched::Metric(metric) => metric.unit(),
            Watched::Function(metric, _) => match metric {
                FunctionMetric::Calls => Unit::PerSecond,
                FunctionMetric::Unwound | FunctionMetric::Cancelled => Unit::Ppm,
                _ => Unit::Nanoseconds,
            },
            Watched::Resource(ResourceMetric::Idle, _) => Unit::Nanoseconds,
            Watched::Resource(_, _) | Watched::Channel(_, _) => Unit::Count,
        }
    }
}

/// A list of metrics, each with its name in expressions and of its constructor.
macro_rules! metrics {
    ($(#[$doc:meta])* $type:ident, $variant:ident { $($(#[$metric_doc:meta])* $metric:ident $name:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$metric_doc])* $metric,)*
        }

        impl $type {
            pub(crate) const ALL: &'static [$type] = &[$($type::$metric,)*];

            /// Its name in alert expressions.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$metric => stringify!($name),)* }
            }
        }

        impl Watched {
            $(
                $(#[$metric_doc])*
                ///
                /// `name` is a name in the reports, or the end of a path.
                #[must_use]
                pub fn $name(name: impl Into<String>) -> Watched {
                    Watched::$variant($type::$metric, name.into())
                }
            )*
        }
    };
}

metrics! {
    /// A metric of a function's recent calls.
    FunctionMetric, Function {
        /// Calls per second of a function.
        Calls calls,
        /// Mean duration of a function's calls.
        Mean mean,
        /// Median duration of a function's calls.
        P50 p50,
        /// Duration that 9 of 10 calls of a function did not exceed.
        P90 p90,
        /// Duration that 99 of 100 calls of a function did not exceed.
        P99 p99,
        /// Duration that 999 of 1,000 calls of a function did not exceed.
        P999 p999,
        /// Longest duration of a function's calls.
        Max max,
        /// Share of a function's calls that ended by a panic.
        Unwound unwound,
        /// Share of a function's futures that were dropped before they were ready.
        Cancelled cancelled,
    }
}

metrics! {
    /// A metric of a lazy resource.
    ResourceMetric, Resource {
        /// 1 while a resource's last initialisation failed, else 0.
        Failed failed,
        /// How long a resource's value has not been used.
        Idle idle,
        /// 1 while a resource's last health check failed, else 0.
        Unhealthy unhealthy,
    }
}

metrics! {
    /// A metric of a channel.
    ChannelMetric, Channel {
        /// Messages that wait in a channel, as one of its ends has seen it last.
        Depth depth,
    }
}
