//! Requests of `reqwest`, by a middleware of `reqwest-middleware`.

use std::future::Future;
use std::pin::Pin;

use ::http::Extensions;
use ::reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::RequestsTo;
use super::answer::RequestFuture;

// As the macro of the crate `async_trait` writes it.
impl Middleware for RequestsTo {
    fn handle<'this, 'extensions, 'next, 'future>(
        &'this self,
        request: Request,
        extensions: &'extensions mut Extensions,
        next: Next<'next>,
    ) -> Pin<Box<dyn Future<Output = Result<Response>> + Send + 'future>>
    where
        'this: 'future,
        'extensions: 'future,
        'next: 'future,
        Self: 'future,
    {
        let life = self.begin(request.method(), extensions.get());
        Box::pin(async move { RequestFuture::new(next.run(request, extensions), life).await })
    }
}
