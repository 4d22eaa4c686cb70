//! Orders: they are listed, placed and paid for.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use perf_runtime::locks::tokio::Mutex;
use perf_runtime::{Named, lazy_resource, profile};
use tokio::task::spawn_blocking;

use crate::catalogue::CATALOGUE;
use crate::parcels::{self, Parcel};
use crate::problem::Problem;
use crate::settings::{Fault, has};
use crate::store::STORE;

/// Pieces of each product at the start.
const PIECES: u32 = 1_000_000;

/// The pieces that are left of each product. Every order wants this lock.
#[lazy_resource]
static STOCK: Result<Mutex<HashMap<i64, u32>>, Problem> = async {
    let catalogue = CATALOGUE.try_lease().await?;
    Ok(Mutex::new(catalogue.ids().map(|product| (product, PIECES)).collect()).named("stock"))
};

/// A customer's latest orders, a line each.
#[profile]
pub(crate) async fn list(customer: i64) -> Result<String, Problem> {
    let store = STORE.try_get().await?;
    let mut lines = String::new();
    if has(Fault::NPlusOne) {
        for (order, product, cents) in store.orders(customer).await? {
            let name = store.product_name(product).await?;
            lines += &format!("{order} {name} {cents}\n");
        }
    } else {
        for (order, name, cents) in store.orders_with_names(customer).await? {
            lines += &format!("{order} {name} {cents}\n");
        }
    }
    Ok(lines)
}

/// Places an order; its number.
#[profile]
pub(crate) async fn place(customer: i64, product: i64) -> Result<i64, Problem> {
    let cents = reserve(product).await?;
    let order = STORE.try_get().await?.add_order(customer, product, cents).await?;
    parcels::send(Parcel { order, product }).await;
    Ok(order)
}

/// Takes a piece from the stock, at the price of the moment.
#[profile]
async fn reserve(product: i64) -> Result<i64, Problem> {
    let (store, stock) = (STORE.try_get().await?, STOCK.try_get().await?);
    if has(Fault::Lock) {
        let mut stock = stock.lock().await;
        // All other orders wait for the database now.
        let cents = store.price(product).await?;
        take(&mut stock, product)?;
        Ok(cents)
    } else {
        let cents = store.price(product).await?;
        take(&mut *stock.lock().await, product)?;
        Ok(cents)
    }
}

fn take(stock: &mut HashMap<i64, u32>, product: i64) -> Result<(), Problem> {
    let left = stock.get_mut(&product).ok_or(Problem::Missing)?;
    *left = left.checked_sub(1).ok_or(Problem::SoldOut)?;
    Ok(())
}

/// Pays for an order; the receipt.
#[profile]
pub(crate) async fn pay(order: i64) -> Result<String, Problem> {
    if has(Fault::Blocking) {
        // Nothing else runs in this thread now.
        Ok(charge(order))
    } else {
        Ok(spawn_blocking(move || charge(order)).await?)
    }
}

/// The library of a payment service: it knows nothing of futures, and blocks until the service has answered.
#[profile]
fn charge(order: i64) -> String {
    thread::sleep(Duration::from_millis(20));
    format!("order {order} is paid")
}
