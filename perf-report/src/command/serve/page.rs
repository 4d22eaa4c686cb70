//! The pages for people: that of a recording, kept up to date by its script, and the list of several.

use super::{follow::Followed, query, recordings::Recordings};
use crate::view::html::{self, Listed};

/// The page of a recording.
pub(super) fn of(followed: &mut Followed) -> String {
    html::live(&followed.with_stacks())
}

/// The first page: that of the only recording, or the list of all.
///
/// # Errors
/// If there is none; the message says so.
pub(super) fn front(recordings: &mut Recordings) -> Result<String, String> {
    let names: Vec<String> = recordings.names().into_iter().map(str::to_owned).collect();
    match names.as_slice() {
        [] => Err(recordings.refusal(None)),
        [only] => recordings.get_mut(only).map(of).ok_or_else(String::new),
        _ => {
            let listed =
                |followed: &Followed| Listed::of(&followed.name, query::escape(&followed.name), &followed.latest);
            Ok(html::list(&recordings.iter().map(listed).collect::<Vec<_>>()))
        }
    }
}
