//! The HTML page in a real browser. Not among the ordinary tests, because it needs Chromium: `.ci/browser` runs it.
//! Pictures of the pages are kept in the target directory, under `tmp`.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod driver;
mod live;
#[macro_use]
#[path = "../support/snapshots.rs"]
mod snapshots;
mod over_time;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../programs/mod.rs"]
mod programs;
mod sampled;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../serve/server.rs"]
mod server;
mod stacks;
#[allow(dead_code, reason = "each test file needs some of it")]
#[path = "../support/mod.rs"]
mod support;

use std::{cmp::Reverse, path::Path};

use driver::Browser;
use perf_report::{
    Dependency, Function, InFlight, Kind, Resource, ResourceState, SlowCall, Snapshot, Style, Timing,
    command::{Outcome, Streams, run},
};
use programs::Folder;
use serde_json::{Value, json};
use snapshots::{caller, eventful, function, ordinary};

/// A page in a browser, which must have nothing to complain about at the end.
struct Page {
    browser: Browser,
    _file: tempfile::TempDir,
}

impl Page {
    fn of(snapshot: &Snapshot) -> Page {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.html");
        std::fs::write(&file, html(snapshot)).unwrap();
        Page::open(&file, folder)
    }

    fn open(file: &Path, folder: tempfile::TempDir) -> Page {
        let browser = Browser::start();
        browser.open(file);
        Page { browser, _file: folder }
    }

    fn run(&self, script: &str) -> Value {
        self.browser.run(script)
    }

    /// The value of an expression for each element.
    fn each(&self, selector: &str, expression: &str) -> Vec<String> {
        let selector = json!(selector);
        let list =
            self.run(&format!("return [...document.querySelectorAll({selector})].map((e) => String({expression}))"));
        serde_json::from_value(list).unwrap()
    }

    fn count(&self, selector: &str) -> usize {
        self.each(selector, "0").len()
    }

    fn text(&self, selector: &str) -> String {
        self.each(selector, "e.textContent").concat()
    }

    fn names(&self) -> Vec<String> {
        self.each("#table tbody .name", "e.textContent")
    }

    /// No message on the console, nothing fetched.
    fn end(self) {
        assert_eq!(self.browser.console(), [""; 0]);
        assert_eq!(self.run("return performance.getEntriesByType('resource').length"), 0, "nothing is fetched");
    }
}

