//! The database: PostgreSQL if the shop has the address of one, else SQLite.
//!
//! Both record the same two rows: the wait for a connection, `pool shop`, and the statement. The functions that run them are the
//! callers of these rows, because the futures are polled in theirs. SQLite's statements are recorded where they are run, those of sqlx
//! by its events, which [`record_queries`] asks for once.

mod postgres;
mod sqlite;

pub(crate) use postgres::record_queries;

use perf_runtime::lazy_resource;

use crate::problem::Problem;
use crate::settings::{Fault, SETTINGS, has};
use crate::statements;
use postgres::Postgres;
use sqlite::Sqlite;

/// The name of the pool in the reports.
const POOL: &str = "shop";

#[lazy_resource(name = "store", retry(times = 2, backoff = "200ms"), on_shutdown = Store::close)]
pub(crate) static STORE: Result<Store, Problem> = async { Store::open().await };

/// The shop's tables.
pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Connections of the pool.
fn connections() -> u32 {
    if has(Fault::Pool) { 1 } else { 16 }
}

/// The statements that make the tables.
fn tables(key: &str) -> impl Iterator<Item = String> {
    let index = (!has(Fault::Index)).then_some(statements::INDEX);
    statements::TABLES.iter().copied().chain(index).map(move |statement| statement.replace("KEY", key))
}

impl Store {
    async fn open() -> Result<Store, Problem> {
        Ok(match &SETTINGS.database {
            Some(address) => Store::Postgres(Postgres::open(address).await?),
            None => Store::Sqlite(Sqlite::open().await?),
        })
    }

    /// The end of the shop: SQLite's database goes, PostgreSQL's stays.
    fn close(&self) {
        if let Store::Sqlite(store) = self {
            store.remove();
        }
    }

    pub(crate) async fn products(&self) -> Result<Vec<(i64, String, i64)>, Problem> {
        match self {
            Store::Sqlite(store) => store.rows(statements::PRODUCTS, ()).await,
            Store::Postgres(store) => store.rows(sqlx::query_as(statements::PRODUCTS)).await,
        }
    }

    pub(crate) async fn price(&self, product: i64) -> Result<i64, Problem> {
        let rows: Vec<(i64,)> = match self {
            Store::Sqlite(store) => store.rows(statements::PRICE, (product,)).await?,
            Store::Postgres(store) => store.rows(sqlx::query_as(statements::PRICE).bind(product)).await?,
        };
        Ok(first(rows)?.0)
    }

    pub(crate) async fn product_name(&self, product: i64) -> Result<String, Problem> {
        let rows: Vec<(String,)> = match self {
            Store::Sqlite(store) => store.rows(statements::PRODUCT_NAME, (product,)).await?,
            Store::Postgres(store) => store.rows(sqlx::query_as(statements::PRODUCT_NAME).bind(product)).await?,
        };
        Ok(first(rows)?.0)
    }

    pub(crate) async fn customer(&self, email: String) -> Result<(i64, String), Problem> {
        let rows = match self {
            Store::Sqlite(store) => store.rows(statements::CUSTOMER, (email,)).await?,
            Store::Postgres(store) => store.rows(sqlx::query_as(statements::CUSTOMER).bind(email)).await?,
        };
        first(rows)
    }

    /// A customer's latest orders: each with its product and its price.
    pub(crate) async fn orders(&self, customer: i64) -> Result<Vec<(i64, i64, i64)>, Problem> {
        match self {
            Store::Sqlite(store) => store.rows(statements::ORDERS, (customer,)).await,
            Store::Postgres(store) => store.rows(sqlx::query_as(statements::ORDERS).bind(customer)).await,
        }
    }

    /// As [`orders`](Self::orders), with the names of the products.
    pub(crate) async fn orders_with_names(&self, customer: i64) -> Result<Vec<(i64, String, i64)>, Problem> {
        let statement = statements::ORDERS_WITH_NAMES;
        match self {
            Store::Sqlite(store) => store.rows(statement, (customer,)).await,
            Store::Postgres(store) => store.rows(sqlx::query_as(statement).bind(customer)).await,
        }
    }

    /// Adds an order; its number.
    pub(crate) async fn add_order(&self, customer: i64, product: i64, cents: i64) -> Result<i64, Problem> {
        let statement = statements::NEW_ORDER;
        let rows: Vec<(i64,)> = match self {
            Store::Sqlite(store) => store.rows(statement, (customer, product, cents)).await?,
            Store::Postgres(store) => {
                store.rows(sqlx::query_as(statement).bind(customer).bind(product).bind(cents)).await?
            }
        };
        Ok(first(rows)?.0)
    }
}

fn first<T>(rows: Vec<T>) -> Result<T, Problem> {
    rows.into_iter().next().ok_or(Problem::Missing)
}
