//! The clock: raw ticks that cost one instruction where the processor's counter can be trusted.
//!
//! `quanta` was the first choice; its first use calibrates for "usually 10 to 20 ms" and at most 200 ms, while a recording
//! has to start within 1 ms. So the counter is read here, and calibrated for [`CALIBRATION`]; the report refines the ratio
//! from the two clocks' readings at the start and at the end, which is far more exact than any short calibration.
#![allow(unsafe_code, reason = "this file's subject is the processor's counter")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_report::ClockSource;

use super::time::monotonic_ns;

/// Set once, before the first recording starts, when the counter runs at a constant rate through all power states.
static COUNTER_TRUSTED: AtomicBool = AtomicBool::new(false);

/// How long the counter is compared with the system's clock at the start. Reading that clock is uncertain by some 30 ns, so
/// the ratio is good to 2 in 10,000: a fortieth of the width of a histogram bucket.
const CALIBRATION: Duration = Duration::from_micros(200);

/// The clock, in ticks.
pub(crate) fn now() -> u64 {
    now_or(counter())
}

/// The clock, given that the counter was just read.
pub(crate) fn now_or(counter: u64) -> u64 {
    if counter_is_trusted() { counter } else { monotonic_ns() * 2 }
}

/// Whether [`counter`] is the clock.
pub(crate) fn counter_is_trusted() -> bool {
    COUNTER_TRUSTED.load(Ordering::Relaxed)
}

/// Decides which clock to use and measures its rate. The counter is not used if the system's clock is wanted.
///
/// Returns the source and the nanoseconds per tick times 2^64.
pub(crate) fn calibrate(wants_monotonic: impl FnOnce() -> bool) -> (ClockSource, u64) {
    const MONOTONIC: (ClockSource, u64) = (ClockSource::Monotonic, 1 << 63);
    let wants_monotonic = wants_monotonic();
    let Some(source) = trusted_counter().filter(|_| !wants_monotonic) else { return MONOTONIC };
    let (first_ns, first_tick) = pair();
    let (mut last_ns, mut last_tick) = pair();
    while last_ns.saturating_sub(first_ns) < CALIBRATION.as_nanos() as u64 {
        std::hint::spin_loop();
        (last_ns, last_tick) = pair();
    }
    let ticks = last_tick.saturating_sub(first_tick);
    // A tick of 1 ns or more (or of nothing) is not that of a counter that this was made for.
    let scale = (u128::from(last_ns - first_ns) << 64).checked_div(u128::from(ticks));
    let Some(scale) = scale.and_then(|scale| u64::try_from(scale).ok()).filter(|&scale| scale > 0) else {
        return MONOTONIC;
    };
    COUNTER_TRUSTED.store(true, Ordering::Relaxed);
    (source, scale)
}

/// Both clocks at one moment: the tightest of a few tries.
fn pair() -> (u64, u64) {
    let mut best = (u64::MAX, 0, 0);
    for _ in 0..3 {
        let before = counter();
        let ns = monotonic_ns();
        let after = counter();
        let width = after.wrapping_sub(before);
        if width < best.0 {
            best = (width, ns, before.wrapping_add(width / 2));
        }
    }
    (best.1, best.2)
}

#[cfg(target_arch = "x86_64")]
/// The processor's counter, whether or not it is the clock.
#[inline(always)]
pub(crate) fn counter() -> u64 {
    // SAFETY: RDTSC exists on every x86-64 processor; where the system forbids it to user code (`PR_SET_TSC`) nothing runs
    // that was built for the standard library's own clock either.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
/// The processor's counter, whether or not it is the clock.
#[inline(always)]
pub(crate) fn counter() -> u64 {
    let count: u64;
    // SAFETY: the virtual count register is readable from user code on every system that Rust's standard library supports.
    unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack, preserves_flags)) };
    // It runs at 1 MHz to 1 GHz: shifted, a tick is shorter than 1 ns down to 16 MHz.
    count << 6
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
/// The processor's counter, whether or not it is the clock.
#[inline(always)]
pub(crate) fn counter() -> u64 {
    monotonic_ns() * 2
}

/// The counter of this processor, if it ticks at one rate always and everywhere.
#[cfg(all(target_arch = "x86_64", unix, not(perf_portable)))]
fn trusted_counter() -> Option<ClockSource> {
    use core::arch::x86_64::__cpuid;
    // Invariant TSC: CPUID 8000_0007h, EDX bit 8 (Intel SDM vol. 3, 19.17.1; AMD APM vol. 2, 13.2.4).
    const POWER: u32 = 0x8000_0007;
    let invariant = __cpuid(0x8000_0000).eax >= POWER && __cpuid(POWER).edx & (1 << 8) != 0;
    (invariant && !kernel_distrusts_tsc()).then_some(ClockSource::Tsc)
}

#[cfg(all(target_arch = "x86_64", unix, not(perf_portable)))]
/// Whether the kernel found the time stamp counter unstable and took it off its list of clocks.
fn kernel_distrusts_tsc() -> bool {
    std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/available_clocksource")
        .is_ok_and(|list| !list.split_ascii_whitespace().any(|clock| clock == "tsc"))
}

#[cfg(all(target_arch = "aarch64", unix, not(perf_portable)))]
fn trusted_counter() -> Option<ClockSource> {
    Some(ClockSource::Cntvct)
}

/// Where nothing tells whether the system trusts the counter, it is not trusted here either.
#[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), unix, not(perf_portable))))]
fn trusted_counter() -> Option<ClockSource> {
    None
}

/// Ticks in ns, by a scale of [`calibrate`].
#[inline(always)]
pub(crate) fn to_ns(ticks: u64, scale: u64) -> u64 {
    ((u128::from(ticks) * u128::from(scale)) >> 64) as u64
}

/// A time in ticks, by a scale of [`calibrate`].
#[cfg(feature = "sql")]
pub(crate) fn to_ticks(time: std::time::Duration, scale: u64) -> u64 {
    let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    u64::try_from((u128::from(ns) << 64) / u128::from(scale.max(1))).unwrap_or(u64::MAX)
}
