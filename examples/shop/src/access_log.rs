//! The log: a line for each request.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use perf_runtime::locks::std::Mutex;
use perf_runtime::{Named, io::profiled_as, lazy_resource, profile};

use crate::settings::{Fault, SETTINGS, has};

#[lazy_resource(on_shutdown = |log| log.flush())]
static LOG: io::Result<AccessLog> = AccessLog::open();

struct AccessLog {
    writer: Mutex<Box<dyn Write + Send>>,
}

impl AccessLog {
    fn open() -> io::Result<AccessLog> {
        let file = match &SETTINGS.log {
            Some(path) => File::create(path)?,
            None => tempfile::tempfile()?,
        };
        let file = profiled_as("access log", file);
        let writer: Box<dyn Write + Send> = if has(Fault::Unbuffered) {
            // Each piece of a formatted line is a write of its own.
            Box::new(file)
        } else {
            Box::new(BufWriter::new(file))
        };
        Ok(AccessLog { writer: Mutex::new(writer).named("access log") })
    }

    fn flush(&self) {
        if let Ok(mut writer) = self.writer.lock() {
            let _ = writer.flush();
        }
    }
}

/// Adds a line. A log that can't be written is no reason to refuse a customer.
#[profile]
pub(crate) fn add(method: &str, path: &str, status: u16, bytes: u64) {
    let Ok(log) = LOG.try_get() else { return };
    if let Ok(mut writer) = log.writer.lock() {
        let _ = writeln!(writer, "{method} {path} {status} {bytes}");
    }
}