fn html(snapshot: &Snapshot) -> Vec<u8> {
    let json = snapshot.to_json();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut json.as_bytes(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = run(["perfrec", "show", "-", "--format", "html"], &mut streams);
    assert_eq!((outcome, String::from_utf8(errors).unwrap().as_str()), (Outcome::Complete, ""));
    output
}

/// Names of the functions that ran, in an order.
fn by<K: Ord>(snapshot: &Snapshot, key: impl FnMut(&&Function) -> K) -> Vec<String> {
    let mut ran: Vec<&Function> = snapshot.functions.iter().filter(|function| function.calls > 0).collect();
    ran.sort_by_key(key);
    ran.into_iter().map(|function| function.name.clone()).collect()
}

/// A program of so many functions with wide distributions, each called by earlier ones.
fn large(functions: u64) -> Snapshot {
    let mut snapshot = ordinary();
    snapshot.process.program = "server".into();
    snapshot.functions = (0..functions)
        .map(|n| {
            let durations: Vec<(u64, u64)> =
                (0..400).map(|k| (200 + n * 13 + k * k * k / 3, 1 + 40_000 / (k + 1))).collect();
            let mut function = function(&format!("server::module_{}::Service::call_{n}", n % 40), &durations);
            function.file = format!("src/module_{}.rs", n % 40);
            let callers =
                [n / 2, n / 3 + 1, n / 5].map(|caller| Some(caller as usize).filter(|&caller| caller < n as usize));
            let (calls, ns) = (function.calls / 3, function.total_ns / 3);
            function.callers = callers.map(|from| caller(from, calls, ns)).into();
            function
        })
        .collect();
    snapshot
}

#[test]
fn columns_sort_both_ways() {
    let snapshot = eventful();
    let page = Page::of(&snapshot);
    assert_eq!(page.names(), by(&snapshot, |f| Reverse(f.self_ns)), "most self time first");
    let column = |column: &str| {
        page.browser.click(&format!("th[data-column={column}] button"));
        page.names()
    };
    assert_eq!(column("calls"), by(&snapshot, |f| Reverse(f.calls)));
    assert_eq!(page.each("th[aria-sort]", "e.dataset.column + ' ' + e.ariaSort"), ["calls descending"]);
    assert_eq!(column("calls"), by(&snapshot, |f| f.calls));
    assert_eq!(page.each("th[aria-sort]", "e.dataset.column + ' ' + e.ariaSort"), ["calls ascending"]);
    assert_eq!(column("p99"), by(&snapshot, |f| Reverse(f.quantile_ns(0.99))));
    assert_eq!(column("name"), by(&snapshot, |f| f.name.clone()));
    page.end();
}

#[test]
fn the_filter_keeps_what_matches() {
    let page = Page::of(&ordinary());
    let filter = |text: &str| {
        page.run("document.getElementById('filter').value = ''");
        page.browser.keys("#filter", text);
        let mut names = page.names();
        names.sort();
        (names.len(), names.first().cloned().unwrap_or_default(), page.text("#count"))
    };
    assert_eq!(filter("TEXT"), (2, "wordcount::text::normalize".into(), "2 of 5".into()));
    assert_eq!(filter("text token"), (1, "wordcount::text::tokenize".into(), "1 of 5".into()));
    assert_eq!(filter("*::index::*"), (1, "wordcount::index::Index::build".into(), "1 of 5".into()));
    assert_eq!(
        filter("*<w>*"),
        (1, "wordcount::storage::segment::SegmentWriter<W>::flush_all".into(), "1 of 5".into())
    );
    assert_eq!(filter("nothing(").0, 0);
    assert_eq!(page.text("#table .none"), "No function matches.");
    // The escape key takes the filter away.
    page.browser.keys("#filter", "\u{e00c}");
    assert_eq!((page.names().len(), page.text("#count")), (5, "5 ran".into()));
    page.end();
}

#[test]
fn every_function_has_its_charts() {
    let snapshot = eventful();
    let page = Page::of(&snapshot);
    page.browser.picture("eventful");
    let ran = snapshot.functions.iter().filter(|function| function.calls > 0).count();
    assert_eq!(page.count("#table .spark path[d^=M]"), ran);
    for (index, function) in snapshot.functions.iter().enumerate().filter(|(_, function)| function.calls > 0) {
        page.browser.click(&format!("#table tr[data-function='{index}']"));
        assert_eq!(page.text("#detail h2"), function.name);
        let bars = page.each("#distribution .bin", "e.textContent");
        assert!(!bars.is_empty() && bars.len() <= function.latency.buckets().len(), "{}: {bars:?}", function.name);
        assert_eq!(page.count("#percentiles .dot"), 12);
        assert_eq!(
            page.run("return /NaN|Infinity|undefined/.test(document.querySelector('.columns').innerHTML)"),
            false,
            "{}",
            function.name
        );
        assert_eq!(page.count("#distribution .quantile"), 4);
    }
    // The scale of the calls can be changed.
    page.browser.click("#table tr[data-function='2']");
    let heights = || page.each("#distribution .bin", "e.getAttribute('height')");
    let logarithmic = heights();
    page.browser.click("#distribution button[aria-pressed=false]");
    assert_ne!(heights(), logarithmic);
    assert_eq!(page.text("#detail .figures").matches("681 ns").count(), 1, "the mean is that of the terminal");
    page.end();
}

#[test]
fn the_slowest_calls_of_a_function_are_told_one_by_one() {
    let mut snapshot = ordinary();
    snapshot.functions[1].slowest = vec![
        with!(SlowCall::new(84_100_000), {
            end_ns: 12_400_000_000,
            tid: 7,
            thread: "worker <3>".into(),
            callers: vec![0, 2, 9_999],
            further_callers: 4,
            label: "order \u{1b}<b>4711</b>".into()
        }),
        with!(SlowCall::new(11_900_000), { end_ns: 13_000_000_000, tid: 8, thread: "worker 1".into() }),
    ];
    let page = Page::of(&snapshot);
    page.browser.click("#table tr[data-function='1']");
    assert_eq!(page.each("#detail .slowest .time", "e.textContent"), ["84.1 ms", "11.9 ms"]);
    assert_eq!(page.each("#detail .slowest .when", "e.textContent"), ["ended at 12.4 s", "ended at 13.0 s"]);
    assert_eq!(page.each("#detail .slowest .thread", "e.textContent"), ["worker <3>", "worker 1"]);
    assert_eq!(page.each("#detail .slowest .label", "e.textContent"), ["order \\u{1b}<b>4711</b>"]);
    let name = |at: usize| snapshot.functions[at].name.clone();
    assert_eq!(page.each("#detail .slowest .chain button", "e.title"), [name(0), name(2)]);
    assert!(page.text("#detail .slowest .chain").ends_with(" < 4 more"));
    page.run("document.querySelector('.slowest').scrollIntoView({ block: 'center' })");
    page.browser.picture("slowest");
    page.browser.click("#detail .slowest .chain button");
    assert_eq!(page.text("#detail h2"), name(0));
    assert_eq!(page.count("#detail .slowest"), 0, "no call of it was looked at");
    page.end();
}

#[test]
fn the_call_graph_is_walked_in_three_ways() {
    let snapshot = ordinary();
    let page = Page::of(&snapshot);
    assert!(page.each("#flame .frame", "e.title").iter().any(|title| title.starts_with("wordcount::main\n12.3 s")));
    page.browser.click("#flame .frame[data-function='1']");
    assert_eq!(page.text("#detail h2"), "wordcount::index::Index::build");
    assert_eq!(page.text("#flame .crumbs"), "everything›main› Index::build");
    page.browser.click("#flame .crumbs button");
    assert_eq!(page.count("#flame .crumbs"), 0);

    page.browser.click("[data-tab=links]");
    assert_eq!(page.each("#links .node title", "e.textContent").len(), 5);
    assert_eq!(page.each("#links .focus title", "e.textContent"), ["wordcount::index::Index::build"]);
    page.run("document.querySelectorAll('#links .node')[0].dispatchEvent(new MouseEvent('click'))");
    assert_eq!(page.each("#links .focus title", "e.textContent"), ["wordcount::main"]);
    page.browser.picture("links");

    page.browser.click("[data-tab=tree]");
    assert!(page.text("#tree").contains("Index::build"), "the way of most time is open");
    page.browser.click("#tree .twist[aria-expanded=true]");
    assert!(!page.text("#tree").contains("Index::build"));
    page.end();
}

#[test]
fn what_not_every_run_has_is_shown_where_it_is() {
    let page = Page::of(&eventful());
    assert_eq!(page.text("h1"), "wordcount killed");
    assert!(page.text("#futures tbody").starts_with("wordcount::serve::handle1,0039937"));
    assert_eq!(page.each("#in-flight tbody tr td:last-child", "e.textContent"), ["12.3 s", "640 µs"]);
    assert_eq!(page.text("#idle summary"), "6 never ran");
    page.browser.click("#idle summary");
    // An element that opens gets its event after the next frame.
    page.browser.picture("idle");
    assert_eq!(page.count("#idle li"), 6);
    assert!(page.text(".notes li").contains("3 calls were not recorded"));
    page.end();
    let mut snapshot = ordinary();
    snapshot.resources = ["app::POOL", "app::<b>CONFIG</b>", "app::UNUSED"].map(Resource::new).into();
    for (resource, first_use_ns) in snapshot.resources.iter_mut().zip([40_000_000, 45_000_000]) {
        resource.state = ResourceState::Ready;
        resource.first_use_ns = Some(first_use_ns);
        resource.first_init_ns = 30_000_000;
        resource.initialisations = 1;
    }
    snapshot.resources[0].function = Some(1);
    snapshot.resources[0].weight = 3 << 20;
    snapshot.resources[0].dependencies = vec![Dependency::learnt(1)];
    let page = Page::of(&snapshot);
    assert_eq!(page.count("#resources .lane .init"), 2);
    assert_eq!(
        page.each("#resources tbody .name", "e.textContent"),
        ["app::POOL", "app::<b>CONFIG</b>", "app::UNUSED"]
    );
    assert!(page.text("#resources tbody tr:first-child").contains("3.00 MiB"));
    page.run("document.querySelector('#resources').scrollIntoView({ block: 'center' })");
    page.browser.picture("resources");
    page.browser.click("#resources tbody tr:first-child");
    assert_eq!(page.text("#detail h2"), "wordcount::index::Index::build");
    page.end();
    let page = Page::of(&ordinary());
    assert_eq!(page.each("#resources, #futures, #in-flight, #idle", "e.hidden"), ["true"; 4]);
    page.end();
    let page = Page::of(&Snapshot::empty());
    assert_eq!(page.text("#table .none"), "No call of an annotated function has ended.");
    page.browser.click("[data-tab=tree]");
    page.browser.click("[data-tab=links]");
    page.end();
}

#[test]
fn futures_of_which_no_call_has_ended_are_among_the_futures_alone() {
    let mut snapshot = ordinary();
    let ran = snapshot.functions.iter().filter(|function| function.calls > 0).count();
    for (name, started, never_polled) in [("app::tidy", 0, 12), ("app::listen", 1, 0)] {
        let mut future = function(name, &[]);
        let futures = future.futures.get_or_insert_default();
        (futures.started, futures.never_polled) = (started, never_polled);
        snapshot.functions.push(future);
    }
    let page = Page::of(&snapshot);
    assert_eq!(page.names().len(), ran);
    let rows = page.each("#futures tbody tr", "[...e.children].slice(0, 5).map((cell) => cell.textContent).join(' ')");
    assert_eq!(rows, ["app::tidy 0 0 0 12", "app::listen 1 0 0 0"]);
    assert_eq!(page.text("#idle summary"), "1 never ran", "its code did not run");
    let told = |row: &str| {
        page.browser.click(&format!("#futures tbody tr:{row}"));
        page.text("#detail p.soft")
    };
    assert_eq!(told("first-child"), "No call of it has ended. Futures: 12 never polled.");
    assert_eq!(told("last-child"), "No call of it has ended. Futures: 1 began.");
    page.end();
}

#[test]
fn names_are_data() {
    let mut snapshot = ordinary();
    let names = [
        "app::<script>document.hacked = 1</script>",
        "</script><script>document.hacked = 1</script>",
        "<img src=x onerror='document.hacked = 1'>",
        "\"><svg onload=\"document.hacked = 1\">",
        "' onmouseover='document.hacked = 1",
        "<!--<script>",
        "{{ name }} ${document.hacked = 1} &lt;b&gt; &amp;",
        "javascript:document.hacked = 1",
        "line\u{2028}and\u{2029}paragraph\u{0}\u{1b}[31m\n",
        "app::\u{202e}reversed\u{202c}",
        "__proto__",
        "constructor",
        "ניתוח::מילים",
        "",
    ];
    for name in names {
        let mut function = function(name, &[(1_000, 10)]);
        function.file = name.into();
        function.callers = vec![caller(Some(0), 10, 10_000)];
        snapshot.in_flight.push(InFlight::new(snapshot.functions.len(), name, 5));
        snapshot.functions.push(function);
        snapshot.functions.push(Function::new(name));
    }
    snapshot.process.program = names.concat();
    let page = Page::of(&snapshot);
    let shown = page.names();
    for name in names {
        // Letters that do nothing are shown as they are; letters that act on the text are shown as their escapes.
        let harmless: String = name
            .chars()
            .map(|c| {
                if c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) {
                    c.escape_default().to_string()
                } else {
                    c.into()
                }
            })
            .collect();
        let harmless = if name.is_empty() { "(no name)".into() } else { harmless };
        assert!(shown.contains(&harmless), "{harmless:?} in {shown:?}");
    }
    for function in 5..snapshot.functions.len() {
        let row = format!("#table tr[data-function='{function}']");
        if page.count(&row) > 0 {
            page.browser.click(&row);
        }
    }
    for tab in ["links", "tree", "flame"] {
        page.browser.click(&format!("[data-tab={tab}]"));
    }
    page.browser.click("#idle summary");
    assert_eq!(page.run("return document.hacked ?? null"), Value::Null);
    assert_eq!(page.count("script"), 2, "the data and the page's own");
    assert_eq!(page.count("img, iframe, object, embed, [onload], [onerror], [onmouseover]"), 0);
    page.browser.picture("harmful");
    page.end();
}

