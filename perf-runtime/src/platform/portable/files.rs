//! Files, as far as the standard library knows them on every platform.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::time::UNIX_EPOCH;

/// Nothing needs to be set aside for a recording in memory.
pub(crate) fn reserve_blocks(_file: &File, _start: u64, _len: u64) -> io::Result<()> {
    Ok(())
}

/// The name of a file. Which bytes are one is known of Unicode alone.
pub(crate) fn name_of_bytes(bytes: &[u8]) -> Option<OsString> {
    std::str::from_utf8(bytes).ok().map(OsString::from)
}

/// Says whether a file's lock is kept though somebody closes the file: it cannot be.
pub(crate) fn hold_lock(_locked: &File) -> bool {
    false
}

/// Opens what may not be what it was.
pub(crate) fn carefully(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Has a new file made with permissions, which are the platform's own here.
pub(crate) fn with_permissions(options: &mut OpenOptions, _permissions: u32) -> &mut OpenOptions {
    options
}

/// When a file was last written to, in ns since the Unix epoch.
pub(crate) fn written_ns(metadata: &Metadata) -> u64 {
    let written = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    written.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
