//! The size of the futures of annotated functions, beside those of the same functions bare.

use std::mem;
use std::task::Poll;

type Payload = [u8; 4096];

/// The size that each annotation may add to a future: its site, the state of its life, what alignment asks for, and with the feature `tasks`, which
/// these tests have, three words for the futures that it polls.
const OWN: usize = (4 + 3) * size_of::<u64>();

async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| if mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// A chain of functions, each of which hands its argument to the one before; the first keeps it while it waits.
macro_rules! chain {
    ($module:ident, $annotated:meta, $first:ident $(, $next:ident of $before:ident)*) => {
        mod $module {
            use super::{Payload, pause};

            #[cfg_attr($annotated, perf_runtime::profile)]
            pub(super) async fn $first(payload: Payload) -> usize {
                pause().await;
                payload.iter().filter(|byte| **byte == 1).count()
            }
            $(
                #[cfg_attr($annotated, perf_runtime::profile)]
                pub(super) async fn $next(payload: Payload) -> usize {
                    $before(payload).await
                }
            )*
        }
    };
}
chain!(bare, any(), f1, f2 of f1, f3 of f2, f4 of f3, f5 of f4, f6 of f5);
chain!(annotated, all(), f1, f2 of f1, f3 of f2, f4 of f3, f5 of f4, f6 of f5);

#[test]
fn a_chain_of_futures_is_larger_by_the_words_of_its_annotations_only() {
    let payload = [0; 4096];
    let sizes = [
        (1, size_of_val(&bare::f1(payload)), size_of_val(&annotated::f1(payload))),
        (3, size_of_val(&bare::f3(payload)), size_of_val(&annotated::f3(payload))),
        (6, size_of_val(&bare::f6(payload)), size_of_val(&annotated::f6(payload))),
    ];
    for (depth, bare, annotated) in sizes {
        assert!(annotated <= bare + depth * OWN, "{depth} deep: {annotated} bytes, bare {bare}");
    }
}

/// Arguments of each kind, all of which are kept while the function waits.
macro_rules! arguments {
    ($module:ident, $annotated:meta) => {
        mod $module {
            use super::{Payload, pause};

            pub(super) struct Connection(pub(super) Payload);

            #[cfg_attr($annotated, perf_runtime::profile)]
            impl Connection {
                pub(super) async fn borrowed(&self, mut payload: Payload) -> u8 {
                    payload[0] = 1;
                    pause().await;
                    payload[1] + self.0[2]
                }
                pub(super) async fn owned(self, (first, second): (Payload, Payload), _: Payload) -> u8 {
                    pause().await;
                    first[0] + second[1] + self.0[2]
                }
                pub(super) async fn generic<T: AsRef<[u8]>>(first: T, second: impl AsRef<[u8]>) -> u8 {
                    pause().await;
                    first.as_ref()[0] + second.as_ref()[1]
                }
            }
        }
    };
}
arguments!(bare_arguments, any());
arguments!(annotated_arguments, all());

#[test]
fn no_argument_is_copied_once_more() {
    macro_rules! sizes {
        ($module:ident) => {{
            let payload = [0; 4096];
            let connection = $module::Connection(payload);
            let borrowed = size_of_val(&connection.borrowed(payload));
            let generic = size_of_val(&$module::Connection::generic(payload, payload));
            [borrowed, generic, size_of_val(&connection.owned((payload, payload), payload))]
        }};
    }
    for (bare, annotated) in sizes!(bare_arguments).into_iter().zip(sizes!(annotated_arguments)) {
        assert!(annotated <= bare + OWN, "{annotated} bytes, bare {bare}");
    }
}
