//! The figures that a measuring process hands to the one that compares: one line of numbers on standard output.

use std::{fmt, str::FromStr};

/// Defines a struct of numbers that is written as a line and read back from it.
macro_rules! figures {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(write!(formatter, concat!(stringify!($field), "={} "), self.$field)?;)*
                Ok(())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(line: &str) -> Result<Self, String> {
                let value = |name: &str| {
                    line.split_whitespace()
                        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                        .ok_or_else(|| format!("no figure `{name}` in {line:?}"))
                };
                Ok($name {
                    $($field: value(stringify!($field))?.parse().map_err(|error| format!("{error} in {line:?}"))?,)*
                })
            }
        }
    };
}

figures! {
    /// Of a run of many calls.
    Calls {
        /// Elapsed time per call and thread, in ns: the median batch.
        wall_ns: f64,
        /// Processor time per call, in ns, of all threads of the process, until its work in the background was done.
        cpu_ns: f64,
        /// Resident memory after the last call.
        resident_kib: u64,
    }
}

figures! {
    /// Of a run of many short threads.
    Threads {
        /// Resident memory after the last thread.
        resident_kib: u64,
    }
}

figures! {
    /// Of a program's first recorded call.
    Startup {
        /// Its duration with everything that recording sets up, in µs.
        first_call_us: f64,
    }
}

figures! {
    /// Of the annotated parser's suite in a debug build, see the package `debug-parser`.
    DebugParser {
        /// The suite without annotations, in ms.
        plain_ms: f64,
        /// The suite with annotations and nobody recording, in ms.
        annotated_ms: f64,
    }
}

figures! {
    /// Of a run of the real job, see [`crate::job`].
    Job {
        /// The job, in ms.
        job_ms: f64,
        /// The processor time that the thread of the job took for it, in ms.
        processor_ms: f64,
        /// Peak of the resident memory at the end of `main`.
        peak_kib: u64,
    }
}

#[cfg(test)]
mod tests {
    use super::Calls;

    #[test]
    fn a_line_reads_back() {
        let figures = Calls { wall_ns: 17.25, cpu_ns: 17.5, resident_kib: 4096 };
        assert_eq!(figures.to_string().parse(), Ok(figures));
    }

    #[test]
    fn a_missing_figure_is_named() {
        let error = "wall_ns=1 resident_kib=2".parse::<Calls>().unwrap_err();
        assert_eq!(error, "no figure `cpu_ns` in \"wall_ns=1 resident_kib=2\"");
    }
}
