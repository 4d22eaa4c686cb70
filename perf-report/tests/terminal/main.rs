//! `top` on a real terminal, watching real processes. Not among the ordinary tests, because it needs tmux: `.ci/terminal` runs
//! it.
#![cfg(all(feature = "command", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod tmux;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use tmux::Terminal;

/// The program that is watched; it belongs to the workspace's tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Command::new(env!("CARGO")).args(["build", "-q", "-p", "perf-tests", "--bin", "watched"]).status();
        assert!(built.unwrap().success(), "the program that is watched cannot be built");
        Path::new(env!("CARGO_BIN_EXE_perfrec")).with_file_name("watched")
    })
}

/// A process that records to `app.perfrec` in a folder.
struct Watched(Child);

impl Watched {
    fn start(folder: &Path) -> Watched {
        let mut command = perf_test_support::command(program());
        command.current_dir(folder).env("PERF_RECORDING", "app.perfrec").env("PERF_REPORT", "json:run.json");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Watched(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Has it end in order.
    fn end(&mut self) {
        self.0.stdin.take().unwrap().write_all(b"end\n").unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A terminal on which a process is watched.
struct Session {
    terminal: Terminal,
    watched: Watched,
    folder: tempfile::TempDir,
}

impl Session {
    /// The process id of `top`, which the shell has started.
    fn top_pid(&self) -> u32 {
        let shell = self.terminal.shell();
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.split_whitespace().next_back().unwrap().parse().unwrap()
    }

    fn start(width: u16, height: u16) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let watched = Watched::start(folder.path());
        let terminal = Terminal::start(width, height);
        terminal.line(&format!("cd {}; clear; echo at home", folder.path().display()));
        terminal.wait("empty screen", |screen| screen.starts_with("at home"));
        Session { terminal, watched, folder }
    }

    /// Runs `top` on something, until it shows rates.
    fn top(&self, what: &str) {
        self.terminal.line(&format!("{} top {what} -i 100ms; echo status $?", env!("CARGO_BIN_EXE_perfrec")));
        self.terminal
            .wait("functions", |screen| screen.contains("watched::request") && screen.contains("every 100 ms"));
        self.terminal.wait("processor time", |screen| screen.contains("cpu "));
    }

    /// The terminal as the shell had it, after the command ended like this.
    fn given_back(&self, status: &str) {
        self.terminal.wait_for(status);
        assert!(!self.terminal.is("alternate_on") && self.terminal.is("cursor_flag"));
        // Its modes, too: what is typed is seen, and comes line by line.
        self.terminal.line("stty -a | grep -qw -e '-icanon' -e '-echo' && echo raw; echo asked");
        let screen = self.terminal.wait("answer", |screen| screen.lines().any(|line| line == "asked"));
        assert!(!screen.lines().any(|line| line == "raw"), "{screen}");
        assert!(screen.contains("top ") && !screen.contains("watched::request"), "{screen}");
    }

    /// Presses a key and waits for a text on the screen.
    fn press(&self, key: &str, then: &str) -> String {
        self.press_for_all(key, &[then])
    }

    fn press_for_all(&self, key: &str, then: &[&str]) -> String {
        self.terminal.key(key);
        self.terminal.wait(&format!("{then:?}"), |screen| then.iter().all(|text| screen.contains(text)))
    }
}

/// The functions in the order of their rows.
fn rows(screen: &str) -> Vec<&str> {
    let rows = screen.lines().skip_while(|line| !line.contains("calls/s")).skip(1);
    let rows = rows.take_while(|line| line.starts_with("watched::") || line.starts_with('…'));
    rows.map(|row| row.split_whitespace().next().unwrap().rsplit("::").next().unwrap()).collect()
}

#[test]
fn every_pane_shows_the_process_as_it_is() {
    let session = Session::start(120, 40);
    session.top("app.perfrec");
    let title = format!("watched · running · pid {} ·", session.watched.pid());
    session
        .terminal
        .wait("the head", |screen| screen.starts_with(&title) && screen.contains("! alert threads > 1: raised"));
    // Two workers with a request every 2 ms or more, of 50 calls each: rates are those of now and not since the start.
    let rate = |screen: &str, name: &str| -> Option<f64> {
        let row = screen.lines().find(|line| line.starts_with(name))?;
        row.split_whitespace().nth(1)?.replace(',', "").parse().ok()
    };
    session.terminal.wait("rates", |screen| {
        let rates = rate(screen, "watched::request").zip(rate(screen, "watched::parse"));
        rates.is_some_and(|(requests, parses)| requests < 1_000.0 && (45.0..55.0).contains(&(parses / requests)))
    });

    session.press_for_all("Tab", &["watched::wait_for_the_end", "waiter"]);
    session.press_for_all("Tab", &["watched::CACHE", "ready", "1.00 MiB", "watched::WORDS"]);
    session.press_for_all("4", &["rss ", "cpu_user", "seen by the process's own monitor"]);
    session.press("?", "restart the window of the percentiles");
    session.press("1", "calls/s");
    session.press("q", "status 0");
    session.given_back("status 0");
}

#[test]
fn keys_sort_filter_hold_and_look_closer() {
    let session = Session::start(140, 40);
    session.top("app.perfrec");
    session.press("s", "▼running");
    session.press("r", "▲running");
    session.press("<", "▲self");
    for _ in 0..3 {
        session.terminal.key("<");
    }
    session.terminal.wait_for("▲function");
    let names = ["wait_for_the_end", "store", "request", "parse", "WORDS", "CACHE"];
    session.terminal.wait("order of names", |screen| rows(screen) == names);
    session.terminal.key("r");
    session.terminal.wait_for("▼function");

    session.terminal.text("/*::[ps]*e");
    session.terminal.wait("what is left", |screen| rows(screen) == ["parse", "store"]);
    session.press("Enter", "filter *::[ps]*e");
    session.press("Escape", "watched::request");

    // The pause holds the screen, while time goes on.
    session.press("p", "paused");
    // The picture that was being drawn is there when another look would have come.
    thread::sleep(Duration::from_millis(200));
    let held = session.terminal.screen();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(500) {
        assert_eq!(session.terminal.screen(), held);
        thread::sleep(Duration::from_millis(50));
    }
    session.terminal.key("p");
    session.terminal.wait("another screen", |screen| screen.contains("every 100 ms") && screen != held);

    session.terminal.text("/request");
    session.terminal.wait("one row", |screen| rows(screen) == ["request"]);
    session.terminal.key("Enter");
    let function = ["whole recording", "function at tests/src/bin/watched.rs", "100 µs  exceeded", "called by"];
    session.press_for_all("Enter", &function);
    session.press("Escape", "calls/s");
    session.press("+", "every 200 ms");
    session.press("z", "percentiles of");
    session.terminal.key("C-c");
    session.given_back("status 0");
}

#[test]
fn every_size_is_drawn() {
    let session = Session::start(80, 24);
    session.top("app.perfrec");
    for (width, height) in [(20, 5), (1, 1), (200, 60), (33, 9), (80, 2), (5, 40), (80, 24)] {
        session.terminal.resize(width, height);
        // In three lines and more there is a title.
        let begin = if height > 2 { &"watched"[..7.min(usize::from(width))] } else { "" };
        session.terminal.wait("program", |screen| {
            screen.starts_with(begin) && !screen.trim().is_empty() && screen.lines().count() == usize::from(height)
        });
        session.terminal.key("Tab");
    }
    session.press("1", "watched::request");
    session.press("q", "status 0");
}

#[test]
fn a_killed_process_stays_on_the_screen() {
    let mut session = Session::start(100, 24);
    session.top("app.perfrec");
    session.watched.0.kill().unwrap();
    session.watched.0.wait().unwrap();
    session.terminal.wait("the end", |screen| {
        let told = ["· killed ·", "final values", "values of the whole recording"];
        told.iter().all(|text| screen.contains(text)) && rows(screen).contains(&"request")
    });
    session.press("Tab", "waiter");
    session.terminal.key("q");
    session.given_back("status 0");
}

#[test]
fn after_an_end_the_next_run_is_followed() {
    let mut session = Session::start(100, 24);
    session.top("app.perfrec");
    session.watched.end();
    let screen = session.terminal.wait_for("· closed ·");
    assert!(rows(&screen).contains(&"request") && !screen.contains("every 100 ms"), "{screen}");
    let next = Watched::start(session.folder.path());
    let screen = session.terminal.wait_for(&format!("pid {}", next.pid()));
    assert!(screen.contains("watched · running · run 2"), "{screen}");
    session
        .terminal
        .wait("rates of the new run", |screen| screen.contains("of 1") && rows(screen).contains(&"request"));
    session.terminal.key("q");
    session.given_back("status 0");
}

#[test]
fn a_signal_gives_the_terminal_back_and_ends_it_as_signals_do() {
    let session = Session::start(100, 24);
    // By the number of the process, this time.
    session.top(&session.watched.pid().to_string());
    let top = session.top_pid();
    assert!(Command::new("kill").arg(top.to_string()).status().unwrap().success());
    session.given_back("status 143");
}

#[test]
fn it_ends_with_its_terminal() {
    let session = Session::start(100, 24);
    session.top("app.perfrec");
    let top = PathBuf::from(format!("/proc/{}", session.top_pid()));
    assert!(top.exists());
    session.terminal.hang_up();
    let begun = Instant::now();
    while top.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it still runs");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_can_be_suspended() {
    let session = Session::start(100, 24);
    session.top("app.perfrec");
    session.terminal.key("C-z");
    session.terminal.wait("the shell", |screen| screen.contains("top ") && !screen.contains("watched::request"));
    session.terminal.line("fg");
    session.terminal.wait("functions again", |screen| rows(screen).contains(&"request"));
    session.terminal.key("q");
    session.terminal.wait_for("status ");
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let session = Session::start(100, 24);
    let has_colors = |text: &str| text.contains("38;5;");
    session.top("app.perfrec");
    assert!(has_colors(&session.terminal.colors()), "{:?}", session.terminal.colors());
    session.terminal.key("q");
    session.terminal.wait_for("status 0");
    session.terminal.line("export NO_COLOR=1; clear");
    session.terminal.wait("empty screen", |screen| screen.trim() == "$");
    session.top("app.perfrec");
    let text = session.terminal.colors();
    assert!(!has_colors(&text), "{text:?}");
    assert!(text.contains("\x1b["), "bold is no colour");
    session.terminal.key("q");
    session.terminal.wait_for("status 0");
}
