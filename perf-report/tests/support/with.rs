//! Values with some fields set: the types are `#[non_exhaustive]`, so that no other crate can write them as literals.

/// `with!(Function::new("app::parse"), { calls: 3, sum_ns: 70 })`
macro_rules! with {
    ($value:expr, { $($field:ident $(: $set:expr)?),* $(,)? }) => {{
        let mut value = $value;
        $(value.$field = with!(@value $field $(, $set)?);)*
        value
    }};
    (@value $field:ident) => { $field };
    (@value $field:ident, $set:expr) => { $set };
}
