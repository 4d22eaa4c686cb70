//! Requests to other services, of the feature `http`: rows of their own, for which the program waits.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::task::{Context, Poll};
use std::thread;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use perf_report::Kind;
use perf_runtime::http::{Endpoint, RequestsTo, requests_to};
use perf_runtime::profile;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower_layer::Layer;
use tower_service::Service;

use crate::{recorded, row, run, snapshot};

/// A server that answers each request by these words, one connection after the other, and ends when they have been said.
fn server(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                assert_eq!(stream.read(&mut byte).unwrap(), 1, "the client left");
                head.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

fn client(requests: RequestsTo) -> ClientWithMiddleware {
    let plain = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    ClientBuilder::new(plain).with(requests).build()
}

#[profile]
async fn pay(client: &ClientWithMiddleware, address: SocketAddr) -> Vec<StatusCode> {
    let mut statuses = Vec::new();
    for id in 1..=3 {
        let request = client.get(format!("http://{address}/invoices/{id}?token=secret"));
        let answer = request.with_extension(Endpoint("/invoices/{id}")).send().await.unwrap();
        statuses.push(answer.status());
    }
    statuses
}

#[test]
fn requests_of_reqwest_have_a_row_per_endpoint_and_their_callers_wait() {
    recorded();
    let address = server(&[
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\npaid",
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno",
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    ]);
    let client = client(requests_to("billing"));
    let statuses = run(async {
        let statuses = pay(&client, address).await;
        client.post(format!("http://{address}/secret")).body("secret").send().await.unwrap();
        statuses
    });
    assert_eq!(statuses, [StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE]);
    let snapshot = snapshot();
    let invoices = row(&snapshot, "GET billing /invoices/{id}");
    assert_eq!((invoices.kind, invoices.calls), (Kind::Client, 3));
    assert_eq!(invoices.waiting_ns, invoices.total_ns, "all of it is a wait");
    let answered = invoices.statuses.expect("it is a request");
    assert_eq!((answered.redirections, answered.client_errors, answered.server_errors), (0, 1, 1));
    let transfer = invoices.transfer.expect("it is a request");
    assert_eq!((transfer.bytes, transfer.failed), (6, 0));
    assert_eq!(invoices.futures.expect("it is async").started, 3);
    let caller = invoices.callers.first().and_then(|edge| edge.caller).expect("it is called");
    assert!(snapshot.functions[caller].name.ends_with("::pay"), "{:?}", snapshot.functions[caller]);
    assert!(snapshot.functions[caller].waiting_ns > 0);
    assert_eq!(row(&snapshot, "POST billing").calls, 1);
    assert!(!snapshot.to_json().contains("secret"), "nothing of addresses or bodies is kept");
}

#[test]
fn a_service_that_does_not_answer_fails_as_ever_and_is_counted() {
    recorded();
    let address = server(&[""]);
    let error = run(client(requests_to("nobody")).get(format!("http://{address}/")).send()).unwrap_err();
    assert!(error.is_request(), "{error:?}");
    let failed = row(&snapshot(), "GET nobody").transfer.expect("it is a request").failed;
    assert_eq!(failed, 1);
}

/// A client that answers at the second poll.
#[derive(Clone)]
struct Echo;

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(Response::new(request.into_body()))
        })
    }
}

#[test]
fn clients_of_tower_have_rows_and_requests_that_are_given_up_are_counted() {
    recorded();
    let mut client = requests_to("search").layer(Echo);
    let mut request = Request::builder().method("PUT").uri("/secret").body(Body::from("four")).unwrap();
    request.extensions_mut().insert(Endpoint("/documents"));
    run(async {
        client.call(request).await.unwrap();
        let mut given_up = client.call(Request::new(Body::empty()));
        let once =
            std::future::poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut given_up).poll(context).is_pending()));
        assert!(once.await);
    });
    let snapshot = snapshot();
    let documents = row(&snapshot, "PUT search /documents");
    assert_eq!((documents.kind, documents.calls, documents.transfer.unwrap().bytes), (Kind::Client, 1, 4));
    let search = row(&snapshot, "GET search");
    let futures = search.futures.expect("it is async");
    assert_eq!((futures.started, futures.cancelled), (1, 1));
}

#[profile]
fn ask(client: &RequestsTo) -> [bool; 2] {
    let answered = client.send(|| Ok::<_, io::Error>("an answer")).is_ok();
    let refused = client.send(|| Err::<(), _>(io::Error::other("refused"))).unwrap_err();
    [answered, refused.to_string() == "refused"]
}

#[test]
fn clients_that_block_are_waited_for_by_their_callers() {
    recorded();
    assert_eq!(ask(&requests_to(format!("{}er", "lock"))), [true, true]);
    let snapshot = snapshot();
    let asked = row(&snapshot, "locker");
    assert_eq!((asked.kind, asked.calls, asked.transfer.unwrap().failed), (Kind::Client, 2, 1));
    let [edge] = &asked.callers[..] else { panic!("{:?}", asked.callers) };
    assert!(snapshot.functions[edge.caller.unwrap()].name.ends_with("::ask"));
}
