//! The products: a cache that goes when it is old or when nobody wants it, and is made again by the next who does.

use std::collections::HashMap;

use perf_runtime::lazy_resource;

use crate::problem::Problem;
use crate::store::STORE;

#[lazy_resource(name = "catalogue", evict(idle = "30s", max_age = "3s"), weight = |catalogue| catalogue.bytes())]
pub(crate) static CATALOGUE: Result<Catalogue, Problem> = async { Catalogue::load().await };

pub(crate) struct Catalogue {
    products: HashMap<i64, (String, i64)>,
}

impl Catalogue {
    async fn load() -> Result<Catalogue, Problem> {
        let products = STORE.try_get().await?.products().await?;
        Ok(Catalogue { products: products.into_iter().map(|(id, name, cents)| (id, (name, cents))).collect() })
    }

    /// The name and the price of a product.
    pub(crate) fn product(&self, id: i64) -> Option<(&str, i64)> {
        self.products.get(&id).map(|(name, cents)| (name.as_str(), *cents))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = i64> {
        self.products.keys().copied()
    }

    fn bytes(&self) -> usize {
        self.products.values().map(|(name, _)| name.capacity() + size_of::<(i64, String, i64)>()).sum()
    }
}
