//! The routes.

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Path, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};

use crate::catalogue::CATALOGUE;
use crate::problem::Problem;
use crate::store::STORE;
use crate::{access_log, orders};

pub(crate) fn router() -> Router {
    Router::new()
        .route("/products/{id}", get(product))
        .route("/customers/{email}", get(customer))
        .route("/orders/{customer}", get(list))
        .route("/orders/{customer}/{product}", post(place))
        .route("/payments/{order}", post(pay))
        .layer(from_fn(log))
        // Outermost, so that the time of the others is in it.
        .layer(perf_runtime::http::axum_layer())
}

async fn product(Path(id): Path<i64>) -> Result<String, Problem> {
    let catalogue = CATALOGUE.try_lease().await?;
    let (name, cents) = catalogue.product(id).ok_or(Problem::Missing)?;
    Ok(format!("{name} {cents}\n"))
}

async fn customer(Path(email): Path<String>) -> Result<String, Problem> {
    let (id, name) = STORE.try_get().await?.customer(email).await?;
    Ok(format!("{id} {name}\n"))
}

async fn list(Path(customer): Path<i64>) -> Result<String, Problem> {
    orders::list(customer).await
}

async fn place(Path((customer, product)): Path<(i64, i64)>) -> Result<String, Problem> {
    Ok(format!("{}\n", orders::place(customer, product).await?))
}

async fn pay(Path(order): Path<i64>) -> Result<String, Problem> {
    orders::pay(order).await
}

/// Adds each request to the log: its route, and not what was asked for.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("?", MatchedPath::as_str);
    access_log::add(method.as_str(), route, response.status().as_u16(), response.body().size_hint().lower());
    response
}
