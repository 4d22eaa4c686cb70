#![doc = include_str!("../../docs/tracing.md")]

mod entered;
mod life;
mod sites;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use self::entered::Entered;
use self::life::Life;
use crate::call::thread;
use crate::platform::clock;
use crate::process::state;

/// Whether any span was ever recorded. Until then, leaving and closing spans is nothing to a layer.
static HAS_RECORDED: AtomicBool = AtomicBool::new(false);

/// A layer that records spans: a row for each place where a span is made.
///
/// See the [module](self) for what is shown, and what is not seen.
#[derive(Debug)]
pub struct Layer {
    /// Tells apart the layers of one process: each has spans, and ids of spans, of its own.
    number: u64,
}

/// A layer that records the spans of a subscriber.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(perf_runtime::tracing::layer());
/// # drop(subscriber);
/// ```
#[must_use]
pub fn layer() -> Layer {
    Layer::default()
}

impl Default for Layer {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Layer { number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }
}

impl<S> tracing_subscriber::Layer<S> for Layer
where
    S: tracing_core::Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_enter(&self, id: &tracing_core::span::Id, context: Context<'_, S>) {
        if state::is_off() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let extensions = span.extensions();
        let call = if let Some(life) = extensions.get::<Life>() {
            life.enter(self.number)
        } else {
            drop(extensions);
            let mut extensions = span.extensions_mut();
            // Another thread may have entered it meanwhile.
            if extensions.get_mut::<Life>().is_none() {
                let site = sites::of(span.metadata());
                HAS_RECORDED.store(true, Ordering::Relaxed);
                thread::undisturbed(|| extensions.insert(Life::new(self.number, site)));
            }
            extensions.get_mut::<Life>().and_then(|life| life.enter(self.number))
        };
        if let Some(call) = call {
            entered::push(Entered { layer: self.number, span: id.into_u64(), call });
        }
    }

    fn on_exit(&self, id: &tracing_core::span::Id, _context: Context<'_, S>) {
        let counter = clock::counter();
        if HAS_RECORDED.load(Ordering::Relaxed) {
            entered::pop(self.number, id.into_u64(), counter);
        }
    }

    fn on_close(&self, id: tracing_core::span::Id, context: Context<'_, S>) {
        if HAS_RECORDED.load(Ordering::Relaxed)
            && let Some(span) = context.span(&id)
            && let Some(life) = span.extensions().get::<Life>()
        {
            life.close(self.number);
        }
    }
}
