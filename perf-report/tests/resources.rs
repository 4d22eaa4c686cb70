//! Resource records: read back as they were written, checked, and shown.

#[macro_use]
#[path = "support/with.rs"]
mod with;

#[allow(dead_code, reason = "each test file needs some of it")]
mod support;

use insta::assert_snapshot;
use perf_report::recording::layout::{ALIGN, header, resource, site};
use perf_report::recording::{Now, Reading, read};
use perf_report::{Dependency, Function, Resource, ResourceState, Snapshot, Style, Teardown, TeardownOutcome, View};
use support::Writer;

/// A recording of two resources, `app::POOL` on `app::CONFIG`.
fn recording(change: impl Fn(&mut [u64], usize)) -> Reading {
    let mut writer = Writer::new();
    let config = writer.site(site::KIND_FUNCTION, 0, "app::CONFIG", "");
    let pool = writer.site(site::KIND_FUNCTION, 0, "app::POOL", "");
    let mut newest = 0;
    for (site, fields) in [
        (
            config,
            vec![(resource::STATE, resource::STATE_READY), (resource::FIRST_USE, 5_100_000_000), (resource::ORDER, 1)],
        ),
        (
            pool,
            vec![
                (resource::FLAGS, resource::EVICTABLE),
                (resource::STATE, resource::STATE_READY),
                (resource::INITIALISATIONS, 2),
                (resource::FIRST_USE, 5_200_000_000),
                (resource::LAST_USE, 5_500_000_000),
                (resource::ACCESSES, 1_000),
                (resource::WEIGHT, 4096),
                (resource::TEARDOWN, resource::TEARDOWN_GIVEN_UP),
                (resource::TEARDOWN_NS, 7),
                (resource::DEPENDENCIES, config | resource::LEARNT),
            ],
        ),
    ] {
        let at = writer.words.len().next_multiple_of(ALIGN);
        writer.words.resize(at + resource::LEN, 0);
        writer.words[at + resource::NEXT] = newest;
        writer.words[at + resource::SITE] = site;
        for (word, value) in fields {
            writer.words[at + word] = value;
        }
        newest = at as u64;
        writer.words[header::RESOURCES] = newest;
        writer.words[header::USED] = writer.words.len() as u64;
        change(&mut writer.words, at);
    }
    read(&writer.words, Now::LastTick).unwrap()
}

#[test]
fn records_are_read_as_written() {
    let reading = recording(|_, _| {});
    assert!(reading.is_sound(), "{:?}", reading.damages);
    let [config, pool] = &reading.snapshot.resources[..] else { panic!("two resources") };
    assert_eq!((config.name.as_str(), pool.name.as_str()), ("app::CONFIG", "app::POOL"));
    assert_eq!(config.first_use_ns, Some(107_000_000), "since the start of the process");
    assert_eq!((config.accesses, pool.accesses), (None, Some(1_000)));
    assert_eq!(pool.idle_ns, Some(500_000_000));
    assert_eq!(pool.teardown, Some(Teardown::new(TeardownOutcome::GivenUp, 7)));
    assert_eq!(pool.dependencies, [Dependency::learnt(0)]);
}

#[test]
fn dependencies_beyond_the_room_of_a_record_are_counted_in_a_note() {
    let reading = recording(|words, at| words[at + resource::MORE_DEPENDENCIES] = 3);
    let numbers = reading.snapshot.resources.iter().map(|resource| resource.more_dependencies);
    assert_eq!(numbers.collect::<Vec<_>>(), [3, 3]);
    let text = View::Resources.render(&reading.snapshot, &Style::plain());
    let note = "• More dependencies than the recording has room for: app::CONFIG 3, app::POOL 3.\n";
    assert!(text.contains(note), "{text}");
}

#[test]
fn damages_are_named_and_the_rest_is_read() {
    for (word, value, what) in [
        (resource::STATE, 77, "unknown state 77"),
        (resource::TEARDOWN, 9, "unknown teardown 9"),
        (resource::SITE, 1234, "site 1234 of a resource does not exist"),
        (resource::NEXT, 8, "inside another block"),
        (resource::NEXT, u64::MAX, "behind the end"),
        (resource::DEPENDENCIES, 500, "there is no resource of site 500"),
    ] {
        let reading = recording(|words, at| {
            words[at + word] = value;
        });
        assert!(reading.damages.iter().any(|damage| damage.what.contains(what)), "{what}: {:?}", reading.damages);
        let text = View::Resources.render(&reading.snapshot, &Style::plain());
        assert!(text.starts_with("wordcount"), "{text}");
    }
}

/// A list that leads back to itself ends.
#[test]
fn a_circle_of_records_ends() {
    let reading = recording(|words, at| words[at + resource::NEXT] = at as u64);
    assert!(!reading.is_sound());
}

fn service() -> Snapshot {
    let mut snapshot = Snapshot::empty();
    snapshot.process.program = "service".into();
    snapshot.process.recorded_ns = 5_000_000_000;
    snapshot.functions.push(with!(Function::new("app::INDEX"), {
        calls: 2,
        timed_calls: 2,
        sum_ns: 80_000_000,
        total_ns: 80_000_000,
        self_ns: 30_000_000,
        max_ns: 50_000_000,
    }));
    let dependency = Dependency::learnt;
    snapshot.resources = vec![
        with!(Resource::new("app::CONFIG"), {
            state: ResourceState::Ready,
            initialisations: 1,
            first_use_ns: Some(2_000_000),
            first_init_ns: 400_000,
            last_init_ns: 400_000,
            teardown: Some(Teardown::new(TeardownOutcome::Panicked, 1_000)),
        }),
        with!(Resource::new("app::INDEX"), {
            function: Some(0),
            state: ResourceState::Evicted,
            evictable: true,
            initialisations: 2,
            failures: 1,
            waited: 3,
            first_use_ns: Some(2_500_000_000),
            first_init_ns: 50_000_000,
            last_init_ns: 30_000_000,
            accesses: Some(12_345),
            evictions: 2,
            freed: 3 << 20,
            dependencies: vec![dependency(0), Dependency::declared(2)],
        }),
        with!(Resource::new("app::NEVER\u{1b}[31m"), { dependencies: vec![dependency(0)] }),
    ];
    snapshot
}

#[test]
fn the_view_shows_lives_and_dependencies() {
    let style = Style::plain().with_width(110);
    assert_snapshot!("resources_110", View::Resources.render(&service(), &style));
    assert_snapshot!("resources_plain", View::Resources.render(&service(), &Style::plain()));
}

#[test]
fn the_table_ends_with_the_resources() {
    let text = View::Table.render(&service(), &Style::plain());
    assert!(text.contains("app::INDEX") && text.contains("deferred past the first second"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_cycle_of_dependencies_is_drawn_once() {
    let mut snapshot = service();
    snapshot.resources[0].dependencies = vec![Dependency::learnt(1)];
    let text = View::Resources.render(&snapshot, &Style::plain());
    assert!(text.contains("(see above)"), "{text}");
}

#[test]
#[cfg(feature = "files")]
fn json_keeps_all_of_it() {
    let snapshot = service();
    assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap(), snapshot);
}
