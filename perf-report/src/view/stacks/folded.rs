//! Folded stacks: a line per chain of calls, from the outermost inwards, and its time in ns. Written and read.
//!
//! The format has no escapes. So a `;` in a name becomes a `:`, as the tools that fold stacks write it, and the space before a
//! number at a name's end becomes a no-break space, because two numbers at a line's end are the two sides of a difference.

use std::{collections::HashMap, fmt};

use super::{StackProfile, ThreadState, Weights};
use crate::{
    data::profile::{Frame, TreeBuilder},
    view::text::escape,
};

/// The stacks, a line each. Who did not run has a last frame that says so, such as `[waiting]`.
pub(crate) fn render(profile: &StackProfile) -> String {
    lines(profile).into_iter().map(|(stack, ns)| format!("{stack} {ns}\n")).collect()
}

/// The stacks and their times in ns, sorted by stack, those of the same names added up.
pub(super) fn lines(profile: &StackProfile) -> Vec<(String, u64)> {
    let profile = profile.with_states_as_frames();
    let frames: Vec<String> = profile.frames.iter().map(|frame| clean(&frame.name)).collect();
    let mut stacks: Vec<String> = Vec::with_capacity(profile.nodes.len());
    let mut lines = Vec::new();
    for (at, node) in profile.nodes.iter().enumerate() {
        let stack = match (node.parent, node.frame) {
            (Some(parent), Some(frame)) if stacks[parent].is_empty() => match profile.frames[frame].is_state {
                true => format!("{};{}", StackProfile::OUTSIDE, frames[frame]),
                false => frames[frame].clone(),
            },
            (Some(parent), Some(frame)) => format!("{};{}", stacks[parent], frames[frame]),
            (Some(parent), None) => stacks[parent].clone(),
            // A root is a frame only if it is a thread's, or has time of its own.
            (None, _) if node.thread.is_some() => clean(&profile.name(at)),
            (None, _) => String::new(),
        };
        let ns = node.own.all_ns();
        if ns > 0 {
            let shown = if stack.is_empty() { StackProfile::OUTSIDE.to_owned() } else { stack.clone() };
            lines.push((shown, ns));
        }
        stacks.push(stack);
    }
    lines.sort();
    lines.dedup_by(|line, kept| {
        let same = line.0 == kept.0;
        kept.1 = kept.1.saturating_add(if same { line.1 } else { 0 });
        same
    });
    lines
}

/// A name as it can stand in a line.
pub(crate) fn clean(name: &str) -> String {
    let name = escape(name).replace(';', ":");
    let name = if name.trim().is_empty() { "(unnamed)" } else { name.trim() };
    let number =
        name.rsplit_once(' ').filter(|(_, last)| last.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    number.map_or_else(|| name.to_owned(), |(before, last)| format!("{before}\u{a0}{last}"))
}

/// Two profiles with names that can be compared: if one of them was folded, those of the other are as if it had been.
pub(crate) fn comparable(before: StackProfile, after: StackProfile) -> (StackProfile, StackProfile) {
    match (before.is_folded, after.is_folded) {
        (true, false) => (before, after.renamed(clean)),
        (false, true) => (before.renamed(clean), after),
        _ => (before, after),
    }
}

/// A line that has no stack or no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineError {
    line: usize,
    text: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(40).collect();
        write!(
            f,
            "line {}: {shown:?} is no folded stack; write for example `main;parse 1200`, with the time in ns",
            self.line
        )
    }
}

impl std::error::Error for LineError {}

/// Reads folded stacks. Of two numbers at the end of a line, the last counts.
///
/// # Errors
/// At the first line that is none.
pub(crate) fn parse(text: &str) -> Result<StackProfile, LineError> {
    let mut profile = StackProfile { is_folded: true, ..StackProfile::default() };
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut read = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let error = || LineError { line: index + 1, text: line.to_owned() };
        let (stack, ns) = line.trim_end().rsplit_once(' ').ok_or_else(error)?;
        let ns: f64 = ns.parse().map_err(|_| error())?;
        let stack = stack.trim();
        if stack.is_empty() || !ns.is_finite() || ns < 0.0 {
            return Err(error());
        }
        let mut chain: Vec<usize> = Vec::new();
        let mut state = ThreadState::Unknown;
        for name in stack.split(';') {
            let named = [ThreadState::Runnable, ThreadState::Waiting].into_iter();
            if let Some(named) = named.into_iter().find(|state| name == format!("[{}]", state.name())) {
                state = named;
                continue;
            }
            if name == StackProfile::OUTSIDE {
                continue;
            }
            let frames = &mut profile.frames;
            chain.push(*numbers.entry(clean(name)).or_insert_with_key(|name| {
                frames.push(Frame::named(name.clone()));
                frames.len() - 1
            }));
        }
        read.push((chain, Weights::of(state, ns as u64, 0)));
    }
    // Where some stacks say that they did not run, the others ran.
    let has_states = read.iter().any(|(_, weights): &(_, Weights)| weights.ns(ThreadState::Unknown) < weights.all_ns());
    let mut tree = TreeBuilder::new(&mut profile);
    for (chain, mut weights) in read {
        if has_states {
            weights.ns.swap(ThreadState::Unknown as usize, ThreadState::Running as usize);
        }
        let root = tree.root(None);
        let node = chain.into_iter().fold(root, |at, frame| tree.child(at, frame));
        tree.add(node, &weights);
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    #[test]
    fn a_line_is_a_stack_and_its_time() {
        let expected = r#"[no annotated call];[waiting] 100000000
app::main 10000000
app::main;app::lock\n\u{1b}"</script>;[waiting] 38000000
app::main;app::parse::<[u8: 3]> 50000000
app::main;app::parse::<[u8: 3]>;[runnable] 2000000
"#;
        assert_eq!(render(&some().merged()), expected);
    }

    #[test]
    fn threads_are_the_outermost_frames() {
        let text = render(&some());
        assert!(text.starts_with("main (42);app::main 10000000\n"), "{text}");
        assert!(text.contains(r#"wor\u{1b}[31mker:\n"<b>" (43);[waiting] 100000000"#), "{text}");
    }

    #[test]
    fn no_name_ends_a_stack_or_adds_a_number() {
        for (name, cleaned) in [
            ("a;b", "a:b"),
            ("step 5", "step\u{a0}5"),
            ("a 1.5", "a\u{a0}1.5"),
            (" ", "(unnamed)"),
            ("a\nb 7x", r"a\nb 7x"),
        ] {
            assert_eq!(clean(name), cleaned);
        }
    }

    #[test]
    fn it_is_read_back() {
        for profile in [some().merged(), some().only(&[ThreadState::Waiting])] {
            let text = render(&profile);
            assert_eq!(render(&parse(&text).unwrap()), text);
        }
        let read = parse("a;b 5 7\na;b 1\n\na;[waiting] 2.5\n").unwrap();
        assert_eq!(read.all().ns, [8, 0, 2, 0]);
        assert_eq!(parse("a;b 5").unwrap().all().ns, [0, 0, 0, 5], "nobody said what it did");
        for (text, line) in [("a", 1), ("a;b 3\nnonsense here", 2), (" 5", 1), ("a -1", 1), ("a NaN", 1)] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text:?}");
            assert!(error.to_string().starts_with(&format!("line {line}: \"")), "{error}");
        }
    }
}
