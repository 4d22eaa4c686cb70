//! Limits: what the program is allowed is for the program.

use perf_tests::figures::calls;
use perf_tests::program;

#[test]
fn under_a_limit_of_memory_the_program_gets_what_it_needs() {
    for limit in ["-v 400000", "-d 300000"] {
        for in_a_file in [false, true] {
            let mut program = program!("processes", "limits", "memory", "210").reporting();
            if in_a_file {
                program = program.recording();
            }
            let ended = program.through_shell(&format!(r#"ulimit {limit}; exec "$0" "$@""#)).run();
            assert_eq!(calls(&ended.exited(7).silent().report(), "work"), 4, "ulimit {limit}");
        }
    }
}

#[test]
fn a_capacity_that_was_asked_for_is_given_under_a_limit_too() {
    let program = program!("processes", "limits", "memory", "1").reporting().env("PERF_CAPACITY", "128MiB");
    let ended = program.through_shell(r#"ulimit -v 400000; exec "$0" "$@""#).run();
    assert_eq!(ended.exited(7).silent().report().losses.capacity_bytes, 128 << 20);
}

#[test]
fn where_no_thread_can_be_made_at_the_end_the_report_is_written_all_the_same() {
    let ended = program!("processes", "limits", "no-threads").reporting().run();
    assert_eq!(calls(&ended.exited(7).silent().report(), "work"), 3);
}
