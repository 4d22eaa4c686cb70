//! Text for a terminal: made harmless, measured, shortened and wrapped.
//!
//! Every name that a program gave passes through [`escape`] before it is measured or shortened.

mod escape;
mod list;
mod path;
mod width;
mod wrap;

pub(crate) use escape::escape;
pub(crate) use list::{counted, list, per_function, shortened};
pub(crate) use path::shorten;
pub(crate) use width::width;
#[cfg(feature = "command")]
pub(crate) use width::{cut, cut_front};
pub(super) use wrap::join;
pub(crate) use wrap::{bullets, wrap};

pub(crate) fn plural<'a>(number: u64, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}
