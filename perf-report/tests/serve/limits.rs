//! Strangers: who is refused, and what a request may take of the server.

use std::{
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
};

use super::{Folder, program, running, server::Server};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn folder() -> (Folder, std::fs::File) {
    let folder = Folder::new();
    let process = running(&folder, "app.perfrec", &program(1_000));
    folder.put("token", TOKEN);
    std::fs::set_permissions(folder.path("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    (folder, process)
}

#[test]
fn what_cannot_begin_says_why() {
    let (folder, _process) = folder();
    folder.put("open", TOKEN);
    std::fs::set_permissions(folder.path("open"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut all = String::new();
    for line in [
        "serve --listen 0.0.0.0:0",
        "serve --listen [::]:0",
        "serve --listen :9464",
        "serve --listen nowhere",
        "serve --listen 127.0.0.1:0 --token-file @open",
        "serve --listen 127.0.0.1:0 --token-file @missing",
        "serve --otlp https://collector",
        "serve --otlp collector:4318",
        "serve --otlp http://collector --every 1ms",
        "serve --every 10s",
        "serve --functions 0",
        "serve 4294967295",
        "top https://host --batch",
        "top app.perfrec --token-file @token --batch",
        &format!("serve --listen 127.0.0.1:{port}"),
    ] {
        let (outcome, output, errors) = folder.run(line);
        assert_eq!((outcome, output.as_str()), (perf_report::command::Outcome::Failed, ""), "{line}");
        all += &format!("$ {line}\n{errors}\n").replace(&port.to_string(), "PORT");
    }
    insta::assert_snapshot!("refusals", all);
}

#[test]
fn a_request_that_is_not_one_is_refused() {
    let (folder, _process) = folder();
    let server = Server::start(&folder, &[]);
    let host = server.address.clone();
    let ask = |request: String| server.raw(request.as_bytes()).status;
    let with = |method: &str, rest: &str| {
        format!("{method} /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{rest}\r\n")
    };
    assert_eq!(ask(with("GET", "")), 200);
    assert_eq!(ask(with("HEAD", "")), 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        assert_eq!(ask(with(method, "")), 405, "{method}");
    }
    assert_eq!(ask(with("GET", "Content-Length: 3\r\n") + "abc"), 413);
    assert_eq!(ask(with("GET", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n"), 413);
    let foreign = |host: &str| format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    for host in ["Host: evil.example\r\n", "Host: evil.example:9464\r\n", ""] {
        assert_eq!(ask(foreign(host)), 421, "{host:?}");
    }
    // Too many headers, too long a header, too long a line, and no HTTP at all.
    for (name, request) in [
        ("headers", with("GET", &"X-More: yes\r\n".repeat(1_000))),
        ("header", with("GET", &format!("X-Long: {}\r\n", "x".repeat(1 << 20)))),
        ("path", format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "x".repeat(1 << 20))),
        ("garbage", "\u{16}\u{3}\u{1}\0\0garbage\r\n\r\n".into()),
        ("version", "GET / HTTP/9.9\r\n\r\n".into()),
    ] {
        let status = ask(request);
        assert!([0, 400, 414, 431].contains(&status), "{name}: {status}");
    }
    assert_eq!(ask(with("GET", "")), 200, "and it still serves");
}

#[test]
fn who_is_slow_is_sent_away_and_keeps_nobody_waiting() {
    perf_test_support::allow_open_files();
    let (folder, _process) = folder();
    let server = Server::start(&folder, &[]);
    // As many as there is room for: half say nothing, half never finish what they say.
    let mut slow: Vec<_> = (0..64).map(|_| server.connect()).collect();
    for (number, stream) in slow.iter_mut().enumerate() {
        if number % 2 == 0 {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: loc").unwrap();
        }
    }
    // There is no room before they are sent away.
    assert!(server.get("/metrics").contains("perf_function_calls_total"));
    for mut stream in slow {
        let mut rest = Vec::new();
        // The other side closes; otherwise this fails after its time.
        match stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
}

#[test]
fn with_a_token_only_who_shows_it_is_answered() {
    let (folder, _process) = folder();
    let server = Server::start(&folder, &["--listen", "0.0.0.0:0", "--token-file", "token"]);
    let ask = |path: &str, headers: &str| server.ask(path, headers);
    for path in ["/", "/metrics", "/api/snapshot", "/nothing"] {
        let refused = ask(path, "");
        assert_eq!((refused.status, refused.body.contains("app::work")), (401, false), "{path}");
        assert!(refused.head.contains("www-authenticate: Basic"), "a browser asks for it");
    }
    for wrong in ["Bearer 0123456789abcdef0123456789abcdeX", "Bearer", "Basic AAAA", "Bearer \u{e4}"] {
        assert_eq!(ask("/metrics", &format!("Authorization: {wrong}\r\n")).status, 401, "{wrong}");
    }
    assert_eq!(ask("/metrics", &format!("Authorization: Bearer {TOKEN}\r\n")).status, 200);
    assert_eq!(ask("/healthz", "").status, 200, "that it runs is no secret");
    // The name of the host is not looked at: the token says enough.
    let other = format!(
        "GET /metrics HTTP/1.1\r\nHost: perf.example\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(server.raw(other.as_bytes()).status, 200);
}
