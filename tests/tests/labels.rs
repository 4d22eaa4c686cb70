//! `#[profile(label = ...)]`: the slowest calls are named, and only they.

use std::fmt::{self, Display};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use perf_report::{SlowCall, Snapshot};
use perf_runtime::profile;
use perf_tests::figures::{calls, function};
use perf_tests::in_process::recorded;

fn slowest<'a>(snapshot: &'a Snapshot, name: &str) -> &'a [SlowCall] {
    &function(snapshot, name).slowest
}

/// The labels, sorted.
fn labels(calls: &[SlowCall]) -> Vec<&str> {
    let mut labels: Vec<&str> = calls.iter().map(|call| call.label.as_str()).collect();
    labels.sort_unstable();
    labels
}

fn take(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

struct Order {
    id: u64,
    name: String,
}

/// How often the label was asked for.
static ASKED: AtomicU64 = AtomicU64::new(0);

#[profile(label = { ASKED.fetch_add(1, Ordering::Relaxed); order.id })]
fn ship(order: &Order) {
    take(Duration::from_micros(order.id));
}

#[profile]
fn day(orders: u64) {
    // The slowest first: none of the others is among them.
    for id in (0..orders).rev() {
        ship(&Order { id: if id >= orders - 5 { 20_000 * (id + 1) } else { 0 }, name: String::new() });
    }
}

#[test]
fn a_label_is_asked_for_only_if_its_call_is_among_the_slowest() {
    let snapshot = recorded(|| day(10));
    let slow = slowest(&snapshot, "ship");
    assert_eq!(slow.len(), 5);
    assert!(slow.is_sorted_by_key(|call| std::cmp::Reverse(call.ns)));
    // On a busy machine a short one may take long and enter; but each that is there has its label.
    assert!(slow.iter().all(|call| call.label.parse::<u64>().is_ok()), "{slow:?}");
    assert_eq!(slow[0].ns, function(&snapshot, "ship").max_ns);
    let day = snapshot.functions.iter().position(|function| function.name.ends_with("::day")).unwrap();
    assert!(slow.iter().all(|call| call.callers == [day] && call.further_callers == 0), "{slow:?}");
    assert_eq!(calls(&snapshot, "ship"), 10);
    // After five slow ones, the others are asked only if something held them up for longer.
    let before = ASKED.load(Ordering::Relaxed);
    let snapshot = recorded(|| {
        let slow = Order { id: 20_000, name: String::new() };
        (0..5).for_each(|_| ship(&slow));
        let quick = Order { id: 0, name: String::new() };
        (0..1000).for_each(|_| ship(&quick));
    });
    let asked = ASKED.load(Ordering::Relaxed) - before;
    assert!(asked < 500, "{asked} of {} calls", calls(&snapshot, "ship"));
}

#[profile(label = &order.name)]
fn borrows(order: &mut Order) {
    order.id += 1;
}

#[profile(label = move order.id)]
fn moves(order: Order) -> String {
    order.name
}

struct Shop {
    name: &'static str,
    sold: u64,
}

impl Shop {
    #[profile(label = format_args!("{} {number}", self.name))]
    fn sell(&mut self, number: u64) {
        self.sold += number;
    }
}

#[test]
fn a_label_refers_to_arguments_of_every_kind() {
    let snapshot = recorded(|| {
        borrows(&mut Order { id: 1, name: "first".into() });
        assert_eq!(moves(Order { id: 7, name: "kept".into() }), "kept");
        let mut shop = Shop { name: "corner", sold: 0 };
        shop.sell(3);
        assert_eq!(shop.sold, 3);
    });
    assert_eq!(labels(slowest(&snapshot, "borrows")), ["first"]);
    assert_eq!(labels(slowest(&snapshot, "moves")), ["7"]);
    assert_eq!(labels(slowest(&snapshot, "sell")), ["corner 3"]);
}

#[profile(label = text)]
fn says(text: &str) -> usize {
    text.len()
}

#[test]
fn a_label_is_text_of_a_bounded_length_and_of_any_letters() {
    let snapshot = recorded(|| {
        says("\u{1b}[31m\"quoted\"\n");
        says(&"ä".repeat(10_000));
        says("");
    });
    assert_eq!(labels(slowest(&snapshot, "says")), ["", "\u{1b}[31m\"quoted\"\n", &"ä".repeat(32)]);
    // It is part of the figures of the call, and in no name.
    assert!(snapshot.functions.iter().all(|function| !function.name.contains("quoted")));
    let again = Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap();
    assert_eq!(again, snapshot);
}

/// As an extractor of a web framework.
struct Path<T>(T);

impl Shop {
    #[profile(label = format_args!("{} {id} {}", self.name, order.name))]
    async fn deliver(&self, Path(id): Path<u64>, mut order: Order) -> Result<u64, String> {
        order.name.push('!');
        YieldOnce(false).await;
        if id == 0 {
            return Err(order.name);
        }
        drop(order);
        take(Duration::from_micros(id));
        Ok(id)
    }
}

#[profile(label = format_args!("{id} {name} {a} {b} {c}"))]
async fn takes_apart(
    Path(mut id): Path<u64>,
    Path(mut name): Path<String>,
    (ref a, &b): (u8, &u8),
    [.., c]: [u8; 2],
) -> u64 {
    id += u64::from(*a) + u64::from(b) + u64::from(c);
    name.push('!');
    id
}

#[profile(label = Rude(panics), by_type)]
async fn late<T: Default>(panics: bool) -> T {
    YieldOnce(panics).await;
    T::default()
}

/// Ready when it is polled for the second time, or at once.
struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

#[test]
fn the_longest_lives_of_futures_have_labels() {
    let snapshot = recorded(|| {
        let shop = Shop { name: "corner", sold: 0 };
        let order = |number: u64| Order { id: number, name: format!("order {number}") };
        // The slowest first: none of the others is among them.
        for number in (0..8).rev() {
            let id = if number < 3 { 0 } else { 20_000 * number };
            let delivered = block_on(shop.deliver(Path(id), order(number)));
            assert_eq!(delivered, if id == 0 { Err(format!("order {number}!")) } else { Ok(id) });
        }
        drop(shop.deliver(Path(9), order(9)));
    });
    let slow = slowest(&snapshot, "deliver");
    assert_eq!(slow.len(), 5);
    // On a busy machine a short one may take long; but each that is there has its label, as the order was at the call.
    for call in slow {
        let [shop, id, order, number] = call.label.split(' ').collect::<Vec<_>>()[..] else { panic!("{call:?}") };
        let number: u64 = number.parse().unwrap();
        assert_eq!(
            (shop, order, id.parse().unwrap()),
            ("corner", "order", if number < 3 { 0 } else { 20_000 * number })
        );
    }
    assert_eq!(slow[0].ns, function(&snapshot, "deliver").max_ns);
    assert_eq!((calls(&snapshot, "deliver"), function(&snapshot, "deliver").futures.unwrap().polls), (8, 16));
}

#[test]
fn a_label_of_a_future_may_panic_and_belongs_to_its_row() {
    let snapshot = recorded(|| {
        assert_eq!(block_on(takes_apart(Path(1), Path("x".into()), (2, &3), [9, 4])), 10);
        assert_eq!((block_on(late::<u8>(false)), block_on(late::<u16>(true))), (0, 0));
    });
    assert_eq!(labels(slowest(&snapshot, "takes_apart")), ["1 x 2 3 4"]);
    assert_eq!(labels(slowest(&snapshot, "late<u8>")), ["polite"]);
    assert_eq!(labels(slowest(&snapshot, "late<u16>")), [""]);
}

#[profile(label = panics)]
async fn ends_early(panics: bool) {
    YieldOnce(false).await;
    assert!(!panics, "on purpose");
}

#[test]
fn futures_with_labels_that_do_not_get_ready_are_counted_once() {
    let snapshot = recorded(|| {
        block_on(ends_early(false));
        assert!(std::panic::catch_unwind(|| block_on(ends_early(true))).is_err());
        // Polled once, and dropped.
        let mut future = Box::pin(ends_early(false));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    let ends_early = function(&snapshot, "ends_early");
    let futures = ends_early.futures.unwrap();
    assert_eq!((ends_early.calls, ends_early.unwound), (3, 1), "{ends_early:?}");
    assert_eq!((futures.started, futures.cancelled, futures.polls), (3, 1, 5));
    assert_eq!(labels(&ends_early.slowest), ["false"]);
    assert!(snapshot.in_flight.is_empty());
}

/// Calls an annotated function, and panics, when it is asked for its text.
struct Rude(bool);

#[profile]
fn inner() {}

impl Display for Rude {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        inner();
        assert!(!self.0, "on purpose");
        formatter.write_str("polite")
    }
}

#[profile(label = Rude(panics))]
fn rude(panics: bool) -> bool {
    panics
}

#[profile(label = Rude(false))]
fn unwinds() {
    panic!("on purpose");
}

#[test]
fn a_label_may_call_annotated_functions_and_panic() {
    let snapshot = recorded(|| {
        assert!(!rude(false) && rude(true));
        assert!(std::panic::catch_unwind(unwinds).is_err());
        assert!(!rude(false));
    });
    assert_eq!(labels(slowest(&snapshot, "rude")), ["", "polite", "polite"]);
    assert_eq!(labels(slowest(&snapshot, "unwinds")), [""], "nobody asks while the thread unwinds");
    assert_eq!((calls(&snapshot, "rude"), calls(&snapshot, "unwinds"), calls(&snapshot, "inner")), (3, 1, 3));
    assert_eq!(function(&snapshot, "unwinds").unwound, 1);
}

#[profile(label = depth)]
fn nested(depth: u64) {
    if depth > 0 {
        nested(depth - 1);
    }
}

#[test]
fn callers_beyond_the_room_are_counted() {
    let snapshot = recorded(|| nested(30));
    let nested = slowest(&snapshot, "nested");
    assert_eq!(nested.len(), 5);
    for call in nested {
        let around = 30 - call.label.parse::<usize>().unwrap();
        assert_eq!(call.callers.len() + call.further_callers as usize, around, "{call:?}");
        assert_eq!(call.callers.len(), around.min(14));
    }
}

#[test]
fn the_slowest_of_all_threads_come_together() {
    let snapshot = recorded(|| {
        thread::scope(|scope| {
            for number in 0..4 {
                let work = move || says(&format!("from {number}"));
                thread::Builder::new().name(format!("worker {number}")).spawn_scoped(scope, work).unwrap();
            }
        });
    });
    let says = slowest(&snapshot, "says");
    assert_eq!(says.len(), 4);
    for call in says {
        assert_eq!(call.thread.replace("worker", "from"), call.label, "{call:?}");
    }
}
