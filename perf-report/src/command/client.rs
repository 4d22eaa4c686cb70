//! A small HTTP client: one request after the other, each with a connection of its own and a time limit.
//!
//! `serve` sends metrics to a collector with it, and `top` asks a `serve` of another machine.

use std::{error::Error, fmt, io, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, runtime::Runtime};

/// The most bytes of an answer.
const MOST: usize = 256 << 20;

/// Where requests go: `http://host:port/path?query`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    host: String,
    port: u16,
    /// The path, with the query if there is one.
    path: String,
}

impl Url {
    /// Reads a URL; `port` is the usual one.
    ///
    /// # Errors
    /// If it is none that can be asked; the message says why.
    pub(crate) fn read(text: &str, port: u16) -> Result<Url, String> {
        if text.starts_with("https://") {
            return Err(
                "https is not spoken here; use http through a tunnel (`ssh -L`), or a proxy on this machine".into()
            );
        }
        if !text.starts_with("http://") {
            return Err(format!("write it as http://HOST:{port}"));
        }
        let uri: Uri = text.parse().map_err(|error| format!("not a URL: {error}"))?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or("a URL has a host and no user; a token belongs into a file (--token-file)")?;
        Ok(Url {
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(port),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }

    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or("/")
    }

    /// The query, without its question mark.
    pub(crate) fn query(&self) -> Option<&str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// The same host, asked for something else.
    pub(crate) fn with_path(&self, path: String) -> Url {
        Url { path, ..self.clone() }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Url { host, port, path } = self;
        let path = if path == "/" { "" } else { path };
        if host.contains(':') {
            write!(f, "http://[{host}]:{port}{path}")
        } else {
            write!(f, "http://{host}:{port}{path}")
        }
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum ClientError {
    /// No connection, or one that broke.
    Io(io::Error),
    /// The other side does not speak HTTP, or its answer is too long.
    Answer(Box<dyn Error + Send + Sync>),
    /// No whole answer came in time.
    Late(Duration),
    /// The answer is an error; its status and the beginning of its text.
    Status(StatusCode, String),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Io(error) => write!(f, "no connection: {error}"),
            ClientError::Answer(error) => write!(f, "no answer that can be read: {error}"),
            ClientError::Late(limit) => write!(f, "no answer within {limit:?}"),
            ClientError::Status(status, text) if text.is_empty() => write!(f, "the answer is {status}"),
            ClientError::Status(status, text) => write!(f, "the answer is {status}: {text}"),
        }
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ClientError::Io(error) => Some(error),
            ClientError::Answer(error) => Some(&**error),
            ClientError::Late(_) | ClientError::Status(..) => None,
        }
    }
}

/// Sends requests.
#[derive(Debug)]
pub(crate) struct Client {
    runtime: Runtime,
    limit: Duration,
    /// The value of the header that shows a token.
    authorization: Option<String>,
}

impl Client {
    /// A client whose requests may take so long.
    ///
    /// # Errors
    /// If the system has no descriptors left.
    pub(crate) fn new(limit: Duration, authorization: Option<String>) -> io::Result<Client> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        Ok(Client { runtime, limit, authorization })
    }

    /// Asks for something.
    ///
    /// # Errors
    /// If there is no answer, or it is an error.
    pub(crate) fn get(&self, url: &Url) -> Result<Bytes, ClientError> {
        self.send(url, Method::GET, None, Bytes::new())
    }

    /// Sends something.
    ///
    /// # Errors
    /// If there is no answer, or it is an error.
    pub(crate) fn post(&self, url: &Url, content_type: &str, body: Bytes) -> Result<Bytes, ClientError> {
        self.send(url, Method::POST, Some(content_type), body)
    }

    fn send(&self, url: &Url, method: Method, content_type: Option<&str>, body: Bytes) -> Result<Bytes, ClientError> {
        let authority = match url.host.contains(':') {
            true => format!("[{}]:{}", url.host, url.port),
            false => format!("{}:{}", url.host, url.port),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(&url.path)
            .header(HOST, authority)
            .header(USER_AGENT, concat!("perf-report/", env!("CARGO_PKG_VERSION")));
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body)).map_err(|error| ClientError::Answer(error.into()))?;
        let exchange = async { tokio::time::timeout(self.limit, exchange(url, request)).await };
        self.runtime.block_on(exchange).unwrap_or(Err(ClientError::Late(self.limit)))
    }
}

async fn exchange(url: &Url, request: Request<Full<Bytes>>) -> Result<Bytes, ClientError> {
    let answer = |error: hyper::Error| ClientError::Answer(error.into());
    let stream = TcpStream::connect((url.host.as_str(), url.port)).await.map_err(ClientError::Io)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(answer)?;
    // It ends when the sender and the answer are gone, at the latest with the runtime's next time limit.
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(answer);
    let result = match response {
        Err(error) => Err(error),
        Ok(response) => {
            let status = response.status();
            let body = Limited::new(response.into_body(), MOST).collect().await.map_err(ClientError::Answer);
            body.map(|body| body.to_bytes()).and_then(|body| match status.is_success() {
                true => Ok(body),
                false => Err(ClientError::Status(status, beginning(&body))),
            })
        }
    };
    connection.abort();
    result
}

/// The first line of an answer, as it may be shown.
fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(300)]);
    crate::view::text::escape(text.lines().next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_refused() {
        let read = |text: &str| Url::read(text, 4318).map(|url| url.to_string());
        assert_eq!(read("http://host").as_deref(), Ok("http://host:4318"));
        assert_eq!(read("http://[::1]:80/v1/metrics?a=b").as_deref(), Ok("http://[::1]:80/v1/metrics?a=b"));
        for wrong in ["host:4318", "https://host", "http://", "http://me:secret@host", "ftp://host", "http://a b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
