//! Files, requests and spans: wrapped where it measures, and what they were where it does not.

use std::io::{Read, Write};

use perf_runtime::http::{Head, RequestLayer, layer};
use perf_runtime::io::{Profiled, into_inner, profiled, profiled_as};
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
}

fn spans() {
    let layer: perf_runtime::tracing::Layer = perf_runtime::tracing::layer();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || tracing::info_span!("a span").in_scope(|| ()));
}

pub(super) fn use_all() {
    files();
    requests();
    spans();
}
