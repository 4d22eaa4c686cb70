//! The shop's settings, from its command line and the environment.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use perf_runtime::lazy_resource;

/// A web shop that shows where it waits.
#[derive(Debug, Parser)]
pub(crate) struct Settings {
    /// Address of a PostgreSQL database, whose tables of the shop are made anew; without one, SQLite in a folder for the time being
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Port on loopback; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// File to which each request adds a line; without one, it lies in a folder for the time being
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
    /// Faults to plant, joined by commas: n+1, index, pool, lock, unbuffered, blocking
    #[arg(long, env = "SHOP_FAULTS", default_value = "", hide_default_value = true)]
    faults: Faults,
    /// Ask oneself so many requests, and end
    #[arg(long)]
    pub(crate) requests: Option<usize>,
    /// Clients that ask them
    #[arg(long, default_value_t = 8)]
    pub(crate) clients: usize,
    /// The route that they ask for
    #[arg(long, value_enum, default_value_t = Route::All)]
    pub(crate) route: Route,
}

/// A fault that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The list of orders asks for the name of each product by a query of its own.
    NPlusOne,
    /// Customers have no index by their address.
    Index,
    /// The pool has one connection.
    Pool,
    /// The lock on the stock is held while the database is asked for a price.
    Lock,
    /// The log is a file without a buffer.
    Unbuffered,
    /// The payment service is called in the poll of a future, and blocks its thread.
    Blocking,
}

/// The faults by their names.
const FAULTS: [(&str, Fault); 6] = [
    ("n+1", Fault::NPlusOne),
    ("index", Fault::Index),
    ("pool", Fault::Pool),
    ("lock", Fault::Lock),
    ("unbuffered", Fault::Unbuffered),
    ("blocking", Fault::Blocking),
];

/// Those that are planted: names, joined by commas; or nothing, and there are none.
#[derive(Clone, Debug)]
struct Faults(Vec<Fault>);

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Faults, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let faults = names.map(|name| match FAULTS.iter().find(|(known, _)| *known == name) {
            Some((_, fault)) => Ok(*fault),
            None => {
                Err(format!("no fault is called {name:?}; write some of {}", FAULTS.map(|(name, _)| name).join(",")))
            }
        });
        faults.collect::<Result<_, _>>().map(Faults)
    }
}

/// The pages that the shop's own clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Route {
    /// Pages of products
    Products,
    /// Customers by their address
    Customers,
    /// Lists of orders
    Lists,
    /// New orders
    Orders,
    /// Payments
    Payments,
    /// All of these in turns
    All,
}

#[lazy_resource]
pub(crate) static SETTINGS: Settings = Settings::parse();

/// Whether this fault is planted.
pub(crate) fn has(fault: Fault) -> bool {
    SETTINGS.faults.0.contains(&fault)
}