#[test]
fn a_thousand_functions_fit_and_all_can_be_reached() {
    let snapshot = large(1_000);
    let size = html(&snapshot).len();
    assert!(size < 1_000_000, "{size} bytes");
    let page = Page::of(&snapshot);
    page.browser.picture("large");
    let ready = page.run("return performance.getEntriesByType('navigation')[0].domInteractive");
    println!("1,000 functions: {size} bytes, interactive after {ready} ms");
    assert_eq!(page.text("#count"), "1,000 ran");
    assert_eq!(page.names().len(), 100, "the others are drawn when they come into sight");
    for _ in 0..40 {
        page.run("const s = document.querySelector('#functions .scroll'); s.scrollTop = s.scrollHeight; return 0");
        // An observer is told after the next frame.
        page.browser.picture("large-scrolled");
    }
    assert_eq!(page.names().len(), 1_000);
    page.end();
}

#[test]
fn light_and_dark_and_narrow() {
    let page = Page::of(&eventful());
    let background = || page.run("return getComputedStyle(document.body).backgroundColor");
    page.browser.prefer("dark");
    let dark = background();
    page.browser.picture("dark");
    page.browser.prefer("light");
    let light = background();
    assert_ne!(dark, light, "the system's preference is followed");
    page.browser.click("#theme");
    assert_eq!(background(), dark);
    page.browser.click("#theme");
    assert_eq!(background(), light);

    page.run("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))");
    for width in [1920, 1280, 1000, 768, 390] {
        page.browser.resize(width, 900);
        let fits = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(page.run(fits), true, "nothing is wider than {width} pixels");
        page.browser.picture(&format!("{width}"));
    }
    page.browser.click("#table tr[data-function='1']");
    assert_eq!(page.text("#detail h2"), "wordcount::index::Index::build");
    page.browser.picture("390-detail");
    page.browser.click("#detail .close");
    assert_eq!(page.each("#detail", "e.hidden"), ["true"]);
    page.end();
}

