//! Expansions of each shape of function and each option. `INSTA_UPDATE=always` rewrites the snapshots.

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
    ($($name:ident: $(#[profile($($options:tt)*)])? { $($item:tt)* })*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(expand(quote!($($($options)*)?), quote!($($item)*)));
            }
        )*
    };
}

snapshots! {
    function: {
        /// Counts words.
        #[inline]
        pub fn count(text: &str) -> usize {
            text.split(' ').count()
        }
    }
    body_that_begins_with_attributes_and_items: {
        fn f() -> usize {
            #![allow(unused)]
            use std::mem::size_of;
            const N: usize = 2;
            let size = size_of::<u8>();
            struct Later;
            size * N
        }
    }
    every_option: #[profile(name = "load", timing = adaptive, budget(p99 = "2ms", mean = "1.5us", calls = 1_000), by_type, crate = crate::facade)] {
        fn load<T: Load, const N: usize>(path: &Path) -> [T; N] {
            T::load(path)
        }
    }
    labelled: #[profile(label = order.id)] {
        fn ship(&self, order: &Order) -> Result<(), Error> {
            self.carrier.take(order)
        }
    }
    labelled_by_a_value: #[profile(name = "ship", label = move (order.id, self.carrier::<A, B>()), by_type)] {
        fn ship<T>(&self, order: Order<T>) {
            drop(order)
        }
    }
    labelled_future: #[profile(label = (self.shop, id, &order.name))] {
        async fn ship(&self, Path(id): Path<u64>, mut order: Order) -> Result<(), Error> {
            self.carrier.take(id, order).await
        }
    }
    by_type_in_a_trait: #[profile(by_type)] {
        trait Shape {
            fn area(&self) -> f64;
            fn double<T>(&self, _: T) -> f64 {
                2. * self.area()
            }
        }
    }
    asynchronous: {
        async fn fetch(&self, url: &str, (host, _): (String, u16), mut retries: u32, _: Token) -> Result<Vec<u8>, Error> {
            retries += 1;
            get(host, url).await?
        }
    }
    asynchronous_by_value: {
        async fn close(self: Box<Self>, _reason: &str) {}
    }
    asynchronous_impl_trait: {
        async fn lines(path: impl AsRef<Path>) -> io::Result<impl Iterator<Item = String>> {
            Ok(read(path).await?.lines())
        }
    }
    asynchronous_never: {
        async fn serve() -> ! {
            loop { next().await }
        }
    }
    asynchronous_with_a_where_clause: {
        #[inline]
        #[doc(hidden)]
        pub(crate) async unsafe fn f<'a, T>(r#async: &'a T) -> Option<&'a T> where T: Sized {
            Some(r#async)
        }
    }
    asynchronous_stays_so_for_another_attribute: {
        impl Server {
            #[must_use]
            async fn port(&self) -> u16 { self.port }
        }
    }
    asynchronous_stays_so_inside_another_attribute: {
        mod servers {
            #[async_trait]
            impl Serve for Server {
                async fn port(&self) -> u16 { self.port }
            }
        }
    }
    asynchronous_by_type: #[profile(by_type)] {
        async fn load<T: Load>(path: &str) -> T { T::load(path).await }
    }
    future_returned: #[profile(future)] {
        fn fetch(url: Url) -> impl Future<Output = Vec<u8>> {
            async move { get(url).await.unwrap() }
        }
    }
    future_returned_in_a_box_early: #[profile(future)] {
        fn fetch(url: Option<Url>) -> BoxFuture<'static, u32> {
            let Some(url) = url else { return Box::pin(ready(0)) };
            Box::pin(get(url))
        }
    }
    future_made_by_async_trait: {
        fn fetch<'a, 'async_trait>(&'a self) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u32> + 'async_trait>>
        where
            'a: 'async_trait,
        {
            Box::pin(async move { self.0 })
        }
    }
    implementation: #[profile(crate = facade)] {
        impl<const N: usize> Grid<{ N }> for Board<{ N + 1 }> {
            #![allow(dead_code)]
            const SIZE: usize = { N };
            type Cell = u8;
            const fn size() -> usize { N }
            pub(crate) fn get(&self) -> u8 { self.0 }
            #[profile(skip)]
            fn skipped(&self) {}
            #[perf_runtime::profile]
            fn plain(&self) {}
            #[cfg_attr(slow, profile)]
            fn conditional(&self) {}
            made_by_macro! {}
        }
    }
    module: {
        mod shapes {
            //! Shapes.
            use std::fmt;
            struct Square<const N: usize> { side: f64 }
            fn free() {}
            impl<const N: usize> Square<N> {
                fn area(&self) -> f64 { self.side * self.side }
            }
            unsafe extern "C" { fn abs(n: i32) -> i32; }
            mod elsewhere;
            mod inside {
                pub async unsafe fn deep() {}
            }
        }
    }
    skip: #[profile(skip)] {
        const fn f() {}
    }
    one_mistake_leaves_the_item_as_it_was: #[profile(nmae = "a")] {
        fn f() -> u32 { 1 }
    }
}

/// An editor expands code that is seldom complete.
#[test]
fn half_typed_bodies_expand() {
    for body in [quote!(let x = ; x.), quote!(use std::), quote!(match { }), quote!(fn), quote!(struct S), quote!(pub)]
    {
        for asynchronous in [quote!(), quote!(async)] {
            let expanded = super::attribute(quote!(), quote!(#asynchronous fn f() { #body })).to_string();
            assert!(expanded.contains("site !"), "{expanded}");
            assert!(expanded.contains(&body.to_string()), "{expanded}");
            assert!(!expanded.contains("compile_error"), "{expanded}");
        }
    }
}

/// With the attribute above or below, on a function in `macro_rules!`, a body comes in an invisible group.
#[test]
fn invisible_groups_around_a_body_are_seen_through() {
    let body = proc_macro2::Group::new(proc_macro2::Delimiter::None, quote!({ 5 }));
    let expanded = super::attribute(quote!(), quote!(fn f() -> u32 #body)).to_string();
    assert!(expanded.ends_with("5 }"), "{expanded}");
}

/// Each item of a block in `macro_rules!` comes in an invisible group.
#[test]
fn invisible_groups_around_items_are_seen_through() {
    let item = proc_macro2::Group::new(
        proc_macro2::Delimiter::None,
        quote!(
            pub fn f() -> u32 {
                5
            }
        ),
    );
    let expanded = super::attribute(quote!(), quote!(impl S { #item fn g() {} })).to_string();
    assert_eq!(expanded.matches("site !").count(), 2, "{expanded}");
    assert_eq!(expanded.matches("fn f () -> u32 {").count(), 1, "{expanded}");
}
