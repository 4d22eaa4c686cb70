//! The page of `flame`: the graph by mouse and by keyboard, both directions, states, search, and a difference.

use perf_report::{
    Style,
    command::{Outcome, Streams, run},
};
use serde_json::json;

use super::Page;

const STACKS: &str = "app::main 20000000
app::main;app::parse 300000000
app::main;app::parse;app::word::<u8> 100000000
app::main;app::parse;[runnable] 30000000
app::main;app::store;app::lock;[waiting] 250000000
app::serve;app::lock;[waiting] 150000000
app::serve;app::<b>bold</b>&\"' 120000000
[no annotated call];[waiting] 30000000
";

fn page(line: &[&str], files: &[(&str, &str)]) -> Page {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    for (name, text) in files {
        std::fs::write(at(name), text).unwrap();
    }
    let words =
        line.iter().map(|word| if files.iter().any(|file| file.0 == *word) { at(word) } else { (*word).to_owned() });
    let words: Vec<String> =
        ["perfrec", "flame", "-o"].map(str::to_owned).into_iter().chain([at("page.html")]).chain(words).collect();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = run(words, &mut streams);
    assert_eq!((outcome, String::from_utf8(errors).unwrap().as_str()), (Outcome::Complete, ""));
    Page::open(&folder.path().join("page.html"), folder)
}

impl Page {
    fn frames(&self) -> Vec<String> {
        self.each("#frames .frame", "e.textContent")
    }

    fn press(&self, key: &str) {
        let key = json!(key);
        self.run(&format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: {key}, bubbles: true, cancelable: true }}))"
        ));
    }

    fn told(&self) -> String {
        self.text("#told")
    }
}

#[test]
fn frames_are_gone_into_and_left_by_mouse_and_keyboard() {
    let page = page(&["a.folded"], &[("a.folded", STACKS)]);
    let all = page.frames();
    assert_eq!(all.len(), 10, "{all:?}");
    assert_eq!(all[..4], ["everything", "main", "parse", "word::<u8>"]);
    assert!(page.told().contains("everything1.00 s, 100.0% of all"), "{}", page.told());
    assert!(page.told().contains("running 540 ms, runnable 30.0 ms, waiting 430 ms"), "{}", page.told());
    page.browser.picture("flame");
    page.browser.prefer("dark");
    page.browser.picture("flame-dark");
    page.browser.prefer("light");
    page.browser.click("#frames .frame:nth-child(3)");
    assert_eq!(page.frames()[..3], ["everything", "main", "parse"]);
    assert!(!page.frames().contains(&"store".to_owned()), "only what is within it");
    assert!(page.told().starts_with("app::parse430 ms, 43.0% of all"), "{}", page.told());
    page.press("ArrowDown");
    assert!(page.told().starts_with("app::word::<u8>100 ms"), "{}", page.told());
    page.press("ArrowUp");
    page.press("ArrowUp");
    assert!(page.told().starts_with("app::main"), "{}", page.told());
    page.press("Escape");
    page.press("Escape");
    assert_eq!(page.frames(), all);
    page.end();
}

#[test]
fn states_directions_and_search_choose_what_is_seen() {
    let page = page(&["a.folded"], &[("a.folded", STACKS)]);
    page.browser.click("#state [data-value=waiting]");
    assert!(page.told().contains("everything430 ms"), "{}", page.told());
    assert!(!page.frames().contains(&"parse".to_owned()));
    page.browser.click("#direction [data-value=callers]");
    assert_eq!(page.frames()[..4], ["everything", "lock", "store", "main"], "from the innermost call outwards");
    page.browser.picture("flame-callers");
    page.browser.click("#state [data-value=all]");
    page.browser.keys("#search", "LOCK");
    assert_eq!(page.text("#found"), "40.0% in 1 place");
    page.browser.click("#direction [data-value=callees]");
    assert_eq!(page.text("#found"), "40.0% in 2 places");
    assert_eq!(page.count("#frames .match"), 2);
    page.end();
}

#[test]
fn a_difference_is_coloured_by_what_changed() {
    let after = STACKS.replace("app::parse 300000000", "app::parse 100000000");
    let page = page(&["b.folded", "--against", "a.folded"], &[("a.folded", STACKS), ("b.folded", &after)]);
    assert_eq!(page.count("#frames .by-change"), page.frames().len());
    assert!(page.text("#legend").contains("more time than before"));
    page.browser.click("#frames .frame:nth-child(2)");
    assert!(page.told().contains("before 70.0%, −7.5 points"), "{}", page.told());
    page.browser.picture("flame-difference");
    page.end();
}