#[test]
fn rows_beside_calls_are_nobodys_time_and_shares_of_sampled_calls_are_estimates() {
    let mut snapshot = ordinary();
    let mut held = function("wordcount::cache (held)", &[(1_000_000, 100)]);
    (held.kind, held.self_ns) = (Kind::Hold, 0);
    held.callers = vec![caller(None, 60, 60_000_000), caller(Some(0), 40, 40_000_000)];
    snapshot.functions.push(held);
    (snapshot.functions[3].timing, snapshot.functions[3].timed_calls) = (Timing::Adaptive, 90_000);
    let page = Page::of(&snapshot);
    page.browser.click("[data-tab=tree]");
    let tree = page.text("#tree");
    assert!(!page.text("#flame").contains("(held)") && !tree.contains("(held)"), "{tree}");
    let choose = |name: &str| {
        page.run(&format!(
            "[...document.querySelectorAll('#table tbody tr')].find((e) => e.textContent.includes('{name}')).click()"
        ));
        page.each("#detail .neighbour", "e.textContent").join(" | ")
    };
    let callees = choose("tokenize");
    assert!(callees.contains("~486 ms × ~12.5 M"), "{callees}");
    let callers = choose("normalize");
    assert!(callers.contains("~486 ms × ~12.5 M"), "{callers}");
    let holders = choose("(held)");
    assert!(holders.contains("main40.0 ms × 40"), "{holders}");
    page.browser.click("[data-tab=links]");
    assert_eq!(page.count("#links path"), 1, "from the holder to the hold");
    page.end();
}
