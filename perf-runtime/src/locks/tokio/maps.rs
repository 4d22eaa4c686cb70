//! Guards of a part of what a lock protects, and readers that were writers. They remain one hold.

use ::tokio::sync;

use super::{
    MappedMutexGuard, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};

/// Methods that make a guard of a part: `map`, and `try_map`, which may find none.
macro_rules! maps {
    ($($Guard:ty [$($generic:tt)*] { $($map:ident $try_map:ident [$($bound:tt)*] ($From:ty) $To:ty => $Mapped:ty, $Inner:ident;)* })*) => {
        $(
            impl<$($generic)*> $Guard {
                $(
                    #[doc = concat!("As `", stringify!($map), "` of [`tokio::sync::", stringify!($Inner), "`](::tokio::sync::", stringify!($Inner), ").")]
                    pub fn $map<P: $($bound)*, F>(this: Self, part: F) -> $Mapped
                    where
                        F: FnOnce($From) -> $To,
                    {
                        this.with(|inner| sync::$Inner::$map(inner, part))
                    }

                    #[doc = concat!("As `", stringify!($try_map), "` of [`tokio::sync::", stringify!($Inner), "`](::tokio::sync::", stringify!($Inner), ").")]
                    ///
                    /// # Errors
                    /// If there is no such part: then it returns the guard.
                    pub fn $try_map<P: $($bound)*, F>(this: Self, part: F) -> Result<$Mapped, Self>
                    where
                        F: FnOnce($From) -> Option<$To>,
                    {
                        this.try_with(|inner| sync::$Inner::$try_map(inner, part))
                    }
                )*
            }
        )*
    };
}

maps! {
    MutexGuard<'a, T> ['a, T: ?Sized] {
        map try_map [?Sized + 'a] (&mut T) &mut P => MappedMutexGuard<'a, P>, MutexGuard;
    }
    MappedMutexGuard<'a, T> ['a, T: ?Sized] {
        map try_map ['a] (&mut T) &mut P => MappedMutexGuard<'a, P>, MappedMutexGuard;
    }
    RwLockReadGuard<'a, T> ['a, T: ?Sized] {
        map try_map [?Sized + 'a] (&T) &P => RwLockReadGuard<'a, P>, RwLockReadGuard;
    }
    RwLockWriteGuard<'a, T> ['a, T: ?Sized] {
        map try_map [?Sized + 'a] (&mut T) &mut P => RwLockMappedWriteGuard<'a, P>, RwLockWriteGuard;
        downgrade_map try_downgrade_map [?Sized + 'a] (&T) &P => RwLockReadGuard<'a, P>, RwLockWriteGuard;
    }
    RwLockMappedWriteGuard<'a, T> ['a, T: ?Sized] {
        map try_map [?Sized + 'a] (&mut T) &mut P => RwLockMappedWriteGuard<'a, P>, RwLockMappedWriteGuard;
    }
    OwnedMutexGuard<T> [T: ?Sized + 'static] {
        map try_map [?Sized + 'static] (&mut T) &mut P => OwnedMappedMutexGuard<T, P>, MutexGuard;
    }
    OwnedMappedMutexGuard<T, U> [T: ?Sized, U: ?Sized + 'static] {
        map try_map ['static] (&mut U) &mut P => OwnedMappedMutexGuard<T, P>, MappedMutexGuard;
    }
    OwnedRwLockReadGuard<T, U> [T: ?Sized, U: ?Sized + 'static] {
        map try_map [?Sized + 'static] (&U) &P => OwnedRwLockReadGuard<T, P>, RwLockReadGuard;
    }
    OwnedRwLockWriteGuard<T> [T: ?Sized + 'static] {
        map try_map [?Sized + 'static] (&mut T) &mut P => OwnedRwLockMappedWriteGuard<T, P>, RwLockWriteGuard;
        downgrade_map try_downgrade_map [?Sized + 'static] (&T) &P => OwnedRwLockReadGuard<T, P>, RwLockWriteGuard;
    }
    OwnedRwLockMappedWriteGuard<T, U> [T: ?Sized, U: ?Sized + 'static] {
        map try_map [?Sized + 'static] (&mut U) &mut P => OwnedRwLockMappedWriteGuard<T, P>, RwLockMappedWriteGuard;
    }
}

/// Writers that become readers, or guards of a part that is all.
macro_rules! writers {
    ($($Guard:ty [$($generic:tt)*]: $Reader:ty, $Mapped:ty;)*) => {
        $(
            impl<$($generic)*> $Guard {
                /// As `downgrade` of [`tokio::sync::RwLockWriteGuard`](::tokio::sync::RwLockWriteGuard).
                pub fn downgrade(self) -> $Reader {
                    self.with(sync::RwLockWriteGuard::downgrade)
                }

                /// As `into_mapped` of [`tokio::sync::RwLockWriteGuard`](::tokio::sync::RwLockWriteGuard).
                pub fn into_mapped(this: Self) -> $Mapped {
                    this.with(sync::RwLockWriteGuard::into_mapped)
                }
            }
        )*
    };
}

writers! {
    RwLockWriteGuard<'a, T> ['a, T: ?Sized]: RwLockReadGuard<'a, T>, RwLockMappedWriteGuard<'a, T>;
    OwnedRwLockWriteGuard<T> [T: ?Sized + 'static]: OwnedRwLockReadGuard<T>, OwnedRwLockMappedWriteGuard<T>;
}
