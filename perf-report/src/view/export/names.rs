//! Names that tell functions apart in a format that knows a function by its name alone.

use std::collections::{HashMap, HashSet};

/// The texts, of which none is empty and none occurs twice: what is named as another is numbered, `parse`, `parse#2`, `parse#3`.
///
/// Texts are compared with their keys: equal texts of different keys stay as they are.
pub(super) fn distinct<K: Clone + Eq + std::hash::Hash>(texts: impl IntoIterator<Item = (K, String)>) -> Vec<String> {
    let texts: Vec<(K, String)> = texts
        .into_iter()
        .map(|(key, text)| (key, if text.trim().is_empty() { "(unnamed)".to_owned() } else { text }))
        .collect();
    // A number must not lead to a name that another function has from the beginning.
    let given: HashSet<&(K, String)> = texts.iter().collect();
    let mut last: HashMap<&(K, String), usize> = HashMap::new();
    let mut names = Vec::with_capacity(texts.len());
    for text in &texts {
        let number = last.entry(text).or_insert(0);
        *number += 1;
        names.push(if *number == 1 {
            text.1.clone()
        } else {
            loop {
                let name = format!("{}#{number}", text.1);
                if !given.contains(&(text.0.clone(), name.clone())) {
                    break name;
                }
                *number += 1;
            }
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namesakes_are_numbered_and_no_number_makes_a_namesake() {
        let names = |texts: &[&str]| distinct(texts.iter().map(|text| ((), (*text).to_owned())));
        assert_eq!(names(&["a", "b", "a", "a#2", "a", ""]), ["a", "b", "a#3", "a#2", "a#4", "(unnamed)"]);
        let keyed = distinct([(1, "a"), (2, "a"), (1, "a")].map(|(key, text)| (key, text.to_owned())));
        assert_eq!(keyed, ["a", "a", "a#2"]);
    }
}
