//! Who may ask: whoever is on this machine, or has the token.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HOST},
};
use subtle::ConstantTimeEq;

/// The fewest characters of a token. A program that guesses could find a shorter one.
const SHORTEST: usize = 16;

/// The most bytes of the file with the token.
const LONGEST: u64 = 4_096;

/// A secret that whoever asks must know.
#[derive(Clone)]
pub(crate) struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(...)")
    }
}

/// Why a file holds no token.
#[derive(Debug)]
pub(crate) enum TokenError {
    Unreadable(PathBuf, io::Error),
    /// Others may read the file; its permissions.
    Open(PathBuf, u32),
    Short(PathBuf),
    Characters(PathBuf),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| path.display().to_string().escape_debug().to_string();
        match self {
            TokenError::Unreadable(path, error) => write!(f, "{}: cannot be read: {error}", shown(path)),
            TokenError::Open(path, mode) => write!(
                f,
                "{}: others may read or write this token (mode {mode:04o}); run `chmod 600` on it",
                shown(path)
            ),
            TokenError::Short(path) => write!(
                f,
                "{}: a token has {SHORTEST} characters or more; write one with `openssl rand -hex 32`",
                shown(path)
            ),
            TokenError::Characters(path) => write!(
                f,
                "{}: a token is one line of at most {LONGEST} letters, digits and signs, without spaces",
                shown(path)
            ),
        }
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TokenError::Unreadable(_, error) => Some(error),
            _ => None,
        }
    }
}

impl Token {
    /// Reads a token from a file that nobody else may read.
    ///
    /// # Errors
    /// If the file cannot be read, others may read it, or it holds no token.
    pub(crate) fn read(path: &Path) -> Result<Token, TokenError> {
        let unreadable = |error| TokenError::Unreadable(path.to_owned(), error);
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(unreadable(io::Error::other("it is not a regular file")));
        }
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
            if mode & 0o077 != 0 {
                return Err(TokenError::Open(path.to_owned(), mode));
            }
        }
        let mut text = String::new();
        file.take(LONGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
        let token = text.trim();
        match token.len() {
            length if length < SHORTEST => Err(TokenError::Short(path.to_owned())),
            _ if text.len() as u64 > LONGEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(TokenError::Characters(path.to_owned()))
            }
            _ => Ok(Token(token.to_owned())),
        }
    }

    /// The header of a request that shows it.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether a text is the token. The time that it takes tells nothing but the token's length.
    fn is(&self, text: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(text).into()
    }

    /// Whether a request shows it: as a bearer, or as the password of any user, which is how a browser asks for it.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let Some(shown) = headers.get(AUTHORIZATION).map(|header| header.as_bytes()) else { return false };
        let Some(space) = shown.iter().position(|&byte| byte == b' ') else { return false };
        let (scheme, rest) = (&shown[..space], shown[space..].trim_ascii());
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.is(rest);
        }
        let Some(pair) = BASE64_STANDARD.decode(rest).ok().filter(|_| scheme.eq_ignore_ascii_case(b"basic")) else {
            return false;
        };
        pair.iter().position(|&byte| byte == b':').is_some_and(|colon| self.is(&pair[colon + 1..]))
    }
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The name of the host is not one of this machine's.
    Host,
    /// The token is wrong or missing.
    Token,
}

/// The rule.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) token: Option<Token>,
    /// Whether it listens to this machine alone.
    pub(super) loopback: bool,
}

impl Access {
    /// Whether a request may be answered.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        // A page of a foreign site can have its name resolved to this machine and then read our answers as its own. A request
        // that it causes names its host.
        if self.loopback && !headers.get(HOST).is_some_and(|host| is_this_machine(host.as_bytes())) {
            return Err(Refusal::Host);
        }
        match &self.token {
            Some(token) if !token.is_in(headers) => Err(Refusal::Token),
            _ => Ok(()),
        }
    }
}

/// Whether an authority is a name of the loopback interface, with any port.
fn is_this_machine(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    if host.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback()) {
        return true;
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(':') => name,
        _ => host,
    };
    let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests;
