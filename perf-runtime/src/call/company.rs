//! For how long a future is alone: the time of its life in which none of the annotated futures that it polls is on its way.
//!
//! Of futures that run one after another that is its life without theirs. Of those that run at once, as in `join!`, the time that they
//! share is left out once. So it is the time that more of them at once would not save.
//!
//! While a future is polled, what is known of its company is the thread's ([`HOST`]). A future that is polled there for the first time
//! joins it, and leaves it when it ends, which is in a poll of the same host again; one that ends elsewhere stays until the host's end.
//! What may be polled by anybody is in nobody's company: tasks, and initialisers that several wait for.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::process::site::Site;

use super::polls;

thread_local! {
    /// The innermost annotated future that is being polled, and how many it has in its company.
    static HOST: Cell<Host> = const { Cell::new(Host::NONE) };
    /// For how long it has had any. By itself, so that the compiler does not read as one what was written as two, for which the
    /// processor waits.
    static TIME: Cell<Time> = const { Cell::new(Time(0)) };
    /// The next number of a host in this thread.
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// Which future a company is of, and how many are on their way in it, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Host(u64);

impl Host {
    const NONE: Host = Host(0);
    /// In the lower bits how many are on their way, above the number of the host.
    const PRESENT: u64 = (1 << 16) - 1;
    /// No host has this number.
    const NOBODY: Host = Host(!Host::PRESENT);

    /// One with a number of its own: where it stands would not do, since another one may stand there later.
    #[inline(always)]
    fn new() -> Host {
        /// Numbers that a thread takes at once.
        const BLOCK: u64 = 1 << 20;
        static BLOCKS: AtomicU64 = AtomicU64::new(0);
        let mut number = NEXT.get();
        if number.is_multiple_of(BLOCK) {
            number = BLOCKS.fetch_add(1, Ordering::Relaxed).wrapping_mul(BLOCK) + 1;
        }
        NEXT.set(number + 1);
        Host(number << Host::PRESENT.count_ones())
    }

    fn id(self) -> Host {
        Host(self.0 & !Host::PRESENT)
    }

    fn present(self) -> u64 {
        self.0 & Host::PRESENT
    }
}

/// Ticks in which one or more were on their way; of some that are now, less the tick at which that began, so that this tick may be added.
#[derive(Clone, Copy, Debug, Default)]
struct Time(u64);

/// What a future knows of those that it polls.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Company {
    host: Host,
    time: Time,
}

impl Company {
    #[inline(always)]
    fn replace(self) -> Company {
        Company { host: HOST.replace(self.host), time: TIME.replace(self.time) }
    }

    #[inline(always)]
    fn join(&mut self, now: u64) {
        let present = self.host.present();
        if present == 0 {
            self.time.0 = self.time.0.wrapping_sub(now);
        }
        // Of more than that, some stay until the end.
        self.host.0 += u64::from(present < Host::PRESENT);
    }

    #[inline(always)]
    fn leave(&mut self, now: u64) {
        let present = self.host.present();
        self.host.0 -= u64::from(present > 0);
        if present == 1 {
            self.time.0 = self.time.0.wrapping_add(now);
        }
    }

    /// The time of a life from one tick to another in which there was none. `None` if there never was one.
    fn time_alone(self, first: u64, end: u64) -> Option<u64> {
        let accompanied = match self.host.present() {
            0 if self.time.0 == 0 => return None,
            0 => self.time.0,
            _ => self.time.0.wrapping_add(end),
        };
        // Less than nothing, where the clock of one processor is behind that of another.
        let accompanied = accompanied.cast_signed().max(0).cast_unsigned();
        Some(end.saturating_sub(first).saturating_sub(accompanied))
    }
}

/// A future's place in company: that of its own, and the host in whose it is.
#[derive(Debug)]
pub(super) struct Place {
    own: Company,
    host: Host,
}

impl Place {
    pub(super) const fn new() -> Place {
        Place { own: Company { host: Host::NONE, time: Time(0) }, host: Host::NONE }
    }

    /// Of a future that is in nobody's company.
    pub(super) const fn apart() -> Place {
        Place { host: Host::NOBODY, ..Place::new() }
    }

