//! A process on another machine, whose recording a `serve` there reads.

use std::{fmt, io, time::Duration};

use crate::{
    Snapshot, SnapshotError,
    command::{
        client::{Client, ClientError, Url},
        serve::Token,
    },
    recording::Reading,
};

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(20);

/// The usual port of `serve`.
const PORT: u16 = 9464;

/// Where the snapshots of a recording are asked for.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    url: Url,
}

/// Why there is no snapshot.
#[derive(Debug)]
pub(crate) enum RemoteError {
    /// The URL is none.
    Url(String, String),
    /// There is no descriptor left for a connection.
    System(io::Error),
    /// There is no answer, or it is an error.
    Client(Url, ClientError),
    /// The answer is not a snapshot.
    Snapshot(Url, SnapshotError),
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemoteError::Url(text, why) => write!(f, "{}: {why}", text.escape_debug()),
            RemoteError::System(error) => write!(f, "no connection can be made: {error}"),
            RemoteError::Client(url, error) => write!(f, "{url}: {error}"),
            RemoteError::Snapshot(url, error) => write!(f, "{url}: the answer is not a snapshot: {error}"),
        }
    }
}

impl std::error::Error for RemoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RemoteError::Url(..) => None,
            RemoteError::System(error) => Some(error),
            RemoteError::Client(_, error) => Some(error),
            RemoteError::Snapshot(_, error) => Some(error),
        }
    }
}

impl Remote {
    /// The server of a URL, if the text is one.
    pub(crate) fn is_url(text: &str) -> bool {
        text.starts_with("http://") || text.starts_with("https://")
    }

    /// The server of a URL; its query names the recording where it has several.
    ///
    /// # Errors
    /// If the text is not a URL, or the system is out of descriptors.
    pub(crate) fn new(text: &str, token: Option<&Token>) -> Result<Remote, RemoteError> {
        let url = Url::read(text, PORT).map_err(|why| RemoteError::Url(text.to_owned(), why))?;
        let query = url.query().map_or(String::new(), |query| format!("?{query}"));
        let url = url.with_path(format!("{}/api/snapshot{query}", url.path().trim_end_matches('/')));
        let client = Client::new(ANSWER, token.map(Token::header)).map_err(RemoteError::System)?;
        Ok(Remote { client, url })
    }

    /// The snapshot of this moment.
    ///
    /// # Errors
    /// If there is no answer, or it is none.
    pub(crate) fn read(&self) -> Result<Reading, RemoteError> {
        let json = self.client.get(&self.url).map_err(|error| RemoteError::Client(self.url.clone(), error))?;
        let snapshot = Snapshot::from_json(&json).map_err(|error| RemoteError::Snapshot(self.url.clone(), error))?;
        Ok(Reading { snapshot, damages: Vec::new(), further_damages: 0, trace: None, places: Vec::new() })
    }
}
