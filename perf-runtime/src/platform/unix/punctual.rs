//! Threads that wake in time, although they have no right to go before others.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

/// Has the calling thread wake when it asked for it, as far as anybody may ask.
///
/// That is without slack in its timers, and with the shortest slice. A thread that wakes takes the processor from one that runs if its slice is the shorter one; otherwise it waits until that one
/// sleeps. The system knows slices per thread since Linux 6.12. Where it refuses, the thread is as it was.
pub(crate) fn be_punctual() {
    #[cfg(all(target_os = "linux", not(miri)))]
    {
        linux::drop_timer_slack();
        linux::shorten_slice();
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    /// The shortest slice that the system gives.
    const SLICE_NS: u64 = 100_000;

    /// The first version of the system's `struct sched_attr`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default)]
    pub(super) struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        pub(super) runtime_ns: u64,
        deadline_ns: u64,
        period_ns: u64,
    }

    const SIZE: u32 = size_of::<Attributes>() as u32;

    pub(super) fn drop_timer_slack() {
        // SAFETY: PR_SET_TIMERSLACK takes a number, and reads no memory of ours.
        unsafe {
            libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong);
        }
    }

    /// How the calling thread is scheduled.
    pub(super) fn attributes() -> Option<Attributes> {
        let mut attributes = Attributes { size: SIZE, ..Attributes::default() };
        let none = 0 as libc::c_uint;
        // SAFETY: the system writes at most SIZE bytes, and the value has so many; 0 is the calling thread.
        let result = unsafe {
            libc::syscall(libc::SYS_sched_getattr, 0 as libc::pid_t, &raw mut attributes, SIZE as libc::c_uint, none)
        };
        (result == 0).then_some(attributes)
    }

    pub(super) fn shorten_slice() {
        // Priority and niceness stay. A thread of a real-time class needs none of this.
        let Some(now) = attributes().filter(|now| now.policy == libc::SCHED_OTHER as u32) else { return };
        let wanted = Attributes { size: SIZE, runtime_ns: SLICE_NS, ..now };
        // SAFETY: the system reads SIZE bytes, as the value says itself; 0 is the calling thread.
        unsafe {
            libc::syscall(libc::SYS_sched_setattr, 0 as libc::pid_t, &raw const wanted, 0 as libc::c_uint);
        }
    }

    #[cfg(all(test, not(loom)))]
    mod tests {
        use super::*;
        use crate::platform::unix::punctual::be_punctual;

        #[test]
        fn the_slack_is_gone_and_the_slice_short_where_the_system_knows_slices() {
            std::thread::spawn(|| {
                let before = attributes();
                be_punctual();
                // SAFETY: PR_GET_TIMERSLACK takes nothing and returns a number.
                assert_eq!(unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) }, 1);
                let (Some(before), Some(after)) = (before, attributes()) else { return };
                assert_eq!((before.policy, before.nice), (after.policy, after.nice));
                // Systems that know no slices tell 0.
                assert!(
                    [0, SLICE_NS].contains(&after.runtime_ns) || before.runtime_ns == after.runtime_ns,
                    "{after:?}"
                );
                if before.runtime_ns > 0 && before.policy == libc::SCHED_OTHER as u32 {
                    assert_eq!(after.runtime_ns, SLICE_NS);
                }
            })
            .join()
            .unwrap();
        }
    }
}
