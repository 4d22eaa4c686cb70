//! Initialising many at once, in parallel and in the order of their dependencies.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::process::message;

use super::error::{ResourceError, panic_text};
use super::handle::ResourceHandle;
use super::registry;
use super::warm_errors::WarmErrors;

/// The progress of a warm-up, reported once per resource.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WarmProgress {
    /// The resource that was tried last.
    pub resource: ResourceHandle,
    /// The error, if it could not be initialised.
    pub error: Option<ResourceError>,
    /// Resources that have been tried.
    pub done: usize,
    /// Resources there are to try.
    pub of: usize,
}

/// A future that an executor must run to its end.
pub type WarmFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Configures a warm-up, which initialises many resources in parallel.
///
/// [`Resources::warm_up`](crate::resource::Resources::warm_up) creates it.
///
/// ```standalone_crate
/// # use perf_runtime::lazy_resource;
/// # use perf_runtime::resource::resources;
/// # #[lazy_resource]
/// # static WORDS: Vec<u32> = vec![1, 2];
/// resources()
///     .warm_up()
///     .progress(|progress| println!("{} of {}: {}", progress.done, progress.of, progress.resource.name()))
///     .run()?;
/// # Ok::<(), perf_runtime::resource::WarmErrors>(())
/// ```
#[must_use = "a warm-up starts with `.run()`"]
pub struct WarmUp<'a> {
    only: Option<Box<Choose<'a>>>,
    progress: Option<Box<Tell<'a>>>,
    executor: Option<Box<Execute<'a>>>,
}

type Choose<'a> = dyn Fn(&ResourceHandle) -> bool + 'a;
type Tell<'a> = dyn Fn(WarmProgress) + Sync + 'a;
type Execute<'a> = dyn Fn(WarmFuture) + Sync + 'a;

impl<'a> WarmUp<'a> {
    pub(crate) fn new() -> WarmUp<'a> {
        WarmUp { only: None, progress: None, executor: None }
    }

    /// Restricts the warm-up to the resources for which `choose` returns `true`.
    pub fn only<'b>(self, choose: impl Fn(&ResourceHandle) -> bool + 'b) -> WarmUp<'b>
    where
        'a: 'b,
    {
        WarmUp { only: Some(Box::new(choose)), ..self }
    }

    /// Calls a function after each resource, in the thread that initialised it.
    pub fn progress<'b>(self, tell: impl Fn(WarmProgress) + Sync + 'b) -> WarmUp<'b>
    where
        'a: 'b,
    {
        WarmUp { progress: Some(Box::new(tell)), ..self }
    }

    /// Sets the function that runs the futures of async initialisers, each to its end.
    ///
    /// With tokio, it is `|future| handle.block_on(future)`. It is called in threads of the warm-up's own, because a task may not
    /// block on another. An executor that only spawns the future is an error for the resource, and so is one that panics.
    ///
    /// Without it, a plain thread polls them, which is enough for initialisers that need no executor's timers or sockets.
    pub fn executor<'b>(self, run: impl Fn(WarmFuture) + Sync + 'b) -> WarmUp<'b>
    where
        'a: 'b,
    {
        WarmUp { executor: Some(Box::new(run)), ..self }
    }

    /// Initialises the resources, in as many threads as there are processors.
    ///
    /// A resource comes after its dependencies, as far as its attribute or an earlier initialisation tells them. Others do no
    /// harm: an initialiser that uses another resource waits for it.
    ///
    /// # Errors
    /// If any of them could not be initialised: all that could not, after the others were.
    pub fn run(self) -> Result<(), WarmErrors> {
        let resources: Vec<ResourceHandle> = registry::all()
            .map(ResourceHandle::of)
            .filter(|resource| self.only.as_ref().is_none_or(|only| only(resource)))
            .collect();
        let of = resources.len();
        let todo: VecDeque<_> = resources
            .iter()
            .map(|resource| {
                let before: Vec<ResourceHandle> = resource.dependencies().filter(|on| resources.contains(on)).collect();
                (*resource, before)
            })
            .collect();
        let work = Work {
            state: Mutex::new(WarmState { todo, done: Vec::new(), errors: Vec::new() }),
            changed: Condvar::new(),
            of,
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(of);
        thread::scope(|scope| {
            // The calling thread is one of them, unless there is an executor; so it goes on where no thread can be had.
            let (work, callbacks) = (&work, (self.progress.as_deref(), self.executor.as_deref()));
            let start = || {
                let thread = thread::Builder::new().name(String::from("perf-warm"));
                thread.spawn_scoped(scope, move || work.warm_each(callbacks)).is_ok()
            };
            // The caller may be a task, in which executors refuse to block.
            let instead_of_caller = callbacks.1.is_some() && start();
            (1..threads).for_each(|_| {
                start();
            });
            if !instead_of_caller {
                work.warm_each(callbacks);
            }
        });
        WarmErrors::of(work.state.into_inner().unwrap_or_else(PoisonError::into_inner).errors)
    }
}

