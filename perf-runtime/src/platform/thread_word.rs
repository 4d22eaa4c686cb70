//! One word per thread: the offset of a pointer that the record path reads and writes at every call.
//!
//! A `thread_local!` in a library is reached by a call of `__tls_get_addr`, which the linker later replaces in programs; but
//! the compiler has by then saved registers around it. On x86-64 Linux the word is declared in assembly and read by two
//! moves (the "initial exec" model, ELF Handling For Thread-Local Storage, 4.3), which saves a dozen instructions per call;
//! elsewhere it is a `thread_local!`.
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

    #[inline(always)]
    pub(crate) fn get() -> *const () {
        WORD.get()
    }

    #[inline(always)]
    pub(crate) fn set(value: *const ()) {
        WORD.set(value);
    }
}

pub(crate) use imp::{get, set};
