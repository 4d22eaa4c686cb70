//! Where figures come from: which build of which commit, on which machine, under which conditions.
//!
//! The runtime knows the build and the machine, and `PERF_META` adds what the user wants to tell. The facts of the repository and
//! of the CI run are added by the command (`bench`, `history add`): a measured process reads no repository.

use std::collections::BTreeMap;

use serde::Serialize;

/// Facts about the build, the machine and the circumstances of a run.
///
/// A fact that is not known is `None`; of a sum, also a fact in which its processes differ.
///
/// ```
/// use perf_report::Metadata;
/// let mut release = Metadata::default();
/// release.profile = Some("release".into());
/// release.host = Some("builder-1".into());
/// let mut debug = release.clone();
/// debug.profile = Some("debug".into());
/// assert_eq!(release.differences(&debug)[0].to_string(), "profile release and debug");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "files", derive(serde::Deserialize))]
#[non_exhaustive]
pub struct Metadata {
    /// The commit that the program was built from, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether files of the repository differed from that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<bool>,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The compiler: `rustc 1.95.0 (59807616e 2026-04-14)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// The profile that the program was built with: `debug` or `release`.
    ///
    /// For a profile of one's own it is the one that it inherits from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The target: `x86_64-unknown-linux-gnu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The processor's model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// The name of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The address of the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_run: Option<String>,
    /// Facts of the user's own: `PERF_META=dataset=small,threads=4`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
}

/// Where a fact stands.
type Fact = fn(&mut Metadata) -> &mut Option<String>;

/// The facts that a recording holds, by the names that they have there.
const RECORDED: [(&str, Fact); 5] = [
    ("rustc", |facts| &mut facts.rustc),
    ("profile", |facts| &mut facts.profile),
    ("target", |facts| &mut facts.target),
    ("cpu", |facts| &mut facts.cpu),
    ("host", |facts| &mut facts.host),
];

/// Stands before the names of the user's own facts in a recording.
const CUSTOM: &str = "custom.";

/// A fact in which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The name of the fact.
    pub fact: String,
    /// Its value in the first run; empty if a fact of the user's own is missing there.
    pub one: String,
    /// Its value in the other run.
    pub other: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: &str| if value.is_empty() { String::from("nothing") } else { value.to_owned() };
        write!(f, "{} {} and {}", self.fact, shown(&self.one), shown(&self.other))
    }
}

impl Metadata {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Metadata::default()
    }

    /// The facts that change how long code takes, and in which two runs differ.
    ///
    /// They are the processor, the profile, the target, the compiler, and the user's own facts. Commits and branches are meant to
    /// differ, and machines of one kind count as one.
    #[must_use]
    pub fn differences(&self, other: &Metadata) -> Vec<Difference> {
        let difference = |fact: &str, one: &str, other: &str| Difference {
            fact: fact.to_owned(),
            one: one.to_owned(),
            other: other.to_owned(),
        };
        let known = [
            ("processor", &self.cpu, &other.cpu),
            ("profile", &self.profile, &other.profile),
            ("target", &self.target, &other.target),
            ("compiler", &self.rustc, &other.rustc),
        ];
        let mut differences = Vec::new();
        for (fact, one, other) in known {
            if let (Some(one), Some(other)) = (one, other)
                && one != other
            {
                differences.push(difference(fact, one, other));
            }
        }
        let keys: std::collections::BTreeSet<_> = self.custom.keys().chain(other.custom.keys()).collect();
        for key in keys {
            let value = |of: &Metadata| of.custom.get(key).cloned().unwrap_or_default();
            let (one, other) = (value(self), value(other));
            if one != other {
                differences.push(difference(key, &one, &other));
            }
        }
        differences
    }

    /// The facts that a recording holds: names and values, each ended by a zero byte.
    ///
    /// The facts of the repository are not among them: a measured process reads no repository.
    #[must_use]
    pub fn to_recording(&self) -> String {
        let mut facts = self.clone();
        let known = RECORDED.iter().filter_map(|(name, fact)| Some(((*name).to_owned(), fact(&mut facts).take()?)));
        let custom = self.custom.iter().map(|(key, value)| (format!("{CUSTOM}{key}"), value.clone()));
        let pairs = known.chain(custom);
        pairs
            .filter(|(name, value)| !name.contains('\0') && !value.contains('\0'))
            .fold(String::new(), |text, (name, value)| text + &name + "\0" + &value + "\0")
    }

    /// Reads what [`to_recording`](Metadata::to_recording) wrote. Names that are not known are passed over.
    #[must_use]
    pub fn from_recording(text: &str) -> Metadata {
        let mut metadata = Metadata::default();
        let mut parts = text.split_terminator('\0');
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            if let Some((_, fact)) = RECORDED.iter().find(|(known, _)| *known == name) {
                *fact(&mut metadata) = Some(value.to_owned());
            } else if let Some(key) = name.strip_prefix(CUSTOM) {
                metadata.custom.insert(key.to_owned(), value.to_owned());
            }
        }
        metadata
    }

    /// Keeps the facts that are those of another run too.
    pub(crate) fn keep_common(&mut self, other: &Metadata) {
        fn keep<T: PartialEq>(fact: &mut Option<T>, other: &Option<T>) {
            if fact != other {
                *fact = None;
            }
        }
        // Named one by one, so that a new fact cannot be forgotten here.
        let Metadata { commit, dirty, branch, rustc, profile, target, cpu, host, ci_run, custom } = self;
        keep(dirty, &other.dirty);
        for (fact, other) in [
            (commit, &other.commit),
            (branch, &other.branch),
            (rustc, &other.rustc),
            (profile, &other.profile),
            (target, &other.target),
            (cpu, &other.cpu),
            (host, &other.host),
            (ci_run, &other.ci_run),
        ] {
            keep(fact, other);
        }
        custom.retain(|key, value| other.custom.get(key) == Some(value));
    }
}

