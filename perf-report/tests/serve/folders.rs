//! A folder of recordings is one endpoint; what is in it comes and goes, and may be damaged.

use super::{Folder, program, running, server::Server, support::some_of_everything, value, work};

const RECORDINGS: &str = "perf_exporter_recordings";

#[test]
fn recordings_come_and_go() {
    let folder = Folder::new();
    folder.put("web/notes.txt", "not a recording");
    folder.put("web/a.perfrec", program(10).bytes());
    let server = Server::start(&folder, &["web"]);
    let calls =
        |metrics: &str, recording: &str| value(metrics, &format!("perf_function_calls_total{}", work(recording)));
    assert_eq!(calls(&server.get("/metrics"), "a.perfrec"), Some(10.0));
    folder.put("web/b.perfrec", program(20).bytes());
    let metrics = server.get("/metrics");
    assert_eq!((calls(&metrics, "a.perfrec"), calls(&metrics, "b.perfrec")), (Some(10.0), Some(20.0)));
    assert!(server.get("/").contains("/?recording=b.perfrec"), "the front page lists both");
    assert_eq!(server.ask("/api/snapshot", "").status, 404, "one of them has to be named");
    assert!(server.get("/api/snapshot?recording=b.perfrec").contains("\"pid\":4242"));
    std::fs::remove_file(folder.path("web/a.perfrec")).unwrap();
    let metrics = server.get("/metrics");
    assert_eq!((calls(&metrics, "a.perfrec"), calls(&metrics, "b.perfrec")), (None, Some(20.0)));
}

#[test]
fn a_program_that_starts_later_is_found() {
    let folder = Folder::new();
    let mut server = Server::start(&folder, &["app.perfrec", "later"]);
    server.wait_for("warning: app.perfrec: ");
    server.wait_for("warning: later: ");
    let metrics = server.get("/metrics");
    assert_eq!(
        (value(&metrics, RECORDINGS), value(&metrics, "perf_exporter_unreadable_recordings")),
        (Some(0.0), Some(2.0))
    );
    assert_eq!(server.ask("/", "").status, 404);
    let _process = running(&folder, "app.perfrec", &program(3));
    assert_eq!(value(&server.get("/metrics"), RECORDINGS), Some(1.0));
    folder.put("later/web.perfrec", program(4).bytes());
    assert_eq!(value(&server.get("/metrics"), RECORDINGS), Some(2.0));
    assert_eq!(server.said(), [""; 0], "it is said once that it was missing");
}

#[test]
fn damaged_recordings_are_served_as_far_as_they_can_be_read_and_foreign_ones_are_said() {
    let folder = Folder::new();
    folder.put("web/foreign.perfrec", "this is no recording");
    folder.put("web/whole.perfrec", program(5).bytes());
    let bytes = some_of_everything().bytes();
    folder.put("web/cut.perfrec", &bytes[..bytes.len() - bytes.len() / 3]);
    for (seed, at) in [(1_usize, 3_000_usize), (2, 5_000), (3, 7_000)] {
        let mut bytes = bytes.clone();
        for byte in bytes.iter_mut().skip(at).step_by(97) {
            *byte = byte.wrapping_mul(31).wrapping_add(seed as u8);
        }
        folder.put(&format!("web/damaged-{seed}.perfrec"), bytes);
    }
    let mut server = Server::start(&folder, &["web"]);
    server.wait_for("foreign.perfrec");
    let metrics = server.get("/metrics");
    assert_eq!(value(&metrics, &format!("perf_function_calls_total{}", work("whole.perfrec"))), Some(5.0));
    let damaged = r#"perf_exporter_damaged_places{program="wordcount",pid="4242",recording="cut.perfrec"}"#;
    let served = value(&metrics, damaged);
    assert!(served.is_none_or(|places| places > 0.0), "{metrics}");
    assert!(value(&metrics, "perf_exporter_unreadable_recordings") >= Some(1.0));
}

#[test]
fn functions_share_the_limit() {
    let folder = Folder::new();
    let mut writer = program(7);
    let shard = writer.shard(101, "other");
    for number in 0..20_u64 {
        let function = writer.function(&format!("app::f{number}"));
        let slot = writer.slot(shard, function);
        writer.calls(slot, &[10 + number, 20]);
    }
    folder.put("web/a.perfrec", writer.bytes());
    folder.put("web/b.perfrec", program(5).bytes());
    let server = Server::start(&folder, &["web", "--functions", "3"]);
    let metrics = server.get("/metrics");
    let count = |recording: &str| {
        let of = format!(r#"recording="{recording}",function=""#);
        metrics.lines().filter(|line| line.starts_with("perf_function_calls_total") && line.contains(&of)).count()
    };
    assert_eq!((count("a.perfrec"), count("b.perfrec")), (4, 1), "three and the others; the others alone");
    let folded = r#"perf_exporter_folded_functions{program="wordcount",pid="4242",recording="a.perfrec"}"#;
    assert_eq!(value(&metrics, folded), Some(18.0));
}
