//! A request on its way: a future, whose row also counts the answers by class of their status.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{Response, StatusCode};
use http_body::Body;
use perf_report::recording::layout::slot;
use pin_project_lite::pin_project;

use crate::call::counted;
use crate::call::future::Life;

pin_project! {
    /// The future of a request that is recorded.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct RequestFuture<F> {
        #[pin]
        answer: F,
        // `None` when it is not recorded, or over.
        life: Option<Life>,
    }

    impl<F> PinnedDrop for RequestFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(life) = this.project().life {
                life.end_unfinished();
            }
        }
    }
}

impl<F> RequestFuture<F> {
    pub(super) fn new(answer: F, life: Option<Life>) -> Self {
        RequestFuture { answer, life }
    }
}

/// The facts of an answer that its row counts.
///
/// It is sealed: other crates have no path to it, so of answers there are those of these libraries.
pub trait Answer {
    /// Its status.
    fn status(&self) -> StatusCode;

    /// The length of its body, if it is known before its end.
    fn length(&self) -> Option<u64>;
}

impl<B: Body> Answer for Response<B> {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn length(&self) -> Option<u64> {
        self.body().size_hint().exact()
    }
}

#[cfg(feature = "http-reqwest")]
impl Answer for reqwest::Response {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn length(&self) -> Option<u64> {
        self.content_length()
    }
}

impl<F, A, E> Future for RequestFuture<F>
where
    F: Future<Output = Result<A, E>>,
    A: Answer,
{
    type Output = Result<A, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(life) = this.life else { return this.answer.poll(context) };
        let result = life.poll_operation(|| this.answer.poll(context));
        if let Poll::Ready(answer) = &result {
            note(life, answer.as_ref().ok());
            *this.life = None;
        }
        result
    }
}

/// Counts an answer, or none.
fn note<A: Answer>(life: &Life, answer: Option<&A>) {
    let Some(answer) = answer else { return counted::add_figures(life.site(), &[(slot::FAILED, 1)]) };
    let bytes = answer.length().unwrap_or(0);
    let class = match answer.status().as_u16() {
        300..=399 => slot::REDIRECTIONS,
        400..=499 => slot::CLIENT_ERRORS,
        500..=599 => slot::SERVER_ERRORS,
        _ => return counted::add_figures(life.site(), &[(slot::BYTES, bytes)]),
    };
    counted::add_figures(life.site(), &[(slot::BYTES, bytes), (class, 1)]);
}
