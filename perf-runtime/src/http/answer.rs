//! A request that is being answered: a future, whose row also counts the answers by class of their status.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::Response;
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

impl<F, A, E> Future for RequestFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Body,
{
    type Output = Result<Response<A>, E>;

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
fn note<A: Body>(life: &Life, answer: Option<&Response<A>>) {
    let Some(answer) = answer else { return counted::add_figures(life.site(), &[(slot::FAILED, 1)]) };
    // Of a stream the length is not known before its end.
    let bytes = answer.body().size_hint().exact().unwrap_or(0);
    let class = match answer.status().as_u16() {
        300..=399 => slot::REDIRECTIONS,
        400..=499 => slot::CLIENT_ERRORS,
        500..=599 => slot::SERVER_ERRORS,
        _ => return counted::add_figures(life.site(), &[(slot::BYTES, bytes)]),
    };
    counted::add_figures(life.site(), &[(slot::BYTES, bytes), (class, 1)]);
}
