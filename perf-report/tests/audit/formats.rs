//! The outputs: golden files of each format, and names that mean something to a terminal or a format.

use serde_json::Value;

use crate::{programs::process, support::Crates};

/// A run of a small program, in which five findings of the audit's own checks have figures.
fn program() -> Crates {
    let crates = Crates::package(
        "shop",
        r#"use std::io::Write;

mod prices;

fn main() {
    let rows = std::fs::read_to_string("rows.txt").unwrap_or_default();
    if std::env::args().len() > 1 {
        println!("{}", prices::sum(&rows));
    }
    let _ = write_rows(&[1, 2]);
}

fn write_rows(rows: &[u64]) -> std::io::Result<()> {
    let mut file = std::fs::File::create("rows.txt")?;
    for row in rows {
        writeln!(file, "{row} | größe")?;
    }
    Ok(())
}
"#,
    );
    crates.put(
        "src/prices.rs",
        r#"pub fn sum(rows: &str) -> usize {
    let mut sum = 0;
    for row in rows.lines() {
        sum += weigh(&row.to_lowercase());
    }
    sum
}

fn weigh(row: &str) -> usize {
    let limits = std::fs::read_to_string("limits.txt").unwrap_or_default();
    let mut weight = row.len();
    while weight > limits.len() + 1 {
        weight /= 2;
    }
    weight
}
"#,
    );
    let mut sum = crates.measured("src/prices.rs", "sum", &[(600_000_000, 2)]);
    sum.allocations = Some(crate::support::counted(3_000_000, 90_000_000));
    let write = crates.measured("src/main.rs", "write_rows", &[(100_000_000, 1)]);
    let mut resource = perf_report::Resource::new("shop::POOL");
    resource.initialisations = 1;
    (resource.first_use_ns, resource.first_init_ns, resource.accesses) = (Some(5_000_000), 80_000_000, Some(0));
    let mut profile = process(1, vec![sum, write]);
    for function in &mut profile.functions {
        function.name = function.name.replace("::src/", "shop::");
        function.module = function.module.replace("::src/", "shop::");
    }
    profile.resources.push(resource);
    crates.put("run.json", profile.to_json());
    crates
}

#[test]
fn each_format_has_a_golden_file() {
    let crates = program();
    let audit = |line: &str| {
        let ended = crates.audit(line);
        assert_eq!((ended.status, ended.errors.as_str()), (0, ""), "{line}");
        ended.output
    };
    insta::assert_snapshot!("text", audit("--width 100 --profile @run.json"));
    insta::assert_snapshot!("text_without_a_profile", audit("--width 100"));
    insta::assert_snapshot!("text_in_colour", audit("--width 100 --profile @run.json --limit 1 --color always"));
    insta::assert_snapshot!("markdown", audit("--format markdown --profile @run.json"));
    insta::assert_snapshot!("markdown_without_a_profile", audit("--format markdown"));
    let json: Value = serde_json::from_str(&audit("--format json --profile @run.json")).unwrap();
    insta::assert_snapshot!("json", format!("{json:#}"));
    insta::assert_snapshot!("sarif", audit("--format sarif --profile @run.json"));
    let page = audit("--format html --profile @run.json");
    let section = page.split_once("<section id=\"audit\"").unwrap().1.split_once("</section>").unwrap().0;
    insta::assert_snapshot!("html_section", section);
    assert!(page.contains("<section id=\"functions\""), "it is the report's page");
    let alone = audit("--format html");
    assert!(alone.contains("<section id=\"audit\"") && !alone.contains("<script"), "{alone}");
}

#[test]
fn sarif_says_what_a_baseline_has() {
    let crates = program();
    crates.audit("--format json --output @accepted.json");
    crates.replace("src/prices.rs", "let mut weight", "let _ = std::fs::read(\"more.txt\");\n    let mut weight");
    let ended = crates.audit("--format sarif --baseline @accepted.json");
    let document: Value = serde_json::from_str(&ended.output).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let of = |state: &str| results.iter().filter(|result| result["baselineState"] == state).count();
    assert_eq!((of("new"), of("new") + of("unchanged")), (1, results.len()));
}

