#![doc = include_str!("../../docs/tasks.md")]

mod rows;
#[cfg(all(feature = "tasks-tokio", feature = "monitor"))]
pub(crate) mod runtimes;
mod wakes;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

#[cfg(all(feature = "tasks-tokio", feature = "monitor"))]
pub use self::runtimes::{WatchedRuntime, watch};
use self::wakes::Wakes;
use crate::call::future::Profiled;
use crate::call::polls;
use crate::process::site::Site;
use crate::process::state;

pin_project! {
    /// A task: a future that an executor runs, made by [`task`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Task<F> {
        name: &'static str,
        // Its row, once it was made or polled while recording was on.
        site: Option<&'static Site>,
        wakes: Wakes,
        #[pin]
        future: Profiled<F>,
    }
}

/// Times a future that is spawned: its polls, and how long it waits for them.
///
/// ```
/// # mod tokio { pub fn spawn<F: Future>(future: F) -> F { future } }
/// # async fn refresh() {}
/// # async fn service() {
/// let handle = tokio::spawn(perf_runtime::tasks::task("refresh", refresh()));
/// # handle.await;
/// # }
/// # drop(service());
/// ```
///
/// Tasks of the same name share a row. See the [module](self) for the figures.
pub fn task<F: Future>(name: &'static str, future: F) -> Task<F> {
    // While nothing is recorded, the row is not looked for.
    let site = (!state::is_off()).then(|| rows::of(name));
    let future = Profiled::apart(site.unwrap_or_else(|| rows::shared()), future);
    Task { name, site, wakes: Wakes::of_new_task(), future }
}

/// A runtime that the monitor samples, where there is the feature `monitor`.
#[cfg(all(feature = "tasks-tokio", not(feature = "monitor")))]
#[derive(Debug)]
#[must_use = "the runtime is watched until this is dropped"]
pub struct WatchedRuntime(());

/// Has the monitor sample a runtime, where there is the feature `monitor`.
#[cfg(all(feature = "tasks-tokio", not(feature = "monitor")))]
pub fn watch(_runtime: &tokio::runtime::Handle) -> WatchedRuntime {
    WatchedRuntime(())
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if state::is_off() {
            this.wakes.forget();
            return this.future.poll(context);
        }
        let site = *this.site.get_or_insert_with(|| {
            let site = rows::of(this.name);
            this.future.as_mut().set_site(site);
            site
        });
        if let Some(ticks) = this.wakes.end_wait() {
            polls::record_wake(site, ticks);
        }
        let waker = this.wakes.waker(context.waker());
        this.future.poll(&mut Context::from_waker(&waker))
    }
}
