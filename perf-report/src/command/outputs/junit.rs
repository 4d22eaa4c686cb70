//! JUnit XML: a suite per file or program, a case per metric of a function.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Case, Findings, Status};

/// The findings as JUnit XML. A suspicion passes, with its message as the case's output.
pub(super) fn write(findings: &Findings) -> String {
    let mut report = Report::new(format!("perf-report {}", findings.command));
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &findings.cases {
        let place = suites.iter().position(|suite| suite.name.as_str() == case.suite);
        let place = place.unwrap_or_else(|| {
            suites.push(TestSuite::new(case.suite.as_str()));
            suites.len() - 1
        });
        suites[place].add_test_case(test_case(findings, case));
    }
    if !findings.errors.is_empty() {
        let mut suite = TestSuite::new("perf-report");
        for error in &findings.errors {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(error.lines().next().unwrap_or_default());
            status.set_description(error.as_str());
            suite.add_test_case(TestCase::new(format!("perf-report {}", findings.command), status));
        }
        suites.push(suite);
    }
    report.add_test_suites(suites);
    report.to_string().unwrap_or_default()
}

fn test_case(findings: &Findings, case: &Case) -> TestCase {
    let status = match case.status {
        Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(case.message.as_str()).set_type(case.rule);
            if let Some(place) = &case.place {
                status.set_description(format!("{}:{}", place.file, place.line));
            }
            status
        }
        Status::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(case.message.as_str());
            status
        }
        Status::Suspicious | Status::Improved | Status::Passed => TestCaseStatus::success(),
    };
    let mut test = TestCase::new(format!("{} {}", case.function, case.metric), status);
    test.set_classname(if findings.program.is_empty() { "perf" } else { findings.program.as_str() });
    if case.status == Status::Suspicious || case.status == Status::Improved {
        test.set_system_out(case.message.as_str());
    }
    if let Some(place) = &case.place {
        test.extra.insert("file".into(), place.file.as_str().into());
        test.extra.insert("line".into(), place.line.to_string().into());
    }
    test
}
