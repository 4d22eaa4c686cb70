//! A request that cannot be answered.

use std::fmt;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use perf_runtime::resource::ResourceError;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Problem {
    /// There is no such product or customer.
    Missing,
    /// The product is sold out.
    SoldOut,
    /// The shop itself failed.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing => write!(f, "there is no such thing"),
            Problem::SoldOut => write!(f, "it is sold out"),
            Problem::Broken(error) => write!(f, "the shop failed: {error}"),
        }
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Problem::Missing => (StatusCode::NOT_FOUND, self.to_string()).into_response(),
            Problem::SoldOut => (StatusCode::CONFLICT, self.to_string()).into_response(),
            // The cause is the operator's affair.
            Problem::Broken(error) => {
                eprintln!("{error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

macro_rules! broken_by {
    ($($error:ty),+) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Problem::Broken(Box::new(error))
            }
        }
    )+};
}

broken_by!(
    std::io::Error,
    sqlx::Error,
    r2d2::Error,
    r2d2_sqlite::rusqlite::Error,
    tokio::task::JoinError,
    ResourceError
);
