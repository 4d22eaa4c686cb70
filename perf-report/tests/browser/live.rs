//! The page of `serve`, which keeps itself up to date.

use std::time::Duration;

use perf_test_support::wait;
use serde_json::{Value, json};

use super::{Folder, driver::Browser, server::Server, support::Writer};

/// A program of some functions, each with so many calls.
fn program(calls: u64) -> Vec<u8> {
    let mut writer = Writer::new();
    let main = writer.function("app::main");
    let functions: Vec<u64> = (0..30).map(|n| writer.function(&format!("app::parse_{n}"))).collect();
    let shard = writer.shard(100, "main");
    let slot = writer.slot(shard, main);
    writer.calls(slot, &[9_000_000; 2]);
    for (at, &function) in functions.iter().enumerate() {
        let slot = writer.slot(shard, function);
        writer.calls(slot, &[2_000 + at as u64 * 100; 2]);
        writer.bucket(slot, 1_000 + at as u64 * 50, calls - 2);
        writer.edge(shard, main, function, [calls, calls * 2_000, 0]);
    }
    writer.edge(shard, 0, main, [2, 18_000_000, 0]);
    writer.bytes()
}

/// Puts a new recording in the place of the old one at once, as the runtime does.
fn record(folder: &Folder, calls: u64) {
    folder.put("new", program(calls));
    std::fs::rename(folder.path("new"), folder.path("app.perfrec")).unwrap();
}

fn refreshed(browser: &Browser) -> u64 {
    let text = browser.run("return document.documentElement.dataset.refreshed ?? '0'");
    text.as_str().unwrap().parse().unwrap()
}

/// Waits until it has been refreshed with what the server tells now.
fn wait_for(browser: &Browser, condition: &str, script: &str, expected: &Value) {
    let mut last = Value::Null;
    let came = wait::holds_in_time(|| {
        std::thread::sleep(Duration::from_millis(100));
        last = browser.run(script);
        last == *expected
    });
    assert!(came, "{condition}: {last} instead of {expected}");
}

#[test]
fn figures_change_and_what_the_reader_chose_stays() {
    let folder = Folder::new();
    record(&folder, 100);
    let server = Server::start(&folder, &["app.perfrec"]);
    let browser = Browser::start();
    browser.visit(&format!("http://{}/", server.address));
    browser.run("window.mark = 'not reloaded'");
    browser.keys("#filter", "parse_2");
    browser.click("th[data-column=name] button");
    browser.click("#table tbody tr:nth-child(3)");
    browser.click("[data-tab=tree]");
    browser.keys("#filter", "");
    browser.run("const f = document.getElementById('filter'); f.focus(); f.setSelectionRange(2, 5)");
    let chosen = "return document.querySelector('#table .chosen .name').textContent";
    let before = browser.run(chosen);
    let calls = "return document.querySelector('#table tbody tr .c-calls').textContent";
    assert_eq!(browser.run(calls), "100");

    record(&folder, 7_654);
    wait_for(&browser, "the new figures are shown", calls, &json!("7,654"));
    let state = "const f = document.getElementById('filter'); return [window.mark, f.value, \
                 document.activeElement === f, f.selectionStart, f.selectionEnd, \
                 document.querySelector('th[aria-sort]').dataset.column, \
                 document.querySelector('[data-tab][aria-selected=true]').dataset.tab, \
                 document.querySelectorAll('#table tbody tr').length, document.getElementById('live').textContent]";
    assert_eq!(browser.run(state), json!(["not reloaded", "parse_2", true, 2, 5, "name", "tree", 11, "live"]));
    assert_eq!(browser.run(chosen), before);
    browser.picture("live");

    // Refreshing goes on, and no handler is left behind: one press of a key is one press.
    let times = refreshed(&browser);
    wait::until("it goes on", || refreshed(&browser) > times + 1);
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn a_server_that_is_gone_is_said_and_one_that_is_back_is_used() {
    let folder = Folder::new();
    record(&folder, 100);
    let server = Server::start(&folder, &["app.perfrec"]);
    let (address, browser) = (server.address.clone(), Browser::start());
    browser.visit(&format!("http://{address}/"));
    drop(server);
    let told = "return document.getElementById('live').classList.contains('lost')";
    wait_for(&browser, "it says that it is not up to date", told, &json!(true));
    assert_eq!(
        browser.run("return document.querySelector('#table tbody tr .c-calls').textContent"),
        "2",
        "figures stay"
    );
    let _server = Server::start(&folder, &["app.perfrec", "--listen", &address]);
    wait_for(&browser, "it is up to date again", told, &json!(false));
}
