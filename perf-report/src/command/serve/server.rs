//! The server: connections in, answers out, and a bound for everything that a stranger decides.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{
    access::{Access, Refusal},
    answers::{self, Answer},
    recordings::Recordings,
};

/// Connections at one time; further ones wait until one ends.
const CONNECTIONS: usize = 64;

/// How long a connection may take for the headers of a request, from when it is opened or has had its last answer.
const HEADERS: Duration = Duration::from_secs(5);

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(60);

/// How long a connection lives: it is closed after the answer that it has then, so that who reads slowly does not stay.
const LIFETIME: Duration = Duration::from_secs(300);

/// How long it may take to end.
const GRACE: Duration = Duration::from_secs(60);

/// Bytes of a request's line and headers, and number of headers.
const HEADER_BYTES: usize = 16 << 10;
const HEADER_COUNT: usize = 64;

/// Answers that are worked out at one time. They share the recordings, so a second one would wait anyway.
const WORKERS: usize = 1;

/// Everything that connections share.
pub(super) struct Service {
    pub(super) recordings: Mutex<Recordings>,
    pub(super) access: Access,
    workers: Semaphore,
    /// Messages for standard error.
    news: std::sync::mpsc::Sender<String>,
}

impl Service {
    pub(super) fn new(recordings: Recordings, access: Access, news: std::sync::mpsc::Sender<String>) -> Service {
        Service { recordings: Mutex::new(recordings), access, workers: Semaphore::new(WORKERS), news }
    }

    /// Says what has gone wrong with the recordings.
    pub(super) fn tell(&self) {
        let mut recordings = self.recordings.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for news in recordings.take_news() {
            // Nobody listens any more when the command ends.
            let _ = self.news.send(news);
        }
    }
}

/// Serves until `end` is ready.
pub(super) async fn run(listener: TcpListener, service: Arc<Service>, end: impl Future<Output = ()>) {
    let accepting = tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(connection(stream, Arc::clone(&service), place))),
                // There are no descriptors left, or the connection is gone already: others may end meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
    end.await;
    accepting.abort();
}

async fn connection(stream: TcpStream, service: Arc<Service>, _place: OwnedSemaphorePermit) {
    let respond = service_fn(|request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(respond(request, service).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_COUNT)
        .serve_connection(TokioIo::new(stream), respond);
    let mut connection = std::pin::pin!(connection);
    // Whatever goes wrong concerns this connection alone, and its other end has been told or is gone.
    if tokio::time::timeout(LIFETIME, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(GRACE, connection).await;
    }
}

async fn respond(request: Request<Incoming>, service: Arc<Service>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let is_health = head.uri.path() == "/healthz";
    let refused = match service.access.check(&head.headers) {
        Err(Refusal::Host) => Some(Answer::error(
            StatusCode::MISDIRECTED_REQUEST,
            "this server answers to localhost and 127.0.0.1 alone; start it with --listen and --token-file for other names",
        )),
        // Whether it lives is no secret.
        Err(Refusal::Token) if !is_health => {
            Some(Answer::error(StatusCode::UNAUTHORIZED, "the token is missing or wrong (Authorization: Bearer TOKEN)"))
        }
        _ if head.method != Method::GET && head.method != Method::HEAD => {
            Some(Answer::error(StatusCode::METHOD_NOT_ALLOWED, "everything here is read-only; use GET"))
        }
        _ if !body.is_end_stream() => Some(Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "send no body")),
        _ if is_health => Some(Answer::ok("text/plain; charset=utf-8", "ok\n")),
        _ => None,
    };
    let has_body = !body.is_end_stream();
    let answer = match refused {
        Some(answer) => answer,
        None => {
            let work = work(
                Arc::clone(&service),
                head.uri.path().to_owned(),
                head.uri.query().map(str::to_owned),
                head.headers,
            );
            let late = || Answer::error(StatusCode::SERVICE_UNAVAILABLE, "reading the recordings took too long");
            tokio::time::timeout(ANSWER, work).await.unwrap_or_else(|_| late())
        }
    };
    response(answer, has_body)
}

/// Works the answer out in another thread, because it reads files.
async fn work(service: Arc<Service>, path: String, query: Option<String>, headers: HeaderMap) -> Answer {
    let _turn = service.workers.acquire().await;
    let shared = Arc::clone(&service);
    let answer = tokio::task::spawn_blocking(move || {
        let answer = answers::answer(&shared.recordings, &path, query.as_deref(), &headers);
        shared.tell();
        answer
    });
    // A panic is a fault of this command; the next request may go well.
    answer.await.unwrap_or_else(|_| Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "a fault of this command"))
}

fn response(answer: Answer, close: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    match answer.status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"perf-report\""));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        _ => {}
    }
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Opens the port.
///
/// # Errors
/// If it is taken, or this machine does not have the address.
pub(super) fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
