//! Expansions of each shape of resource and each option. `INSTA_UPDATE=always` rewrites the snapshots.

use proc_macro2::TokenStream;
use quote::quote;

/// The expansion as a formatted file.
fn expand(options: TokenStream, item: TokenStream) -> String {
    let tokens = super::attribute(options, item);
    match syn::parse2(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("{error} in: {tokens}"),
    }
}

macro_rules! snapshots {
    ($($name:ident: #[lazy_resource($($options:tt)*)] { $($item:tt)* })*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(expand(quote!($($options)*), quote!($($item)*)));
            }
        )*
    };
}

snapshots! {
    kept: #[lazy_resource()] {
        /// Words.
        #[cfg(unix)]
        pub static DICTIONARY: Dictionary = Dictionary::load("words.txt");
    }
    fallible: #[lazy_resource(retry(times = 3, backoff = "100ms"))] {
        static POOL: Result<Pool, PoolError> = Pool::open(CONFIG.get().url()?);
    }
    fallible_by_an_alias: #[lazy_resource()] {
        static POOL: io::Result<Pool> = Pool::open();
    }
    asynchronous: #[lazy_resource(timeout = "5s")] {
        static CLIENT: Client = async { Client::connect(URL).await };
    }
    every_option: #[lazy_resource(name = "index", crate = crate::facade, depends(CONFIG, db::POOL), retry(times = 1, backoff = "1s", max = "2s"), evict(idle = "30s", max_age = "1h"), weight = |i| i.bytes(), on_init = opened, on_evict = |i| closed(i), on_shutdown = |_| {}, warm, health = |i| i.is_sound())] {
        static INDEX: Index<&str> = Index::build();
    }
    function: #[lazy_resource()] {
        /// The configuration.
        #[must_use]
        pub fn config() -> Config { Config::load() }
    }
    asynchronous_leased_fallible_function: #[lazy_resource(evict)] {
        async fn cache() -> Result<Cache, Error> { Cache::open().await }
    }
    a_wrong_option_leaves_the_resource: #[lazy_resource(nmae = "a")] {
        static COUNT: u32 = 1;
    }
    a_wrong_item_comes_out_as_it_was: #[lazy_resource()] {
        fn open(path: &Path) -> File { File::open(path) }
    }
}

/// An editor expands code that is seldom complete.
#[test]
fn half_typed_initialisers_expand() {
    for body in [quote!(Config::), quote!(match { }), quote!(async), quote!(Pool::open(CONFIG.))] {
        let expanded = super::attribute(quote!(), quote!(static X: u32 = #body;)).to_string();
        assert!(expanded.contains(&body.to_string()) && expanded.contains("declare"), "{expanded}");
        assert!(!expanded.contains("compile_error"), "{expanded}");
    }
}
