//! The layer of the feature `http`: a row for each method and route, and what was answered.

use std::convert::Infallible;
use std::future::{Ready, poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Router, extract::Path};
use perf_report::{Kind, Style, View};
use perf_runtime::http::{Head, axum_layer, layer};
use perf_runtime::profile;
use tower_layer::Layer;
use tower_service::Service;

use crate::{recorded, row, run, snapshot};

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

#[profile]
async fn load(id: u32) -> Result<String, StatusCode> {
    tokio::task::yield_now().await;
    match id {
        404 => Err(StatusCode::NOT_FOUND),
        500 => Err(StatusCode::INTERNAL_SERVER_ERROR),
        301 => Err(StatusCode::MOVED_PERMANENTLY),
        _ => Ok(format!("user {id}")),
    }
}

#[test]
fn routes_of_axum_have_rows_and_paths_have_none() {
    recorded();
    let user = |Path(id): Path<u32>| async move { load(id).await };
    let mut app: Router = Router::new()
        .route("/users/{id}", get(user))
        .route("/users", post(|| async {}))
        .nest_service("/files", get(|| async { "file" }))
        .layer(axum_layer());
    run(async {
        for path in ["/users/1", "/users/2?secret=word", "/users/404", "/users/500", "/users/301", "/nowhere/secret"] {
            app.call(request("GET", path)).await.unwrap();
        }
        app.call(request("POST", "/users")).await.unwrap();
        let nested = app.call(request("GET", "/files/secret")).await.unwrap();
        assert_eq!(nested.status(), StatusCode::OK);
        let unusual = app.call(request("SECRET", "/users/1")).await.unwrap();
        assert_eq!(unusual.status(), StatusCode::METHOD_NOT_ALLOWED);
    });
    let snapshot = snapshot();
    let user = row(&snapshot, "GET /users/{id}");
    let statuses = user.statuses.expect("it is a request");
    assert_eq!((user.kind, user.calls), (Kind::Request, 5));
    assert_eq!((statuses.redirections, statuses.client_errors, statuses.server_errors), (1, 1, 1));
    assert_eq!(user.transfer.expect("it is a request").bytes, 2 * "user 1".len() as u64);
    let polls = user.futures.expect("it is async");
    assert_eq!((polls.started, polls.cancelled, polls.polls), (5, 0, 10));
    assert_eq!(row(&snapshot, "POST /users").calls, 1);
    assert_eq!(row(&snapshot, "other method /users/{id}").statuses.unwrap().client_errors, 1);
    // That of the nested service, which was answered, and that of no route.
    let unmatched = row(&snapshot, "unmatched requests");
    assert_eq!((unmatched.calls, unmatched.statuses.unwrap().client_errors), (2, 1));
    let load = row(&snapshot, "requests::servers::load");
    let callers: Vec<_> =
        load.callers.iter().map(|one| (&*snapshot.functions[one.caller.unwrap()].name, one.calls)).collect();
    assert_eq!(callers, [("GET /users/{id}", 5)]);
    assert!(
        snapshot.functions.iter().all(|function| !function.name.contains("ecret") && !function.name.contains("SECRET"))
    );
}

#[test]
fn a_request_that_holds_its_thread_in_one_poll_is_named() {
    recorded();
    let import = || async {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
    };
    let mut app: Router = Router::new().route("/import", post(import)).layer(axum_layer());
    run(async { app.call(request("POST", "/import")).await.unwrap() });
    let table = View::Table.render(&snapshot(), &Style::plain()).replace("\n  ", " ");
    let note = "some futures held their thread for long: ";
    let named = table.split_once(note).unwrap_or_else(|| panic!("{table}")).1;
    assert!(named.contains("POST /import at least "), "{table}");
}

/// Answers at once: with an error of its own, or none.
#[derive(Clone)]
struct Simple(Result<u16, &'static str>);

impl<B> Service<Request<B>> for Simple {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = Ready<Result<Response<Body>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(self.0.map(|status| Response::builder().status(status).body(Body::from("12345")).unwrap()))
    }
}

#[test]
fn errors_of_the_service_are_its_own_and_counted() {
    recorded();
    let mut failing = layer(|_: Head<'_>| Some("/failing".into())).layer(Simple(Err("no answer")));
    assert_eq!(run(failing.call(request("GET", "/"))).unwrap_err(), "no answer");
    let snapshot = snapshot();
    let row = row(&snapshot, "GET /failing");
    assert_eq!((row.calls, row.transfer.unwrap().failed, row.transfer.unwrap().bytes), (1, 1, 0));
}

#[test]
fn a_function_finds_routes() {
    recorded();
    let by_head = |head: Head<'_>| (head.uri.path() == "/known").then(|| "/known of mine".to_owned());
    let mut service = layer(by_head).layer(Simple(Ok(200)));
    run(service.call(request("PUT", "/known"))).unwrap();
    run(poll_fn(|context| Service::<Request<Body>>::poll_ready(&mut service, context))).unwrap();
    let snapshot = snapshot();
    let row = row(&snapshot, "PUT /known of mine");
    assert_eq!((row.calls, row.transfer.unwrap().bytes), (1, 5));
}

#[test]
fn requests_in_flight_and_given_up() {
    recorded();
    let handler = get(|| async { std::future::pending::<()>().await });
    let mut app: Router = Router::new().route("/slow", handler).layer(axum_layer());
    let mut context = Context::from_waker(Waker::noop());
    let in_flight = || {
        let snapshot = snapshot();
        let row = row(&snapshot, "GET /slow");
        let polls = row.futures.expect("it is async");
        (polls.started - row.calls, polls.cancelled)
    };
    {
        let mut answer: std::pin::Pin<&mut _> = pin!(Service::call(&mut app, request("GET", "/slow")));
        let poll: Poll<Result<Response<Body>, Infallible>> = answer.as_mut().poll(&mut context);
        assert!(poll.is_pending());
        assert_eq!(in_flight(), (1, 0));
    }
    assert_eq!(in_flight(), (0, 1));
}
