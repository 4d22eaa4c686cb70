//! The attribute that `annotate` writes, spelled so that it is told from the attributes of people.
//!
//! It begins with `::`, or in edition 2015, which looks for such paths in the crate itself, with `r#`. It stands on the line of its function, one space before it. People write `#[profile]` or
//! `#[perf_runtime::profile]`. An attribute of ours that somebody has changed, by a `name` say, is theirs from then on.

use std::{fmt, ops::Range};

use super::code;

/// The runtime under its own name; a renamed dependency has another.
pub(super) const RUNTIME: &str = "perf_runtime";

/// The ways to write that a path begins with the name of a dependency.
const ROOTS: [&str; 2] = ["::", "r#"];

/// The path of the runtime in the sources of an edition.
pub(super) fn path(name: &str, edition: &str) -> String {
    let [rooted, raw] = ROOTS;
    format!("{}{name}", if edition == "2015" { raw } else { rooted })
}

fn is_renamed(runtime: &str) -> bool {
    ROOTS.iter().all(|root| runtime.strip_prefix(root) != Some(RUNTIME))
}

/// The attribute as it is written, without the space behind it.
pub(super) fn spelled(runtime: &str, adaptive: bool) -> String {
    let path = is_renamed(runtime).then(|| format!("crate = {runtime}"));
    let timing = adaptive.then(|| "timing = adaptive".to_owned());
    let options: Vec<String> = path.into_iter().chain(timing).collect();
    match options.is_empty() {
        true => format!("#[{runtime}::profile]"),
        false => format!("#[{runtime}::profile({})]", options.join(", ")),
    }
}

/// The attribute of a resource.
pub(super) fn spelled_lazy(runtime: &str) -> String {
    match is_renamed(runtime) {
        false => format!("#[{runtime}::lazy_resource]"),
        true => format!("#[{runtime}::lazy_resource(crate = {runtime})]"),
    }
}

/// The beginning and the end of a comment that hides code.
pub(super) const HIDDEN: &str = "/*perf: ";
pub(super) const SHOWN: &str = " :perf*/";

/// The comments before and behind code that was put in.
pub(super) const PUT: &str = "/*perf+*/";
pub(super) const TAKEN: &str = "/*+perf*/";

/// The length of the attribute of ours that a text begins with.
pub(super) fn length(text: &str) -> Option<usize> {
    let path = text.strip_prefix("#[")?;
    let name = ROOTS.iter().find_map(|root| path.strip_prefix(root))?;
    let end = name.bytes().position(|byte| !code::is_word(byte))?;
    let runtime = &path[..path.len() - name.len() + end];
    [spelled(runtime, false), spelled(runtime, true), spelled_lazy(runtime)]
        .into_iter()
        .find(|mark| text.starts_with(mark))
        .map(|mark| mark.len())
}

/// Marks of ours in a text; other comments and literals have none.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) attributes: Vec<Range<usize>>,
    /// The ends of comments that hide code.
    hidden: Vec<Range<usize>>,
    /// Code that was put in, with the comments around it.
    put: Vec<Range<usize>>,
    /// The first mark that has lost its other half.
    torn: Option<Torn>,
}

impl Marks {
    fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.hidden.is_empty() && self.put.is_empty()
    }

    /// How many resources they make of statics; at least one where code that was put in has lost an end.
    pub(super) fn resources(&self, text: &str) -> usize {
        let is_resource = |mark: &&Range<usize>| text[(*mark).clone()].contains("::lazy_resource");
        self.attributes.iter().chain(&self.put).filter(is_resource).count()
            + usize::from(self.torn.is_some() && text.contains("::lazy_resource"))
    }
}

/// A comment at one end of code that was put in, where the comment at the other end is lost.
///
/// Nothing tells how far the code goes, so nothing is taken out of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Torn {
    pub(super) line: usize,
    /// It is the beginning that is left.
    is_begun: bool,
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, lost, side) = if self.is_begun { (PUT, TAKEN, "behind") } else { (TAKEN, PUT, "before") };
        write!(
            f,
            "{left} has lost its {lost}, and the file stays as it is; write {lost} {side} the code that `annotate --lazy` \
             put in here, and run the command again"
        )
    }
}

/// Looks for all of ours in a text.
pub(super) fn all(text: &str) -> Marks {
    let (bytes, mut found, mut at) = (text.as_bytes(), Marks::default(), 0);
    if !["#[::", "#[r#", HIDDEN, PUT, TAKEN].iter().any(|ours| text.contains(ours)) {
        return found;
    }
    let torn = |at: usize, is_begun| Torn { line: text[..at].matches('\n').count() + 1, is_begun };
    let mut begun: Option<usize> = None;
    while at < bytes.len() {
        if let Some(end) = code::skipped(bytes, at) {
            match (&text[at..end], begun) {
                (PUT, None) => begun = Some(at),
                (PUT, Some(start)) => {
                    found.torn.get_or_insert(torn(start, true));
                    begun = Some(at);
                }
                (TAKEN, Some(start)) => {
                    if is_one_piece(&text[start + PUT.len()..at]) {
                        found.put.push(start..end);
                    } else {
                        found.torn.get_or_insert(torn(start, true));
                    }
                    begun = None;
                }
                (TAKEN, None) => {
                    found.torn.get_or_insert(torn(at, false));
                }
                (skipped, None) if is_hidden(skipped) => {
                    found.hidden.extend([at..at + HIDDEN.len(), end - SHOWN.len()..end]);
                }
                _ => {}
            }
            at = end;
        } else if let Some(end) = macro_definition(text, at) {
            at = end;
        } else if bytes[at] == b'#'
            && begun.is_none()
            && let Some(length) = length(&text[at..])
        {
            found.attributes.push(at..at + length);
            at += length;
        } else {
            at += 1;
        }
    }
    if let Some(start) = begun {
        found.torn.get_or_insert(torn(start, true));
    }
    found
}

