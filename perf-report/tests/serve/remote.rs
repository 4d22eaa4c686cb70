//! `top` of a process that a server tells of.

use std::os::unix::fs::PermissionsExt;

use perf_report::command::Outcome;

use super::{Folder, program, running, server::Server};

#[test]
fn top_shows_what_a_server_tells() {
    let folder = Folder::new();
    let _process = running(&folder, "app.perfrec", &program(1_000));
    folder.put("token", "0123456789abcdef");
    std::fs::set_permissions(folder.path("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let server = Server::start(&folder, &["--token-file", "token"]);
    let url = format!("http://{}", server.address);
    let (outcome, output, errors) = folder.run(&format!("top {url} --token-file @token --batch -n 2 -i 10ms"));
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("wordcount · running · pid 4242") && output.contains("app::work"), "{output}");
    let (outcome, _, errors) = folder.run(&format!("top {url} --batch -n 1"));
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("401 Unauthorized: the token is missing or wrong"), "{errors}");
    let (outcome, _, errors) = folder.run(&format!("top {url}/?recording=other --token-file @token --batch -n 1"));
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains(r#"there is no recording "other"; there is app.perfrec"#), "{errors}");
    let port = server.port();
    drop(server);
    let (outcome, _, errors) = folder.run(&format!("top http://127.0.0.1:{port} --batch -n 1"));
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("no connection"), "{errors}");
}
