//! Answers to requests: which path gives what.

use std::sync::{Mutex, PoisonError};

use hyper::{
    HeaderMap, StatusCode,
    header::{ACCEPT, HeaderValue},
};

use super::{api, format, page, recordings::Recordings};
use crate::view::metrics::{native, openmetrics, prometheus};

/// A body, and how it is to be read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn ok(content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: StatusCode::OK, content_type, body: body.into() }
    }

    /// An error, explained in a line.
    pub(super) fn error(status: StatusCode, message: impl std::fmt::Display) -> Answer {
        Answer { status, content_type: TEXT, body: format!("{message}\n").into_bytes() }
    }
}

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// The answer to a request for a path. It reads recordings, so it may take some time.
pub(super) fn answer(recordings: &Mutex<Recordings>, path: &str, query: Option<&str>, headers: &HeaderMap) -> Answer {
    let read = || {
        let mut recordings = recordings.lock().unwrap_or_else(PoisonError::into_inner);
        recordings.refresh();
        recordings
    };
    match path {
        "/metrics" => metrics(&read(), headers.get(ACCEPT)),
        "/" => match parameter(query, "recording") {
            None => page::front(&mut read()).map_or_else(of_refusal, |html| Answer::ok(HTML, html)),
            Some(name) => one(&mut read(), Some(&name), |it| Answer::ok(HTML, page::of(it))),
        },
        "/api/recordings" => Answer::ok(JSON, api::recordings(&read())),
        "/api/snapshot" => {
            one(&mut read(), parameter(query, "recording").as_deref(), |it| Answer::ok(JSON, it.latest.to_json()))
        }
        "/api/top" => match limit(query) {
            Err(message) => Answer::error(StatusCode::BAD_REQUEST, message),
            Ok(limit) => {
                one(&mut read(), parameter(query, "recording").as_deref(), |it| Answer::ok(JSON, api::top(it, limit)))
            }
        },
        "/api/stacks" => one(&mut read(), parameter(query, "recording").as_deref(), |it| {
            Answer::ok(JSON, api::stacks(&it.with_stacks()))
        }),
        _ => Answer::error(
            StatusCode::NOT_FOUND,
            "there is /, /metrics, /healthz, /api/recordings, /api/snapshot, /api/top and /api/stacks",
        ),
    }
}

/// The answer about one recording: that of the name, or the only one there is.
fn one(
    recordings: &mut Recordings,
    name: Option<&str>,
    answer: impl FnOnce(&mut super::follow::Followed) -> Answer,
) -> Answer {
    let only = match recordings.names().as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    };
    match name.map(str::to_owned).or(only).and_then(|name| recordings.get_mut(&name)) {
        Some(followed) => answer(followed),
        None => of_refusal(recordings.refusal(name)),
    }
}

fn of_refusal(message: String) -> Answer {
    Answer::error(StatusCode::NOT_FOUND, message)
}

fn metrics(recordings: &Recordings, accept: Option<&HeaderValue>) -> Answer {
    let accept = accept.and_then(|accept| accept.to_str().ok());
    match format::wanted(accept) {
        format::Format::Prometheus => Answer::ok(prometheus::CONTENT_TYPE, recordings.metrics(prometheus::render)),
        format::Format::OpenMetrics => Answer::ok(openmetrics::CONTENT_TYPE, recordings.metrics(openmetrics::render)),
        format::Format::Native => Answer::ok(native::CONTENT_TYPE, recordings.metrics(native::render)),
    }
}

/// The rows to tell: 100 unless asked otherwise.
fn limit(query: Option<&str>) -> Result<usize, String> {
    let Some(text) = parameter(query, "limit") else { return Ok(100) };
    text.parse().ok().filter(|&limit| limit > 0).ok_or_else(|| format!("limit is a whole number above 0, not {text:?}"))
}

/// A value of the query, as it was before it was escaped.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pair = query?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(unescape(pair))
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let (plain, left) = match (byte, hex) {
            (b'%', Some(value)) => (value, &after[2..]),
            (b'+', _) => (b' ', after),
            _ => (byte, after),
        };
        bytes.push(plain);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text as it can stand in a query.
pub(super) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_were_written() {
        for text in ["app.perfrec", "ä b+c&d=e%/?\"\n", "%", "%zz", "100%25"] {
            assert_eq!(
                parameter(Some(&format!("x=1&recording={}&y", escape(text))), "recording").as_deref(),
                Some(text)
            );
        }
        assert_eq!(parameter(Some("recording=%zz+%2"), "recording").as_deref(), Some("%zz %2"));
        assert_eq!((parameter(None, "a"), parameter(Some("ab=1"), "a")), (None, None));
    }
}
