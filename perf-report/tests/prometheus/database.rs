//! A Prometheus of our own: its configuration, its data and its port are gone with it.

use std::process::{Child, Stdio};

use perf_test_support::wait;
use serde_json::Value;

use super::Folder;

pub(crate) struct Database {
    child: Child,
    agent: ureq::Agent,
    url: String,
}

impl Database {
    /// One that scrapes a port of this machine, with native histograms or without.
    pub(crate) fn start(folder: &Folder, target: u16, native: bool) -> Database {
        let configuration = format!(
            "global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}\n\
             scrape_configs: [{{job_name: perf, static_configs: [{{targets: [\"127.0.0.1:{target}\"]}}]}}]\n"
        );
        folder.put("prometheus.yml", configuration);
        // It does not say which port it took when it may take any.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = perf_test_support::command("prometheus");
        command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error"]);
        command.arg(format!("--web.listen-address=127.0.0.1:{port}")).current_dir(folder.path(""));
        if native {
            command.arg("--enable-feature=native-histograms");
        }
        let child = command.stdin(Stdio::null()).spawn().expect("`.ci/prometheus` installs it");
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let database = Database { child, agent: config.into(), url: format!("http://127.0.0.1:{port}") };
        let ready = format!("{}/-/ready", database.url);
        wait::until("it is ready", || database.agent.get(&ready).call().is_ok_and(|answer| answer.status() == 200));
        database
    }

    /// The values of a query at this moment, one per series.
    pub(crate) fn query(&self, query: &str) -> Vec<f64> {
        let url = format!("{}/api/v1/query", self.url);
        let mut answer = self.agent.get(url).query("query", query).call().unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let series = answer["data"]["result"].as_array().unwrap().iter();
        // A native histogram has no single value; that there is one is all that is asked.
        series.map(|series| series["value"].get(1).map_or(f64::NAN, number)).collect()
    }

    /// The value of the only series of a query.
    pub(crate) fn one(&self, query: &str) -> f64 {
        match self.query(query).as_slice() {
            [value] => *value,
            values => panic!("{query}: {values:?}"),
        }
    }

    /// Waits until the only series of a query has the right value.
    pub(crate) fn until(&self, condition: &str, query: &str, right: impl Fn(f64) -> bool) {
        wait::until(condition, || matches!(self.query(query).as_slice(), [value] if right(*value)));
    }
}

/// A number, or its text.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{value} is not a number"))
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
