//! Files, queries, requests, spans and tasks: wrapped where it measures, and what they were where it does not.

use std::io::{Read, Write};
use std::time::Duration;

use perf_runtime::http::{Endpoint, Head, RequestLayer, RequestsTo, layer, requests_to};
use perf_runtime::io::{Profiled, into_inner, profiled, profiled_as};
use perf_runtime::sql;
use perf_runtime::tasks::{Task, WatchedRuntime, task, watch};
use tower_layer::Layer as _;
use tracing_subscriber::layer::SubscriberExt;

/// A file that is a field of something.
struct Log {
    file: Profiled<Vec<u8>>,
}

fn files() {
    let mut log = Log { file: profiled_as("log", Vec::new()) };
    log.file.write_all(b"words").unwrap();
    assert_eq!(log.file.len(), 5);
    let mut text = String::new();
    profiled(into_inner(log.file).as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, "words");
}

fn requests() {
    let route = |head: Head<'_>| {
        let is_known = head.method == http::Method::GET && head.uri.path() == "/" && head.extensions.is_empty();
        is_known.then(|| "/".to_owned())
    };
    let layer: RequestLayer<_> = layer(route);
    // Of services that the layer itself asks nothing of.
    let _service = layer.clone().layer("a service");
    assert!(!std::any::type_name_of_val(&layer).is_empty());
    let requests: RequestsTo = requests_to("billing");
    let _client = requests.clone().layer("a client");
    assert_eq!(requests.send(|| Ok::<_, ()>(5)), Ok(5));
    let Endpoint(pattern) = Endpoint("/invoices/{id}");
    assert_eq!(pattern, "/invoices/{id}");
}

fn spans() {
    let layer: perf_runtime::tracing::Layer = perf_runtime::tracing::layer();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || tracing::info_span!("a span").in_scope(|| ()));
}

fn queries() {
    let statement = "SELECT name FROM users WHERE id = 7";
    assert_eq!(sql::query(statement, || 1), 1);
    sql::query_began(statement);
    sql::query_row(statement);
    sql::query_ended(statement);
    sql::query_took(statement, Duration::from_millis(1));
    assert_eq!(sql::connection("users", || Ok::<_, ()>(2)), Ok(2));
    super::poll(sql::query_async(statement, async { 3 }));
    assert_eq!(sql::query_rows(statement, || vec![1, 2]).len(), 2);
    assert_eq!(sql::query_counted(statement, || Ok::<_, ()>(7), |&rows| rows), Ok(7));
    super::poll(sql::query_rows_async(statement, async { Some(3) }));
    super::poll(sql::query_counted_async(statement, async { Ok::<_, ()>(4) }, |&rows| rows));
    sql::query_returned(statement, sql::Rows::rows(&9_u64).unwrap_or(0));
    super::poll(sql::connection_async("users", async { Ok::<_, ()>(4) }));
    let layers = tracing_subscriber::registry().with(sql::sqlx::layer());
    tracing::subscriber::with_default(
        layers,
        || tracing::debug!(target: "sqlx::query", summary = "BEGIN", elapsed_secs = 0.1),
    );
}

fn tasks() {
    /// What spawns it may name its type.
    fn spawn<F: Future<Output = u32>>(task: Task<F>) {
        super::poll(task);
    }
    spawn(task("refresh", async { 5 }));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _watched: WatchedRuntime = watch(runtime.handle());
}

pub(super) fn use_all() {
    files();
    queries();
    requests();
    spans();
    tasks();
}