impl fmt::Debug for WarmUp<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WarmUp").finish_non_exhaustive()
    }
}

/// The program's callbacks, which all threads of a warm-up get.
type Callbacks<'o, 'a> = (Option<&'o Tell<'a>>, Option<&'o Execute<'a>>);

struct Work {
    state: Mutex<WarmState>,
    changed: Condvar,
    of: usize,
}

struct WarmState {
    /// Each with what comes before it.
    todo: VecDeque<(ResourceHandle, Vec<ResourceHandle>)>,
    done: Vec<ResourceHandle>,
    errors: Vec<ResourceError>,
}

impl Work {
    fn warm_each(&self, (progress, executor): Callbacks<'_, '_>) {
        while let Some(resource) = self.next_resource() {
            let result = warm_one(resource, executor);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.done.push(resource);
            let error = result.err();
            state.errors.extend(error.clone());
            let told = WarmProgress { resource, error, done: state.done.len(), of: self.of };
            drop(state);
            self.changed.notify_all();
            if let Some(tell) = progress {
                tell(told);
            }
        }
    }

    /// The next resource whose dependencies are done; waits for that while others are at work.
    fn next_resource(&self) -> Option<ResourceHandle> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let free = state.todo.iter().position(|(_, before)| before.iter().all(|on| state.done.contains(on)));
            if let Some(place) = free {
                return state.todo.remove(place).map(|next| next.0);
            }
            let at_work = self.of - state.todo.len() - state.done.len();
            if at_work == 0 {
                // Nothing left, or a cycle, of which any is as good as another.
                return state.todo.pop_front().map(|next| next.0);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn warm_one(resource: ResourceHandle, executor: Option<&Execute<'_>>) -> Result<(), ResourceError> {
    if !resource.is_async() {
        return resource.warm();
    }
    let Some(executor) = executor else { return block_on(resource.erased().warm_async()) };
    let result = Arc::new(Mutex::new(None));
    let there = Arc::clone(&result);
    let future: WarmFuture = Box::pin(async move {
        let result = resource.erased().warm_async().await;
        *there.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    });
    // The executor is the program's: a panic of it is that of one resource and no other's.
    let ran = panic::catch_unwind(AssertUnwindSafe(|| executor(future)));
    let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
    let name = || resource.erased().info().name();
    match (result, ran) {
        (Some(result), _) => result,
        (None, Err(payload)) => {
            let message = Arc::from(format!("the executor of the warm-up panicked: {}", panic_text(&*payload)));
            Err(ResourceError::Panicked { resource: name(), message, attempts: 1 })
        }
        // It was spawned, or dropped. Nobody would wait for it, or tell of its error.
        (None, Ok(())) => Err(ResourceError::Unfinished { resource: name() }),
    }
}

/// Polls a future to its end in this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// At the start of a session: initialises, beside the program, what its attribute says `warm` of.
pub(crate) fn warm_marked() {
    let marked = || registry::all().filter(|resource| resource.info().rules.warm);
    if marked().next().is_some() {
        let _ = thread::Builder::new().name(String::from("perf-warm")).spawn(|| {
            let warmed = WarmUp::new().only(|resource| resource.erased().info().rules.warm).run();
            for error in warmed.err().into_iter().flatten() {
                message::say(format_args!("not initialised at the start: {error}"));
            }
        });
    }
}
