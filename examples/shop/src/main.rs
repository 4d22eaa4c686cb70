//! A web shop that shows where it waits.
//!
//! Its parts are those of many services: routes ([`routes`]), a database with a pool of connections ([`store`]), a cache ([`catalogue`]),
//! a lock that all orders want ([`orders`]), a channel to workers ([`parcels`]), a file to which every request adds a line
//! ([`access_log`]). Each is made as it would be without measuring, with the wrapper of its library around it.
//!
//! `SHOP_FAULTS` plants the faults that such services have ([`settings::Fault`]); the report names each. See `README.md`.

mod access_log;
mod catalogue;
mod load;
mod orders;
mod parcels;
mod problem;
mod routes;
mod settings;
mod statements;
mod store;

use std::error::Error;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use settings::SETTINGS;

fn main() -> Result<(), Box<dyn Error>> {
    // Whoever asks for help wants no report.
    SETTINGS.get();
    // Each resource is torn down, and the reports are written, when this goes.
    let _session = perf_runtime::session().start();
    store::record_queries();
    // Two threads, however many processors there are: a poll that blocks one of them is felt.
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<(), Box<dyn Error>> {
    // A database that can't be reached should be heard of now, and not by the first customer.
    store::STORE.warm().await?;
    catalogue::CATALOGUE.warm().await?;
    let listener = TcpListener::bind(("127.0.0.1", SETTINGS.port)).await?;
    let address = listener.local_addr()?;
    println!("http://{address}");
    let server = axum::serve(listener, routes::router());
    match SETTINGS.requests {
        // The threads of the clients are not those of the server.
        Some(requests) => {
            let clients =
                tokio::task::spawn_blocking(move || load::run(address, SETTINGS.clients, requests, SETTINGS.route));
            tokio::select! {
                ended = server.into_future() => ended?,
                answered = clients => println!("{}", answered??),
            }
        }
        None => server.with_graceful_shutdown(asked_to_end()).await?,
    }
    parcels::finish().await;
    Ok(())
}

/// Waits for Ctrl-C or `SIGTERM`.
async fn asked_to_end() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
