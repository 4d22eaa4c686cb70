//! The parser, as a macro over the attribute that every function gets. It looks at one byte at a time through small
//! functions, so that hardly anything but calls happens: the worst case for whatever is done per call.

/// A value that a text holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Why a text is no JSON, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub at: usize,
    pub expected: &'static str,
}

macro_rules! parser {
    ($attribute:meta) => {
        use $crate::parser::{Malformed, Value};

        /// Reads one value, and nothing after it.
        #[$attribute]
        pub fn parse(text: &str) -> Result<Value, Malformed> {
            let mut parser = Parser { bytes: text.as_bytes(), at: 0 };
            let value = parser.value()?;
            parser.space();
            if parser.peek().is_some() { Err(parser.malformed("the end")) } else { Ok(value) }
        }

        struct Parser<'a> {
            bytes: &'a [u8],
            at: usize,
        }

        impl Parser<'_> {
            #[$attribute]
            fn peek(&self) -> Option<u8> {
                self.bytes.get(self.at).copied()
            }

            #[$attribute]
            fn next(&mut self) -> Option<u8> {
                let byte = self.peek()?;
                self.at += 1;
                Some(byte)
            }

            #[$attribute]
            fn eat(&mut self, byte: u8) -> bool {
                let found = self.peek() == Some(byte);
                if found {
                    self.at += 1;
                }
                found
            }

            #[$attribute]
            fn space(&mut self) {
                while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
                    self.at += 1;
                }
            }

            #[$attribute]
            fn malformed(&self, expected: &'static str) -> Malformed {
                Malformed { at: self.at, expected }
            }

            #[$attribute]
            fn value(&mut self) -> Result<Value, Malformed> {
                self.space();
                match self.peek() {
                    Some(b'n') => self.word(b"null", Value::Null),
                    Some(b't') => self.word(b"true", Value::Bool(true)),
                    Some(b'f') => self.word(b"false", Value::Bool(false)),
                    Some(b'"') => self.text().map(Value::Text),
                    Some(b'[') => self.list(),
                    Some(b'{') => self.object(),
                    Some(b'-' | b'0'..=b'9') => self.number(),
                    _ => Err(self.malformed("a value")),
                }
            }

            #[$attribute]
            fn word(&mut self, word: &[u8], value: Value) -> Result<Value, Malformed> {
                for byte in word {
                    if !self.eat(*byte) {
                        return Err(self.malformed("null, true or false"));
                    }
                }
                Ok(value)
            }

            #[$attribute]
            fn list(&mut self) -> Result<Value, Malformed> {
                self.at += 1;
                let mut values = Vec::new();
                self.space();
                if self.eat(b']') {
                    return Ok(Value::List(values));
                }
                loop {
                    values.push(self.value()?);
                    self.space();
                    if self.eat(b']') {
                        return Ok(Value::List(values));
                    }
                    if !self.eat(b',') {
                        return Err(self.malformed("a comma or ]"));
                    }
                }
            }

            #[$attribute]
            fn object(&mut self) -> Result<Value, Malformed> {
                self.at += 1;
                let mut fields = Vec::new();
                self.space();
                if self.eat(b'}') {
                    return Ok(Value::Object(fields));
                }
                loop {
                    self.space();
                    let name = self.text()?;
                    self.space();
                    if !self.eat(b':') {
                        return Err(self.malformed("a colon"));
                    }
                    fields.push((name, self.value()?));
                    self.space();
                    if self.eat(b'}') {
                        return Ok(Value::Object(fields));
                    }
                    if !self.eat(b',') {
                        return Err(self.malformed("a comma or }"));
                    }
                }
            }

            #[$attribute]
            fn text(&mut self) -> Result<String, Malformed> {
                if !self.eat(b'"') {
                    return Err(self.malformed("a text"));
                }
                let mut bytes = Vec::new();
                loop {
                    match self.next() {
                        Some(b'"') => return String::from_utf8(bytes).map_err(|_| self.malformed("UTF-8")),
                        Some(b'\\') => self.escape(&mut bytes)?,
                        Some(byte @ 0x20..) => bytes.push(byte),
                        _ => return Err(self.malformed("the rest of the text")),
                    }
                }
            }

            #[$attribute]
            fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Malformed> {
                let byte = match self.next() {
                    Some(byte @ (b'"' | b'\\' | b'/')) => byte,
                    Some(b'n') => b'\n',
                    Some(b't') => b'\t',
                    Some(b'r') => b'\r',
                    Some(b'b') => 8,
                    Some(b'f') => 12,
                    Some(b'u') => {
                        let code = (0..4).try_fold(0, |code, _| Ok(code * 16 + self.hex_digit()?))?;
                        let letter = char::from_u32(code).ok_or_else(|| self.malformed("a letter's code"))?;
                        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                        return Ok(());
                    }
                    _ => return Err(self.malformed("an escape")),
                };
                bytes.push(byte);
                Ok(())
            }

            #[$attribute]
            fn hex_digit(&mut self) -> Result<u32, Malformed> {
                let digit = self.next().and_then(|byte| char::from(byte).to_digit(16));
                digit.ok_or_else(|| self.malformed("a hexadecimal digit"))
            }

            #[$attribute]
            fn digits(&mut self) -> Result<(), Malformed> {
                if !matches!(self.peek(), Some(b'0'..=b'9')) {
                    return Err(self.malformed("a digit"));
                }
                while matches!(self.peek(), Some(b'0'..=b'9')) {
                    self.at += 1;
                }
                Ok(())
            }

            #[$attribute]
            fn number(&mut self) -> Result<Value, Malformed> {
                let start = self.at;
                self.eat(b'-');
                self.digits()?;
                if self.eat(b'.') {
                    self.digits()?;
                }
                if self.eat(b'e') || self.eat(b'E') {
                    let _sign = self.eat(b'-') || self.eat(b'+');
                    self.digits()?;
                }
                let text = std::str::from_utf8(&self.bytes[start..self.at]).map_err(|_| self.malformed("UTF-8"))?;
                text.parse().map(Value::Number).map_err(|_| self.malformed("a number"))
            }
        }
    };
}
