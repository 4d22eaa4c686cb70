//! Routes are bounded: 1,000 have rows, and the others share one that says about how many they are.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use perf_report::{Function, Snapshot};
use perf_runtime::http::{Head, layer};
use tower_layer::Layer;
use tower_service::Service;

#[track_caller]
fn row<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Function {
    let names = || snapshot.functions.iter().map(|function| &function.name).collect::<Vec<_>>();
    let found = snapshot.functions.iter().find(|function| function.name == name);
    found.unwrap_or_else(|| panic!("no row {name} in {:?}", names()))
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Answers at once.
#[derive(Clone)]
struct Simple;

impl<B> Service<Request<B>> for Simple {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(Response::new(Body::empty())))
    }
}

#[test]
fn routes_beyond_the_limit_share_a_row() {
    perf_tests::environment::is_cleared();
    let session = perf_runtime::session().start();
    let by_path = |head: Head<'_>| Some(head.uri.path().to_owned());
    let mut service = layer(by_path).layer(Simple);
    run(async {
        for number in 0..1_500 {
            service.call(request("GET", &format!("/many/{number}"))).await.unwrap();
        }
    });
    // One that matches no route keeps its row.
    let mut unmatched = layer(|_: Head<'_>| None).layer(Simple);
    run(unmatched.call(request("GET", "/nowhere"))).unwrap();
    let snapshot = session.snapshot().expect("a session is open");
    let rows = snapshot.functions.iter().filter(|function| function.name.starts_with("GET /many/"));
    let (rows, calls) = rows.fold((0, 0), |sum, row| (sum.0 + 1, sum.1 + row.calls));
    let others = row(&snapshot, "other routes");
    assert_eq!((rows, calls, others.calls), (1_000, 1_000, 500));
    assert!((450..=550).contains(&others.names), "{} for 500", others.names);
    assert_eq!(row(&snapshot, "unmatched requests").calls, 1);
    let text = perf_report::View::Table.render(&snapshot, &perf_report::Style::default());
    assert!(text.contains("other routes is shared by about"), "{text}");
}