/// Reads `key=value` pairs, separated by commas, as `PERF_META` has them.
///
/// The first value is the pairs; the second the entries that are none, each as it was written.
///
/// ```
/// let (pairs, wrong) = perf_report::metadata_pairs("dataset=small, threads=4,oops");
/// assert_eq!(pairs, [("dataset".to_owned(), "small".to_owned()), ("threads".to_owned(), "4".to_owned())]);
/// assert_eq!(wrong, ["oops"]);
/// ```
#[must_use]
pub fn metadata_pairs(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let (mut pairs, mut wrong) = (Vec::new(), Vec::new());
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                pairs.push((key.trim().to_owned(), value.trim().to_owned()));
            }
            _ => wrong.push(entry.to_owned()),
        }
    }
    (pairs, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_time_of_code_is_a_difference_and_the_rest_is_none() {
        let one = Metadata {
            commit: Some("a".into()),
            host: Some("h1".into()),
            cpu: Some("EPYC".into()),
            custom: [("dataset".to_owned(), "small".to_owned())].into(),
            ..Metadata::default()
        };
        let mut other = Metadata { commit: Some("b".into()), host: Some("h2".into()), ..one.clone() };
        assert_eq!(one.differences(&other), []);
        other.cpu = None;
        assert_eq!(one.differences(&other), [], "a fact that one of them does not know");
        other.cpu = Some("Xeon".into());
        other.custom.clear();
        let shown: Vec<_> = one.differences(&other).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["processor EPYC and Xeon", "dataset small and nothing"]);
    }

    #[test]
    fn a_recording_holds_the_facts_that_its_process_knows() {
        let mut facts =
            Metadata { cpu: Some("EPYC".into()), host: Some("h\u{e4}user-1".into()), ..Metadata::default() };
        facts.custom.insert("note".into(), "a=b, c\nd".into());
        facts.custom.insert("empty".into(), String::new());
        assert_eq!(Metadata::from_recording(&facts.to_recording()), facts);
        assert_eq!(Metadata::default().to_recording(), "");
        assert_eq!(
            Metadata::from_recording("later\0x\0cpu\0EPYC\0cut"),
            Metadata { cpu: Some("EPYC".into()), ..Metadata::default() }
        );
        facts.custom.insert("zero".into(), "a\0b".into());
        facts.commit = Some("of the command".into());
        assert_eq!(Metadata::from_recording(&facts.to_recording()).custom.len(), 2);
    }

    #[test]
    fn every_fact_of_a_recording_comes_back_as_itself() {
        let fact = |value: &str| Some(value.to_owned());
        let facts = Metadata {
            rustc: fact("rustc 1.95.0"),
            profile: fact("release"),
            target: fact("x86_64-unknown-linux-gnu"),
            cpu: fact("EPYC"),
            host: fact("builder-1"),
            ..Metadata::default()
        };
        let text = facts.to_recording();
        assert_eq!(
            text,
            "rustc\0rustc 1.95.0\0profile\0release\0target\0x86_64-unknown-linux-gnu\0cpu\0EPYC\0host\0builder-1\0"
        );
        assert_eq!(Metadata::from_recording(&text), facts);
    }

    #[test]
    fn a_sum_keeps_what_its_processes_have_in_common() {
        let mut sum = Metadata { cpu: Some("EPYC".into()), branch: Some("main".into()), ..Metadata::default() };
        sum.keep_common(&Metadata { cpu: Some("EPYC".into()), branch: Some("next".into()), ..Metadata::default() });
        assert_eq!(sum, Metadata { cpu: Some("EPYC".into()), ..Metadata::default() });
    }
}
