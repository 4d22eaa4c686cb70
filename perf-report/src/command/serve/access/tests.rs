use hyper::header::HeaderValue;

use super::*;

fn headers(host: &str, authorization: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host).unwrap());
    if let Some(text) = authorization {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(text).unwrap());
    }
    headers
}

#[test]
fn on_loopback_only_its_names_are_answered() {
    let access = Access { token: None, loopback: true };
    for host in ["localhost", "LOCALHOST:9464", "127.0.0.1:9464", "127.9.9.9", "[::1]:9464", "[::1]"] {
        assert_eq!(access.check(&headers(host, None)), Ok(()), "{host}");
    }
    for host in
        ["evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "", ":", "192.168.0.1", "[::2]:1"]
    {
        assert_eq!(access.check(&headers(host, None)), Err(Refusal::Host), "{host}");
    }
    assert_eq!(access.check(&HeaderMap::new()), Err(Refusal::Host));
}

#[test]
fn the_token_is_shown_as_a_bearer_or_as_a_password() {
    let access = Access { token: Some(Token("0123456789abcdef".into())), loopback: false };
    let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
    for right in ["Bearer 0123456789abcdef".to_owned(), "bearer  0123456789abcdef".into(), basic("me:0123456789abcdef")]
    {
        assert_eq!(access.check(&headers("perf.example", Some(&right))), Ok(()), "{right}");
    }
    let wrong =
        ["Bearer 0123456789abcdeX", "Bearer 0123456789abcde", "Bearer", "Bearer ", "0123456789abcdef", "Basic !!"];
    for wrong in wrong.map(str::to_owned).into_iter().chain([basic("0123456789abcdef"), basic("me:0123456789abcdef ")])
    {
        assert_eq!(access.check(&headers("perf.example", Some(&wrong))), Err(Refusal::Token), "{wrong}");
    }
    assert_eq!(access.check(&headers("perf.example", None)), Err(Refusal::Token));
}

#[cfg(unix)]
#[test]
fn a_token_that_others_may_read_is_none() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let read = |text: &str, mode: u32| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let name = format!("{}/", folder.path().display());
        Token::read(&path).map(|token| token.0).map_err(|error| error.to_string().replace(&name, "@"))
    };
    assert_eq!(read("0123456789abcdef\n", 0o600).as_deref(), Ok("0123456789abcdef"));
    assert_eq!(read("0123456789abcdef\n", 0o400).as_deref(), Ok("0123456789abcdef"));
    insta::assert_snapshot!(
        [
            read("0123456789abcdef", 0o640),
            read("0123456789abcdef", 0o602),
            read("short", 0o600),
            read("0123456789 abcdef", 0o600),
            read(&"x".repeat(5_000), 0o600),
        ]
        .map(Result::unwrap_err)
        .join("\n")
    );
}
