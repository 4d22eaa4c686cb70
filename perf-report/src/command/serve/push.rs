//! Metrics sent to a collector of OpenTelemetry, at an interval.
//!
//! All sums are cumulative. So a request that is lost loses nothing: the next one tells it all. It runs in a thread of its own,
//! so a collector that does not answer keeps nobody waiting.

use std::{
    sync::{Arc, PoisonError, mpsc},
    time::{Duration, SystemTime},
};

use super::server::Service;
use crate::{
    command::client::{Client, Url},
    view::metrics::otlp,
};

/// How long a collector may take to answer.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Where metrics go, unless the URL has a path of its own.
const PATH: &str = "/v1/metrics";

/// The collector's URL with the path of the metrics.
pub(super) fn endpoint(url: &Url) -> Url {
    match url.path() {
        "/" => url.with_path(PATH.into()),
        _ => url.clone(),
    }
}

/// Sends metrics until the other side of `end` is gone.
pub(super) fn run(
    service: &Arc<Service>,
    client: &Client,
    url: &Url,
    every: Duration,
    end: &mpsc::Receiver<()>,
    news: &mpsc::Sender<String>,
) {
    let mut failures = 0;
    loop {
        match client.post(url, otlp::CONTENT_TYPE, body(service).into()) {
            Ok(_) => {
                if failures > 0 {
                    let _ = news.send(format!("{url}: answers again"));
                }
                failures = 0;
            }
            Err(error) => {
                if failures == 0 {
                    let _ = news.send(format!("{url}: {error}; trying again, nothing is lost meanwhile"));
                }
                failures += 1;
            }
        }
        match end.recv_timeout(pause(every, failures)) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            _ => return,
        }
    }
}

fn body(service: &Service) -> Vec<u8> {
    let bytes = {
        let mut recordings = service.recordings.lock().unwrap_or_else(PoisonError::into_inner);
        recordings.refresh();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        otlp::render(&recordings.sources(), u64::try_from(now.as_nanos()).unwrap_or(u64::MAX))
    };
    service.tell();
    bytes
}

/// The time to the next attempt: twice as long after each failure, up to a limit.
fn pause(every: Duration, failures: u32) -> Duration {
    let longest = LONGEST_PAUSE.max(every);
    every.saturating_mul(1 << failures.min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let seconds =
            |every: u64| [0, 1, 2, 5, 40].map(|failures| pause(Duration::from_secs(every), failures).as_secs());
        assert_eq!(seconds(10), [10, 20, 40, 300, 300]);
        assert_eq!(seconds(600), [600; 5]);
    }
}
