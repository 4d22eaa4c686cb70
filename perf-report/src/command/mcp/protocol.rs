//! The messages: JSON-RPC 2.0, and of the Model Context Protocol the parts that a server of tools needs.

use serde_json::{Map, Value, json};

use super::tools;

/// The versions of the protocol that are spoken, the newest first. They do not differ in what is used here.
const VERSIONS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];

/// Numbers of errors that JSON-RPC gives.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;

/// Said first to somebody who has never seen a recording.
const INSTRUCTIONS: &str = "Exact counts and durations of annotated functions of running, ended and killed programs. Begin with \
    `functions`, which says where the time goes; `explain` one of them next. Shares say how sure they are. Durations marked ~ are estimates.";

/// An answer to a message.
#[derive(Debug)]
pub(super) struct Reply {
    id: Value,
    result: Result<Value, (i32, String)>,
}

impl Reply {
    /// To a message that was not read to its end.
    pub(super) fn too_long() -> Reply {
        Reply { id: Value::Null, result: Err((INVALID_REQUEST, "a message has at most a mebibyte".into())) }
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.result {
            Ok(result) => json!({"jsonrpc": "2.0", "id": self.id, "result": result}),
            Err((code, message)) => {
                json!({"jsonrpc": "2.0", "id": self.id, "error": {"code": code, "message": message}})
            }
        }
    }
}

/// The function that uses a tool: it gets the name and arguments. An error is for the assistant to read.
pub(super) type Call<'a> = dyn FnMut(&str, &Map<String, Value>) -> Result<String, String> + 'a;

/// The answer to a line; `None` to a notification and to an empty line.
pub(super) fn reply(line: &[u8], call: &mut Call<'_>) -> Option<Reply> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    let error = |id, code, message: String| Some(Reply { id, result: Err((code, message)) });
    let message = match serde_json::from_slice::<Value>(line) {
        Ok(message) => message,
        Err(wrong) => return error(Value::Null, PARSE_ERROR, format!("not JSON: {wrong}")),
    };
    let id = message.get("id").cloned();
    let (Some("2.0"), Some(method)) = (message["jsonrpc"].as_str(), message["method"].as_str()) else {
        // An answer to a question that was never asked is none of ours.
        let is_answer = message.get("result").is_some() || message.get("error").is_some();
        return if is_answer {
            None
        } else {
            error(id.unwrap_or(Value::Null), INVALID_REQUEST, "not a request of JSON-RPC 2.0".into())
        };
    };
    let id = id?;
    if !(id.is_string() || id.is_number()) {
        return error(Value::Null, INVALID_REQUEST, "an id is a text or a number".into());
    }
    let result = answer(method, message.get("params").unwrap_or(&Value::Null), call);
    Some(Reply { id, result })
}

fn answer(method: &str, parameters: &Value, call: &mut Call<'_>) -> Result<Value, (i32, String)> {
    match method {
        "initialize" => {
            let asked = parameters["protocolVersion"].as_str();
            let version = VERSIONS.into_iter().find(|&version| asked == Some(version)).unwrap_or(VERSIONS[0]);
            Ok(json!({
                "protocolVersion": version,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "perf-report", "version": env!("CARGO_PKG_VERSION")},
                "instructions": INSTRUCTIONS,
            }))
        }
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({"tools": tools::list()})),
        "tools/call" => {
            let name = parameters["name"].as_str();
            let name = name.filter(|name| tools::list().iter().any(|tool| tool["name"] == *name));
            let name = name.ok_or_else(|| (INVALID_PARAMS, format!("there is no tool {}", parameters["name"])))?;
            let empty = Map::new();
            let arguments = match parameters.get("arguments") {
                None | Some(Value::Null) => &empty,
                Some(Value::Object(arguments)) => arguments,
                Some(_) => return Err((INVALID_PARAMS, "arguments are an object".into())),
            };
            let (text, failed) = match call(name, arguments) {
                Ok(text) => (text, false),
                Err(text) => (text, true),
            };
            Ok(json!({"content": [{"type": "text", "text": text}], "isError": failed}))
        }
        _ => Err((METHOD_NOT_FOUND, format!("there is no method {method:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Option<Value> {
        reply(line.as_bytes(), &mut |name, arguments| match arguments.len() {
            0 => Ok(format!("{name} answers")),
            _ => Err("no".into()),
        })
        .map(|reply| reply.to_json())
    }

    #[test]
    fn requests_are_answered_and_notifications_are_not() {
        let initialise = |version: &str| {
            let line =
                json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": version}});
            ask(&line.to_string()).unwrap()["result"]["protocolVersion"].clone()
        };
        assert_eq!((initialise("2024-11-05"), initialise("1999-01-01")), ("2024-11-05".into(), "2025-06-18".into()));
        assert_eq!(ask(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), None);
        assert_eq!(ask(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#), None);
        assert_eq!(ask("  \n"), None);
        let pong = ask(r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#).unwrap();
        assert_eq!(pong, json!({"jsonrpc": "2.0", "id": "a", "result": {}}));
        let call = |arguments: Value| {
            let parameters = json!({"name": "functions", "arguments": arguments});
            ask(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": parameters}).to_string()).unwrap()
        };
        assert_eq!(call(json!({}))["result"]["content"][0]["text"], "functions answers");
        assert_eq!(call(json!({"a": 1}))["result"]["isError"], true);
    }

    #[test]
    fn what_is_no_request_gets_an_error() {
        for (line, code, id) in [
            ("nonsense", PARSE_ERROR, Value::Null),
            ("\u{0}", PARSE_ERROR, Value::Null),
            ("[]", INVALID_REQUEST, Value::Null),
            ("17", INVALID_REQUEST, Value::Null),
            (r#"{"id":3,"method":"ping"}"#, INVALID_REQUEST, 3.into()),
            (r#"{"jsonrpc":"2.0","id":[],"method":"ping"}"#, INVALID_REQUEST, Value::Null),
            (r#"{"jsonrpc":"2.0","id":3,"method":"resources/list"}"#, METHOD_NOT_FOUND, 3.into()),
            (r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"rm"}}"#, INVALID_PARAMS, 3.into()),
            (
                r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"functions","arguments":[]}}"#,
                INVALID_PARAMS,
                3.into(),
            ),
        ] {
            let answer = ask(line).unwrap();
            assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{line}");
        }
    }
}
