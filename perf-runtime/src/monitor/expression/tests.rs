use super::*;

#[test]
fn expressions_read_back_as_they_are_printed() {
    for text in [
        "rss > 500MiB for 3s clear 450MiB then evict",
        "rss > 80% clear 70.5% cool 1min then evict, trim, snapshot /var/log/app-%p.json",
        "cpu > 90% of all for 10s",
        "written > 10MiB/s",
        "faults > 1000/s",
        "threads < 5 clear 6",
        "heap > 1048577B",
        "p99(query) > 50ms over 10s",
        "mean(<app::Store as Run<fn()>>::run) > 1.5ms",
        "calls(app::tick) < 0.5/s",
        "unwound(query) > 1%",
        "failed(POOL) > 0",
        "idle(INDEX) > 1h then evict",
        "p99(query) > 50ms then trace 500ms /var/log/slow-%n.json, evict",
    ] {
        let alert = text.parse::<Alert>().unwrap_or_else(|error| panic!("{error}"));
        let printed = alert.to_string();
        assert_eq!(printed.parse::<Alert>().as_ref(), Ok(&alert), "{printed}");
        assert_eq!(printed.replace("1500us", "1.5ms"), text);
    }
}

#[test]
fn blanks_are_free_and_alerts_are_separated_by_semicolons() {
    let (alerts, errors) = parse_all(" ;rss>500MiB for 3s clear 450 MiB then evict;; failed( POOL ) ; ");
    assert_eq!(errors, []);
    let printed: Vec<_> = alerts.iter().map(Alert::to_string).collect();
    assert_eq!(printed, ["rss > 500MiB for 3s clear 450MiB then evict", "failed(POOL) > 0"]);
    assert_eq!(parse_all(""), (Vec::new(), Vec::new()));
}

#[test]
fn a_wrong_alert_leaves_the_others_alone() {
    let (alerts, errors) = parse_all("rss > lots; cpu > 5%; threads; threads > 3");
    assert_eq!(alerts.iter().map(Alert::to_string).collect::<Vec<_>>(), ["cpu > 5%", "threads > 3"]);
    assert_eq!(errors.iter().map(|error| error.place().start).collect::<Vec<_>>(), [6, 29]);
}

#[test]
fn errors_point_at_the_place() {
    for (text, place, what) in [
        ("rrs > 5MiB", "rrs", "nothing of that name is watched; there are rss, peak_rss"),
        ("rss 5MiB", "5", "`>` or `<` was expected"),
        ("rss > lots", "lots", "a number was expected"),
        ("rss > 1.2.3MiB", "1.2.3", "a number was expected"),
        ("rss > 500", "", "a unit of memory, or %, was expected: B, KiB, MiB"),
        ("rss > 500MB", "MB", "a unit of memory"),
        ("cpu > 50ms", "ms", "`%` was expected"),
        ("rss > 5% of all", "of", "processor time only"),
        ("p99 > 50ms", ">", "`(` was expected"),
        ("p99(query > 50ms", "", "`)` was expected"),
        ("p99() > 50ms", ")", "the name of a function"),
        ("p99(query) > 50ms over 0s", "0", "longer than nothing"),
        ("rss > 5MiB over 3s", "over", "did you mean `for`"),
        ("rss > 5MiB for 3", "", "a unit of time"),
        ("rss > 5MiB for 3s for 4s", "for", "twice"),
        ("rss > 5MiB clear 6MiB", "6", "cleared above its threshold"),
        ("threads < 5 clear 4", "4", "cleared below its threshold"),
        ("rss > 5MiB then explode", "explode", "there are evict, trim"),
        ("rss > 5MiB then evict trim", "trim", "one of `for`"),
        ("rss > 5MiB then snapshot ;", ";", "the name of a file"),
        ("rss > 5MiB then trace slow.json", "slow", "a number was expected"),
        ("rss > 5MiB then trace 2s", "", "the name of a file"),
        ("rss > 5MiB then trace 0s x", "0", "more than nothing"),
        ("rss > 5MiB then trace 1h x", "1", "at most 10 min"),
        ("rss > 5MiB; größe > 3", "größe", "nothing of that name"),
        ("rss > 99999999999999999999999999MiB for 99999999999999999999h", "99999999999999999999", "too long"),
    ] {
        let error = parse_all(text).1.remove(0);
        assert_eq!(&text[error.place()], place, "{text}: {error}");
        assert!(error.to_string().contains(what), "{text}: {error}");
    }
    let error = "rss > 5MiB; cpu > 5%".parse::<Alert>().unwrap_err();
    assert_eq!(error.place(), 10..11, "a second alert");
    let message = parse_all("rss > 500MB").1.remove(0).to_string();
    assert_eq!(
        message,
        r#"at byte 9 of "rss > 500MB", "MB": a unit of memory, or %, was expected: B, KiB, MiB, GiB, TiB"#
    );
}