    /// A poll begins, the first one or another: who is polled from here on is in its company. Returns that of the host, to be given back.
    #[inline]
    pub(super) fn poll_begins(&mut self, start: u64) -> Company {
        let is_first = self.own.host == Host::NONE;
        if is_first {
            self.own.host = Host::new();
        }
        let mut host = self.own.replace();
        if is_first && self.host == Host::NONE && host.host != Host::NONE {
            self.host = host.host.id();
            host.join(start);
        }
        host
    }

    /// The poll ends, and with it the future, if it is told when.
    #[inline]
    pub(super) fn poll_ends(&mut self, mut host: Company, end: Option<u64>) {
        if let Some(end) = end
            && self.is_in(host.host)
        {
            host.leave(end);
        }
        self.own = host.replace();
    }

    /// The future is dropped before its end.
    pub(super) fn leave_unfinished(&self, now: u64) {
        if self.is_in(HOST.get()) {
            let mut host = Company { host: HOST.get(), time: TIME.get() };
            host.leave(now);
            host.replace();
        }
    }

    /// Records for how long a future that has ended was alone, if it ever had company.
    pub(super) fn record(&self, site: &'static Site, first: u64, end: u64) {
        if let Some(ticks) = self.own.time_alone(first, end) {
            polls::record_alone(site, ticks);
        }
    }

    #[inline(always)]
    fn is_in(&self, host: Host) -> bool {
        self.host != Host::NONE && self.host == host.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_several_are_there_counts_once() {
        let mut company = Company::default();
        assert_eq!(company.time_alone(0, 100), None);
        company.join(10);
        company.join(20);
        company.leave(30);
        company.leave(50);
        company.join(60);
        company.leave(65);
        assert_eq!(company.time_alone(0, 100), Some(100 - 40 - 5));
        // One that is there at the end is until then.
        company.join(90);
        assert_eq!(company.time_alone(0, 100), Some(100 - 40 - 5 - 10));
        // One that leaves twice, and a clock that went back.
        company.leave(95);
        company.leave(96);
        assert_eq!(company.time_alone(0, 100), Some(100 - 40 - 5 - 5));
        company.join(99);
        company.leave(50);
        assert_eq!(company.time_alone(95, 100), Some(4));
        company.join(10);
        assert_eq!(company.time_alone(95, 100), Some(0));
        let mut behind = Company::default();
        behind.join(11);
        behind.leave(10);
        assert_eq!(behind.time_alone(0, 100), Some(100));
    }

    #[test]
    fn who_is_apart_joins_nobody_and_has_company() {
        let (mut host, mut apart, mut guest) = (Place::new(), Place::apart(), Place::new());
        let around_host = host.poll_begins(1);
        let around_apart = apart.poll_begins(2);
        assert_eq!(around_apart.host.present(), 0);
        let around_guest = guest.poll_begins(3);
        guest.poll_ends(around_guest, Some(13));
        apart.poll_ends(around_apart, Some(22));
        host.poll_ends(around_host, Some(33));
        assert_eq!((apart.own.time_alone(2, 22), host.own.time_alone(1, 33)), (Some(10), None));
    }

    #[test]
    fn a_future_joins_once_also_if_the_clock_stands() {
        let (mut host, mut guest) = (Place::new(), Place::new());
        let around_host = host.poll_begins(7);
        for end in [None, Some(7)] {
            let around_guest = guest.poll_begins(7);
            assert_eq!(around_guest.host.present(), 1);
            guest.poll_ends(around_guest, end);
        }
        assert_eq!(HOST.get().present(), 0);
        host.poll_ends(around_host, None);
        assert_eq!((HOST.get(), host.own.host.present()), (Host::NONE, 0));
    }

    #[test]
    fn of_very_many_some_stay() {
        let mut company = Company::default();
        (0..Host::PRESENT + 9).for_each(|_| company.join(1));
        (0..Host::PRESENT).for_each(|_| company.leave(11));
        assert_eq!((company.host, company.time_alone(0, 100)), (Host::NONE, Some(90)));
    }
}
