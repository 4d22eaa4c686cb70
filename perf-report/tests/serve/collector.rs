//! OTLP: what a collector gets, and what happens while it is away.

use std::net::TcpListener;

use super::{Folder, listener::receive, program, running, server::Server, write_running};

#[test]
fn a_collector_gets_protobuf_at_an_interval_and_misses_nothing_while_it_is_away() {
    let folder = Folder::new();
    let _process = running(&folder, "app.perfrec", &program(1_000));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let arguments = ["app.perfrec", "--otlp", &format!("http://{address}"), "--every", "100ms"];
    let mut server = Server::start(&folder, &arguments);
    let (head, body) = receive(&listener, "200 OK");
    assert!(head.starts_with("POST /v1/metrics HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    let has = |body: &[u8], part: &[u8]| body.windows(part.len()).any(|window| window == part);
    assert!(has(&body, b"perf_function_duration") && has(&body, b"app::work") && has(&body, b"service.name"));
    // It refuses, then it is gone; the server says so once and answers others.
    receive(&listener, "503 Service Unavailable");
    assert!(server.wait_for("503").starts_with("warning: "));
    drop(listener);
    write_running(&folder.path("app.perfrec"), &program(3_000));
    assert!(server.get("/metrics").contains("perf_function_calls_total"));
    let listener = TcpListener::bind(address).unwrap();
    // A request may have been written just before; figures are a quarter of a second old at most.
    perf_test_support::wait::until("the sum has the calls of meanwhile", || {
        has(&receive(&listener, "200 OK").1, &3_000_u64.to_le_bytes())
    });
    server.wait_for("answers again");
}