/// Whether a text is one piece of what is put in, and not two with code of others between them whose comments are lost.
///
/// Each piece either opens one bracket, with which it begins, or ends by closing one, which a semicolon may follow. Two of them with code
/// between them do neither. One is a constant alone, which uses the name of a type.
fn is_one_piece(text: &str) -> bool {
    let letters: String = text.split_whitespace().collect();
    if letters.starts_with("const_:fn(&") && letters.ends_with("<()>)=|_|();") && letters.matches(';').count() == 1 {
        return true;
    }
    let (bytes, mut at, mut depth) = (text.as_bytes(), 0, 0);
    let opens = text.trim_start().starts_with('{');
    while at < bytes.len() {
        if let Some(end) = code::skipped(bytes, at) {
            at = end;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return !opens && text[at + 1..].trim().trim_matches(';').is_empty(),
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
        if opens && depth == 0 && !text[..at].trim().is_empty() {
            return false;
        }
    }
    opens && depth == 1
}

/// Whether a comment hides code.
fn is_hidden(comment: &str) -> bool {
    comment.len() >= HIDDEN.len() + SHOWN.len() && comment.starts_with(HIDDEN) && comment.ends_with(SHOWN)
}

/// The end of the `macro_rules!` that begins at a byte. Nothing there is ours: annotating writes into no macro.
fn macro_definition(text: &str, at: usize) -> Option<usize> {
    const WORD: &str = "macro_rules!";
    let bytes = text.as_bytes();
    let begins =
        text.is_char_boundary(at) && text[at..].starts_with(WORD) && (at == 0 || !code::is_word(bytes[at - 1]));
    let (mut at, mut depth) = (begins.then_some(at + WORD.len())?, 0_usize);
    while at < bytes.len() {
        if let Some(end) = code::skipped(bytes, at) {
            at = end;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The bytes to take out with an attribute: the space behind it or, if a formatter has given it a line of its own, that line.
pub(super) fn with_space(text: &str, mark: &Range<usize>) -> Range<usize> {
    let line = text[..mark.start].rfind('\n').map_or(0, |end| end + 1);
    let behind = &text[mark.end..];
    let blank = behind.len() - behind.trim_start_matches([' ', '\t', '\r']).len();
    let alone = text[line..mark.start].trim_matches([' ', '\t']).is_empty();
    if alone && behind[blank..].starts_with('\n') {
        return line..mark.end + blank + 1;
    }
    mark.start..mark.end + usize::from(behind.starts_with(' '))
}

/// The text without what is ours, and how many attributes that were. `None` where nothing is ours.
///
/// # Errors
/// If a comment beside code that was put in is lost.
pub(super) fn removed(text: &str) -> Result<Option<(String, usize)>, Torn> {
    let marks = all(text);
    if let Some(torn) = marks.torn {
        return Err(torn);
    }
    if marks.is_empty() {
        return Ok(None);
    }
    let count = marks.attributes.len() + marks.put.iter().filter(|put| text[(*put).clone()].contains("#[")).count();
    let attributes = marks.attributes.iter().map(|mark| with_space(text, mark));
    let mut cuts: Vec<Range<usize>> = attributes.chain(marks.hidden).chain(marks.put).collect();
    cuts.sort_by_key(|cut| cut.start);
    let (mut rest, mut at) = (String::with_capacity(text.len()), 0);
    for cut in cuts {
        rest += &text[at..cut.start.max(at)];
        at = cut.end;
    }
    Ok(Some((rest + &text[at..], count)))
}

#[cfg(test)]
mod tests {
    fn removed(text: &str) -> (String, usize) {
        super::removed(text).expect("whole marks").unwrap_or_else(|| (text.to_owned(), 0))
    }

    #[test]
    fn only_the_exact_spelling_in_code_is_ours() {
        let ours = "#[::perf_runtime::profile] fn a() {}\n    #[::perf_runtime::profile(timing = adaptive)] pub fn b() {}\n\
                    #[::perf::profile(crate = ::perf, timing = adaptive)] fn c() {}\n\
                    #[r#perf_runtime::profile] fn d() {}\n#[r#perf::profile(crate = r#perf)] fn e() {}\n";
        let without = "fn a() {}\n    pub fn b() {}\nfn c() {}\nfn d() {}\nfn e() {}\n";
        assert_eq!(removed(ours), (without.to_owned(), 5));
        for theirs in [
            "#[profile] fn a() {}",
            "#[perf_runtime::profile] fn a() {}",
            "#[::perf_runtime::profile(name = \"a\")] fn a() {}",
            "#[::perf_runtime::profile(skip)] fn a() {}",
            "#[::other::profile] fn a() {}",
            "#[r#other::profile] fn a() {}",
            "#[r#perf_runtime::profile(crate = ::perf_runtime)] fn a() {}",
            "// #[::perf_runtime::profile] fn a() {}",
            "/* /* */ #[::perf_runtime::profile] */",
            "\"\\\" #[::perf_runtime::profile] \"",
            "br##\" \"# #[::perf_runtime::profile] \"##",
            "/// #[::perf_runtime::profile]\nfn a() {}",
        ] {
            assert_eq!(removed(theirs), (theirs.to_owned(), 0));
        }
    }

    #[test]
    fn quotes_that_begin_no_string_hide_nothing() {
        for before in
            ["fn f<'a>(x: &'a str, y: char) {}", "const Q: char = '\"';", "const E: char = '\\'';", "let r#fn = 'é';"]
        {
            let text = format!("{before} #[::perf_runtime::profile] fn a() {{}}");
            assert_eq!(removed(&text), (format!("{before} fn a() {{}}"), 1));
        }
    }

    #[test]
    fn hidden_code_comes_back() {
        let ours =
            "#[::perf_runtime::lazy_resource] static A: /*perf: LazyLock< :perf*/u8/*perf: > :perf*/ = 3; /*perf*/";
        assert_eq!(removed(ours), ("static A: LazyLock<u8> = 3; /*perf*/".to_owned(), 1));
        // Also where somebody has taken out the attribute, and beside a comment that only begins in the same way.
        let edited = "/*perf: hot */ static A: /*perf: LazyLock< :perf*/u8/*perf: > :perf*/ = 3;";
        assert_eq!(removed(edited), ("/*perf: hot */ static A: LazyLock<u8> = 3;".to_owned(), 0));
    }

    #[test]
    fn code_that_was_put_in_goes() {
        let ours = "/*perf: static A: u8; :perf*/ x(/*perf+*/{ #[::perf_runtime::lazy_resource] static A: u8 = /*+perf*/3/*perf+*/; A }/*+perf*/)";
        assert_eq!(removed(ours), ("static A: u8; x(3)".to_owned(), 1));
    }

    #[test]
    fn code_whose_end_is_lost_is_nobodys() {
        let ours = "a(/*perf+*/{ /*+perf*/\n3/*perf+*/; A }/*+perf*/)\n/*perf+*/{ /*+perf*/4/*perf+*/ }/*+perf*/";
        let torn = |text: &str| super::removed(text).map_err(|torn| (torn.line, torn.is_begun));
        assert!(torn(ours).is_ok());
        for (number, line) in [(0, 1), (1, 2), (2, 3), (3, 3)] {
            let (at, mark) = ours.match_indices(super::PUT).nth(number).expect("a beginning");
            let text = format!("{}{}", &ours[..at], &ours[at + mark.len()..]);
            assert_eq!(torn(&text), Err((line, false)), "{text}");
        }
        for (number, line) in [(0, 1), (1, 2), (2, 3), (3, 3)] {
            let (at, mark) = ours.match_indices(super::TAKEN).nth(number).expect("an end");
            let text = format!("{}{}", &ours[..at], &ours[at + mark.len()..]);
            assert_eq!(torn(&text), Err((line, true)), "{text}");
        }
        // What two that are left seem to enclose is not ours.
        let marks = |text: &str| {
            let ends = [super::PUT, super::TAKEN];
            let mut marks: Vec<_> =
                ends.iter().flat_map(|end| text.match_indices(end)).map(|(at, mark)| (at, mark.len())).collect();
            marks.sort_unstable();
            marks
        };
        let all = marks(ours);
        for number in 0..all.len() - 1 {
            let (first, second) = (all[number], all[number + 1]);
            if !ours[first.0..].starts_with(super::TAKEN) {
                continue;
            }
            let text = [&ours[..first.0], &ours[first.0 + first.1..second.0], &ours[second.0 + second.1..]].concat();
            assert!(matches!(torn(&text), Err((_, true))), "{text}");
        }
        // In a text, or in a comment of somebody, they say nothing.
        assert_eq!(torn("let x = \"/*perf+*/\"; // /*+perf*/"), Ok(None));
    }

    #[test]
    fn a_line_of_its_own_goes_as_a_whole() {
        let moved = "mod m {\r\n    #[inline]\r\n    #[::perf_runtime::profile]\r\n    fn a() {}\r\n}\r\n";
        assert_eq!(removed(moved).0, "mod m {\r\n    #[inline]\r\n    fn a() {}\r\n}\r\n");
        assert_eq!(removed("#[inline] #[::perf_runtime::profile]\nfn a() {}").0, "#[inline] \nfn a() {}");
    }
}
