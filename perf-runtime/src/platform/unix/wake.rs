//! Waking a thread of ours from a signal handler: a semaphore, which needs neither a descriptor nor a lock.
//!
//! A pipe is what is mostly used. Its descriptors would have to be kept for ever, and a program that closes what it did not open
//! gives their numbers to files of its own. Systems without such semaphores (Apple's) have a pipe all the same, which is looked
//! at before it is written to.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

#[cfg(not(target_vendor = "apple"))]
pub(crate) use semaphore::Wake;

#[cfg(target_vendor = "apple")]
pub(crate) use pipe::Wake;

#[cfg(not(target_vendor = "apple"))]
mod semaphore {
    use std::cell::UnsafeCell;
    use std::io;
    use std::mem::MaybeUninit;

    /// A way to wake one thread.
    #[derive(Debug)]
    pub(crate) struct Wake(UnsafeCell<MaybeUninit<libc::sem_t>>);

    // SAFETY: the semaphore is changed by the system's functions alone, which any thread may call at any time once it is set up.
    unsafe impl Sync for Wake {}

    impl Wake {
        pub(crate) const fn new() -> Wake {
            Wake(UnsafeCell::new(MaybeUninit::zeroed()))
        }

        /// Sets it up, before anything else is done with it. Also in a forked child, where nobody waits.
        pub(crate) fn set_up(&self) -> io::Result<()> {
            // SAFETY: the pointer is to a place for a semaphore that nobody uses yet.
            let done = unsafe { libc::sem_init(self.0.get().cast(), 0, 0) };
            if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
        }

        /// Wakes the thread. For signal handlers too.
        pub(crate) fn wake(&self) -> bool {
            // SAFETY: the semaphore was set up, and lives as long as the process.
            unsafe { libc::sem_post(self.0.get().cast()) == 0 }
        }

        /// Waits until somebody wakes the thread.
        pub(crate) fn wait(&self) {
            // SAFETY: as above.
            while unsafe { libc::sem_wait(self.0.get().cast()) } != 0
                && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
            {}
        }
    }
}

#[cfg(any(target_vendor = "apple", all(test, not(loom), not(miri))))]
mod pipe {
    use std::fs::File;
    use std::io;
    use std::mem::ManuallyDrop;
    use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
    use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

    use crate::platform::kept_file::above_streams;

    /// A way to wake one thread.
    #[derive(Debug)]
    pub(crate) struct Wake {
        reader: AtomicI32,
        writer: AtomicI32,
        /// Tells the pipe from all others.
        inode: AtomicU64,
    }

    impl Wake {
        pub(crate) const fn new() -> Wake {
            Wake { reader: AtomicI32::new(-1), writer: AtomicI32::new(-1), inode: AtomicU64::new(0) }
        }

        /// Sets it up, before anything else is done with it. Also in a forked child, where nobody waits.
        pub(crate) fn set_up(&self) -> io::Result<()> {
            let (reader, writer) = io::pipe()?;
            let reader = above_streams(File::from(OwnedFd::from(reader)))?.into_raw_fd();
            let writer = above_streams(File::from(OwnedFd::from(writer)))?.into_raw_fd();
            self.inode.store(inode_of(writer).ok_or_else(io::Error::last_os_error)?, Ordering::Relaxed);
            self.reader.store(reader, Ordering::Relaxed);
            self.writer.store(writer, Ordering::Release);
            Ok(())
        }

        /// Wakes the thread. For signal handlers too.
        pub(crate) fn wake(&self) -> bool {
            let writer = self.writer.load(Ordering::Acquire);
            if inode_of(writer) != Some(self.inode.load(Ordering::Relaxed)) {
                return false;
            }
            // SAFETY: the pointer is to one live byte, and the descriptor is the pipe's.
            unsafe { libc::write(writer, [1_u8].as_ptr().cast(), 1) == 1 }
        }

        /// Waits until somebody wakes the thread.
        pub(crate) fn wait(&self) {
            // SAFETY: the file is not dropped, so the descriptor is not closed.
            let mut reader = ManuallyDrop::new(unsafe { File::from_raw_fd(self.reader.load(Ordering::Relaxed)) });
            if io::Read::read(&mut *reader, &mut [0]).is_err() {
                // Nobody can wake this thread any more.
                loop {
                    std::thread::park();
                }
            }
        }
    }

    /// The inode behind a descriptor, found by a call that a signal handler may make.
    fn inode_of(descriptor: i32) -> Option<u64> {
        // SAFETY: a zeroed stat is one to be overwritten, and the pointer is to it.
        unsafe {
            let mut status: libc::stat = std::mem::zeroed();
            let known = libc::fstat(descriptor, &raw mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFIFO;
            known.then_some(status.st_ino)
        }
    }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    macro_rules! wakes {
        ($name:ident, $kind:ty) => {
            #[test]
            fn $name() {
                static WAKE: $kind = <$kind>::new();
                WAKE.set_up().unwrap();
                let woken = std::thread::spawn(|| (0..3).for_each(|_| WAKE.wait()));
                (0..3).for_each(|_| assert!(WAKE.wake()));
                woken.join().unwrap();
            }
        };
    }

    #[cfg(not(target_vendor = "apple"))]
    wakes!(a_semaphore_wakes_once_for_each_time, super::semaphore::Wake);
    wakes!(a_pipe_wakes_once_for_each_time, super::pipe::Wake);
}
