//! Answers to requests: which path gives what.

use std::sync::{Mutex, PoisonError};

use hyper::{
    HeaderMap, StatusCode,
    header::{ACCEPT, HeaderValue},
};

use super::{api, format, page, query::parameter, recordings::Recordings};
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
