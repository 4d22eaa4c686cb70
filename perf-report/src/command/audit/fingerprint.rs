//! The fingerprint by which the next audit knows a finding, and the baseline of accepted ones.
//!
//! A fingerprint is made of the check, the file, the item around, and the text of the line: not of its number, which moves with every
//! edit above it. Findings that are equal in all that are numbered.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

use super::{super::annotate, finding::Finding, source::SourceFile};

/// Gives each finding its fingerprint. They come in the order of their places.
pub(super) fn assign(findings: &mut [Finding], files: &[SourceFile]) {
    let mut same: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let file = files.iter().find(|file| file.path == finding.place.file);
        let line = file.map_or("", |file| file.line(finding.place.line));
        // The first line of a file that is too long says nothing of it.
        let line = if finding.item.is_none() && finding.place.line == 1 { "" } else { line };
        // Annotating makes no finding a new one.
        let line = annotate::without_marks(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let item = finding.item.as_deref().unwrap_or_default();
        let known = [finding.check.as_str(), &finding.place.file, item, &words.join(" ")].join("\0");
        let number = same.entry(known.clone()).or_default();
        finding.fingerprint = format!("{:016x}", hash(&format!("{known}\0{number}")));
        *number += 1;
    }
}

/// FNV-1a: the same on each machine and in each version, as that of the standard library is not.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Fingerprints of accepted findings.
pub(super) struct Baseline(HashSet<String>);

impl Baseline {
    /// Reads a file that an audit wrote as JSON. The error says what to do.
    pub(super) fn read(path: &Path) -> Result<Baseline, String> {
        const WRITE: &str = "write one with `audit --format json --output FILE`";
        let text = fs::read(path).map_err(|error| format!("cannot be read: {error}; {WRITE}"))?;
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| format!("is not JSON: {error}; {WRITE}"))?;
        let findings = value.get("findings").and_then(serde_json::Value::as_array);
        let findings = findings.ok_or_else(|| format!("has no list `findings`; {WRITE}"))?;
        let fingerprint = |finding: &serde_json::Value| Some(finding.get("fingerprint")?.as_str()?.to_owned());
        let fingerprints: Option<HashSet<String>> = findings.iter().map(fingerprint).collect();
        fingerprints.map(Baseline).ok_or_else(|| format!("has a finding without `fingerprint`; {WRITE}"))
    }

    /// Marks the findings that are accepted. How many entries of the baseline no finding has any more.
    pub(super) fn mark(&self, findings: &mut [Finding]) -> usize {
        let mut used = HashSet::new();
        for finding in findings {
            finding.accepted = self.0.contains(&finding.fingerprint);
            if finding.accepted {
                used.insert(&finding.fingerprint);
            }
        }
        self.0.len() - used.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_specification() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
