//! The limits that the process is under.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

/// Most bytes of memory that the process may have, if that is limited: of addresses, or of data.
pub(crate) fn memory_limit() -> Option<u64> {
    // SAFETY: the pointers are to live values, which the system overwrites.
    let limits = unsafe {
        let mut addresses: libc::rlimit = std::mem::zeroed();
        let mut data: libc::rlimit = std::mem::zeroed();
        [
            (libc::getrlimit(libc::RLIMIT_AS, &raw mut addresses) == 0).then_some(addresses.rlim_cur),
            (libc::getrlimit(libc::RLIMIT_DATA, &raw mut data) == 0).then_some(data.rlim_cur),
        ]
    };
    #[allow(clippy::useless_conversion, reason = "limits are signed on some systems")]
    let finite = |limit: libc::rlim_t| (limit != libc::RLIM_INFINITY).then(|| u64::try_from(limit).ok()).flatten();
    limits.into_iter().flatten().filter_map(finite).min()
}
