//! Results that know how many rows they have.

/// The result of a query, as far as it tells how many rows it has.
///
/// ```
/// use perf_runtime::sql::Rows;
///
/// assert_eq!(vec!["Ada", "Grace"].rows(), Some(2));
/// assert_eq!(Some("Ada").rows(), Some(1));
/// assert_eq!(Ok::<u64, ()>(7).rows(), Some(7), "rows that were changed");
/// assert_eq!(Err::<u64, _>("closed").rows(), None);
/// ```
///
/// Rows of a type of the program's own have it by a line: `fn rows(&self) -> Option<u64> { self.0.rows() }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell how many rows it has",
    note = "`query_counted` and `query_counted_async` take the method that does: `PgQueryResult::rows_affected`"
)]
pub trait Rows {
    /// How many rows were returned or changed; `None` if that is not known.
    fn rows(&self) -> Option<u64>;
}

impl<T> Rows for [T] {
    fn rows(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}

impl<T, const N: usize> Rows for [T; N] {
    fn rows(&self) -> Option<u64> {
        Some(N as u64)
    }
}

impl<T> Rows for Vec<T> {
    fn rows(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}

impl<T: Rows + ?Sized> Rows for Box<T> {
    fn rows(&self) -> Option<u64> {
        (**self).rows()
    }
}

impl<T: Rows + ?Sized> Rows for &T {
    fn rows(&self) -> Option<u64> {
        (**self).rows()
    }
}

/// A row or none.
impl<T> Rows for Option<T> {
    fn rows(&self) -> Option<u64> {
        Some(u64::from(self.is_some()))
    }
}

/// A number of rows.
impl Rows for u64 {
    fn rows(&self) -> Option<u64> {
        Some(*self)
    }
}

/// A number of rows.
impl Rows for usize {
    fn rows(&self) -> Option<u64> {
        Some(*self as u64)
    }
}

/// Those of the value; of an error they are not known.
impl<T: Rows, E> Rows for Result<T, E> {
    fn rows(&self) -> Option<u64> {
        self.as_ref().ok().and_then(Rows::rows)
    }
}
