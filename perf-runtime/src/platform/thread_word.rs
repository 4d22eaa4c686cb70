//! One word per thread: the offset of a pointer that the record path reads and writes at every call.
//!
//! A `thread_local!` in a library is reached by a call of `__tls_get_addr`, which the linker later replaces in programs; but
//! the compiler has by then saved registers around it. On x86-64 Linux the word is declared in assembly and read by two
//! moves (the "initial exec" model, ELF Handling For Thread-Local Storage, 4.3), which saves a dozen instructions per call;
//! elsewhere it is a `thread_local!`.
//!
//! Code that is inlined into other crates may be linked elsewhere, in another shared library, and not find the symbol. It reads the word by its
//! [`Offset`].
#![allow(unsafe_code, reason = "this file's subject is the platform's thread-local storage")]

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_pointer_width = "64", not(any(miri, perf_portable))))]
mod imp {
    use std::arch::{asm, global_asm};

    /// The word's symbol. Two versions of this crate in one program have two words; of one version twice the linker says
    /// that it is there twice.
    macro_rules! symbol {
        () => {
            concat!(
                "__perf_runtime_",
                env!("CARGO_PKG_VERSION_MAJOR"),
                "_",
                env!("CARGO_PKG_VERSION_MINOR"),
                "_",
                env!("CARGO_PKG_VERSION_PATCH"),
                "_thread_word"
            )
        };
    }

    global_asm!(
        concat!(".pushsection .tbss.", symbol!(), ",\"awT\",@nobits"),
        ".p2align 3",
        concat!(".hidden ", symbol!()),
        concat!(".globl ", symbol!()),
        concat!(".type ", symbol!(), ",@object"),
        concat!(symbol!(), ":"),
        ".zero 8",
        concat!(".size ", symbol!(), ", 8"),
        ".popsection",
    );

    /// How far a thread's word lies from where its register `fs` points to, and one: the same for all threads.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Offset(usize);

    impl Offset {
        pub(crate) fn find() -> Offset {
            let offset: usize;
            // SAFETY: what is read is where the linker or the loader put the word above.
            unsafe {
                asm!(
                    concat!("mov {offset}, qword ptr [rip + ", symbol!(), "@GOTTPOFF]"),
                    offset = out(reg) offset,
                    options(nostack, preserves_flags, readonly),
                );
            }
            Offset(offset + 1)
        }

        /// A number that is odd, and none of the lowest: threads have their words below what the register points to.
        #[inline(always)]
        pub(crate) fn to_odd_number(self) -> usize {
            self.0
        }

        /// # Safety
        /// It is the number of an offset.
        #[inline(always)]
        pub(crate) unsafe fn of_odd_number(number: usize) -> Offset {
            Offset(number)
        }

        /// The calling thread's word; null until it is set.
        #[inline(always)]
        pub(crate) fn get(self) -> *const () {
            let value: *const ();
            // SAFETY: there lies the thread-local word above (`find`), and reading it has no other effect.
            unsafe {
                asm!(
                    "mov {value}, qword ptr fs:[{offset} - 1]",
                    value = lateout(reg) value,
                    offset = in(reg) self.0,
                    options(nostack, preserves_flags, readonly),
                );
            }
            value
        }
    }

    /// The calling thread's word; null until it is set.
    #[inline(always)]
    pub(crate) fn get() -> *const () {
        let value: *const ();
        // SAFETY: the symbol is the thread-local word above, and reading it has no other effect.
        unsafe {
            asm!(
                concat!("mov {value}, qword ptr [rip + ", symbol!(), "@GOTTPOFF]"),
                "mov {value}, qword ptr fs:[{value}]",
                value = out(reg) value,
                options(nostack, preserves_flags, readonly),
            );
        }
        value
    }

    /// Sets the calling thread's word.
    #[inline(always)]
    pub(crate) fn set(value: *const ()) {
        // SAFETY: as above, for writing.
        unsafe {
            asm!(
                concat!("mov {place}, qword ptr [rip + ", symbol!(), "@GOTTPOFF]"),
                "mov qword ptr fs:[{place}], {value}",
                value = in(reg) value,
                place = out(reg) _,
                options(nostack, preserves_flags),
            );
        }
    }
}

#[cfg(not(all(
    target_arch = "x86_64",
    target_os = "linux",
    target_pointer_width = "64",
    not(any(miri, perf_portable))
)))]
mod imp {
    use std::cell::Cell;
    use std::ptr;

    thread_local! {
        static WORD: Cell<*const ()> = const { Cell::new(ptr::null()) };
    }

    /// Not needed here.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Offset(());

    impl Offset {
        /// Odd, and as on other platforms none of the lowest.
        const NUMBER: usize = usize::MAX;

        pub(crate) fn find() -> Offset {
            Offset(())
        }

        #[inline(always)]
        pub(crate) fn to_odd_number(self) -> usize {
            Self::NUMBER
        }

        /// # Safety
        /// As on other platforms.
        #[inline(always)]
        pub(crate) unsafe fn of_odd_number(_number: usize) -> Offset {
            Offset(())
        }

        #[inline(always)]
        pub(crate) fn get(self) -> *const () {
            get()
        }
    }

    #[inline(always)]
    pub(crate) fn get() -> *const () {
        WORD.get()
    }

    #[inline(always)]
    pub(crate) fn set(value: *const ()) {
        WORD.set(value);
    }
}

use std::ptr;

pub(crate) use imp::{Offset, get, set};

/// One machine word that is an [`Offset`] or a pointer. Pointers are even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct OffsetOrPointer(*const ());

impl OffsetOrPointer {
    pub(crate) const NULL: OffsetOrPointer = OffsetOrPointer(ptr::null());

    #[inline(always)]
    pub(crate) fn of_offset(offset: Offset) -> OffsetOrPointer {
        OffsetOrPointer(ptr::without_provenance(offset.to_odd_number()))
    }

    /// # Panics
    /// If the pointer is odd.
    pub(crate) fn of_pointer(pointer: *const ()) -> OffsetOrPointer {
        assert!(pointer.addr().is_multiple_of(2), "a pointer to words of eight bytes");
        OffsetOrPointer(pointer)
    }

    #[inline(always)]
    pub(crate) fn offset(self) -> Option<Offset> {
        // SAFETY: odd words are made by `of_offset` alone.
        (!self.0.addr().is_multiple_of(2)).then(|| unsafe { Offset::of_odd_number(self.0.addr()) })
    }

    /// The pointer, or null if it is none.
    pub(crate) fn pointer(self) -> *const () {
        if self.offset().is_none() { self.0 } else { ptr::null() }
    }
}
