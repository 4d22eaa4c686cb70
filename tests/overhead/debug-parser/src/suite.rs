//! The test suite of the parser: every kind of value, every way to be malformed, and a text of some size.

use std::fmt::Write;

use crate::parser::{Malformed, Value};

/// Texts, and what a parser must make of them.
pub struct Suite {
    good: Vec<(String, Value)>,
    bad: Vec<(&'static str, Malformed)>,
}

type Parse = fn(&str) -> Result<Value, Malformed>;

impl Suite {
    /// Sets the texts up, so that running the suite is parsing alone.
    pub fn new() -> Self {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut good = vec![
            ("null".to_owned(), Value::Null),
            (" true ".to_owned(), Value::Bool(true)),
            ("false".to_owned(), Value::Bool(false)),
            ("-12.5e-1".to_owned(), Value::Number(-1.25)),
            ("\"\"".to_owned(), text("")),
            (r#""a\"\\\/\n\t\r\b\f\u00e9""#.to_owned(), text("a\"\\/\n\t\r\u{8}\u{c}é")),
            ("[]".to_owned(), Value::List(vec![])),
            ("{}".to_owned(), Value::Object(vec![])),
            ("[1, [2], {\"a\": null}]".to_owned(), {
                let object = Value::Object(vec![("a".to_owned(), Value::Null)]);
                Value::List(vec![Value::Number(1.0), Value::List(vec![Value::Number(2.0)]), object])
            }),
        ];
        good.push(large());
        let bad = [
            ("", 0, "a value"),
            ("nul", 3, "null, true or false"),
            ("1 2", 2, "the end"),
            ("-", 1, "a digit"),
            ("1.", 2, "a digit"),
            ("\"", 1, "the rest of the text"),
            ("\"\\x\"", 3, "an escape"),
            ("\"\\u12g4\"", 6, "a hexadecimal digit"),
            ("\"\\ud800\"", 7, "a letter's code"),
            ("[1", 2, "a comma or ]"),
            ("[1,]", 3, "a value"),
            ("{\"a\" 1}", 5, "a colon"),
            ("{1: 2}", 1, "a text"),
            ("{\"a\": 1", 7, "a comma or }"),
        ];
        Suite { good, bad: bad.map(|(text, at, expected)| (text, Malformed { at, expected })).into() }
    }

    /// Parses every text.
    ///
    /// # Panics
    ///
    /// When the parser makes something else of a text.
    pub fn run(&self, parse: Parse) {
        for (text, value) in &self.good {
            assert_eq!(parse(text).as_ref(), Ok(value));
        }
        for (text, malformed) in &self.bad {
            assert_eq!(parse(text).as_ref(), Err(malformed), "{text}");
        }
    }
}

/// A list of a thousand objects.
fn large() -> (String, Value) {
    let mut text = String::from("[\n");
    let mut values = Vec::new();
    for id in 0..1000 {
        if id > 0 {
            text.push_str(",\n");
        }
        let name = format!("entry number {id}");
        write!(text, "  {{\"id\": {id}, \"name\": \"{name}\", \"even\": {}, \"tags\": [\"a\", \"b\"]}}", id % 2 == 0)
            .expect("a String takes everything");
        values.push(Value::Object(vec![
            ("id".to_owned(), Value::Number(f64::from(id))),
            ("name".to_owned(), Value::Text(name)),
            ("even".to_owned(), Value::Bool(id % 2 == 0)),
            ("tags".to_owned(), Value::List(vec![Value::Text("a".to_owned()), Value::Text("b".to_owned())])),
        ]));
    }
    text.push_str("\n]");
    (text, Value::List(values))
}

#[cfg(test)]
mod tests {
    use super::Suite;

    #[test]
    fn both_parsers_pass() {
        let suite = Suite::new();
        suite.run(crate::plain::parse);
        suite.run(crate::annotated::parse);
    }
}