#[test]
fn names_do_nothing_to_a_terminal_or_a_format() {
    let crates = program();
    let text = crates.text("run.json");
    let hostile = format!("\\u001b[31m|<b>`*_\\n\\\"{}", "x".repeat(10_000));
    crates.put("run.json", text.replace("shop::prices::sum", &hostile));
    for format in ["text", "json", "sarif", "markdown", "html"] {
        let ended = crates.audit(&format!("--format {format} --profile @run.json"));
        assert_eq!(ended.status, 0, "{}", ended.errors);
        let output = ended.output;
        assert!(!output.contains('\u{1b}'), "{format}");
        match format {
            "json" | "sarif" => drop(serde_json::from_str::<Value>(&output).unwrap()),
            "markdown" => assert!(!output.contains("<b>") && !output.contains("31m|<"), "{output}"),
            "html" => assert!(!output.contains("31m|<b>"), "{format}"),
            _ => {}
        }
    }
}

#[test]
fn a_limit_holds_in_each_format() {
    let crates = program();
    let text = crates.audit("--limit 1").output;
    assert!(
        text.contains(" more findings; --limit shows more of them") || text.contains(" more finding; --limit"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&crates.audit("--limit 1 --format json").output).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn every_format_for_pipelines_is_written_beside_the_text() {
    let crates = program();
    let formats = ["junit", "sarif", "gitlab", "bencher", "benchmark-action", "markdown", "github"];
    let outputs: Vec<String> = formats.iter().map(|format| format!("--output {format}:@out.{format}")).collect();
    let line = format!("--profile @run.json --fail-on high {}", outputs.join(" "));
    let ended = crates.audit(&line);
    assert_eq!(ended.status, 1, "{}", ended.errors);
    assert!(ended.output.contains("perf::unbuffered_io"), "{}", ended.output);
    for format in formats {
        let text = crates.text(&format!("out.{format}"));
        assert!(!text.contains('\u{1b}'), "{format}");
        let shown = match serde_json::from_str::<Value>(&text) {
            Ok(value) => format!("{value:#}"),
            Err(_) => text,
        };
        insta::assert_snapshot!(format!("pipeline_{}", format.replace('-', "_")), shown);
    }
    // GitLab knows a finding by its number.
    let gitlab: Vec<Value> = serde_json::from_str(&crates.text("out.gitlab")).unwrap();
    let numbers: std::collections::BTreeSet<&str> =
        gitlab.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), gitlab.len());
}

#[test]
fn an_audit_that_fails_leaves_no_file_that_says_that_all_is_well() {
    let crates = program();
    crates.put("out.sarif", "{}");
    crates.put("src/prices.rs", "pub fn sum(rows: &str) -> usize { rows }\n");
    let ended = crates.audit("--output sarif:@out.sarif --output markdown:@out.md --output junit:-");
    assert_eq!(ended.status, 2, "{}", ended.output);
    let sarif: Value = serde_json::from_str(&crates.text("out.sarif")).unwrap();
    let run = &sarif["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], false, "{sarif:#}");
    assert!(run["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("compile"), "{sarif:#}");
    assert!(crates.text("out.md").contains("No verdict"), "{}", crates.text("out.md"));
    assert!(ended.output.contains("<error "), "{}", ended.output);
}

#[test]
fn outputs_that_clash_are_refused_before_anything_is_compiled() {
    let crates = program();
    for (line, message) in [
        (
            "--output @a --output @b",
            "--output names two files without a format, @a and @b; write FORMAT:FILE for the second",
        ),
        ("--output @a --output junit:@a", "two outputs go to @a; give each a file of its own"),
        ("--output sarif:@a --output junit:@a", "two outputs go to @a; give each a file of its own"),
    ] {
        let ended = crates.audit(line);
        assert_eq!((ended.status, ended.errors), (2, format!("error: {message}\n")), "{line}");
    }
    let ended = crates.audit("--output junt:@a");
    assert_eq!(ended.status, 2);
    assert!(ended.errors.contains("\"junt\" is not a format; write one of junit, sarif"), "{}", ended.errors);
}

#[test]
fn lines_that_end_as_on_windows_are_drawn_as_others() {
    let main = "fn main() {\n    let rows = std::fs::read_to_string(\n        \"rows.txt\",\n    ).unwrap_or_default();\n    \
                if std::env::args().len() > 1 {\n        println!(\"{rows}\");\n    }\n}\n";
    let crates = Crates::package("lines", main);
    let expected = crates.audit("");
    assert!(expected.output.contains("3 | |         \"rows.txt\","), "{}", expected.output);
    crates.put("src/main.rs", main.replace('\n', "\r\n"));
    assert_eq!(crates.audit("").output, expected.output);
}
