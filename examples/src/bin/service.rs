//! A service that answers questions about a text over TCP, under load from its own clients, until they have had enough.
//!
//! A question is a line, and so is its answer: `count <word>` is answered by a number, `report` by a study of the whole
//! text, for which there is never enough time: after 50 ms the service gives it up.
//!
//! It opens a session itself, so that its report is printed though nobody asks; `PERF_REPORT` chooses another one, and
//! `PERF_ENABLED=0` none. You will see in it:
//!
//! - async functions show polls and busy time beside calls and total time: `Connection::receive` spends its time waiting
//!   for the other side, `Service::answer` is ready at its first poll but for the one call that waits for a report.
//! - `Service::report` was cancelled: a call that began, was dropped half-way, and is counted as such.
//! - `Service::count` is an ordinary function, called from within a future; its time is part of the future's busy time.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};

use perf_examples::{Prose, words};
use perf_runtime::profile;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};

const CLIENTS: usize = 8;
const QUESTIONS_PER_CLIENT: usize = 250;
const WORDS: usize = 100_000;
const PATIENCE: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() -> io::Result<()> {
    let _session = perf_runtime::session().start();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = Arc::new(Service::read(&Prose::learn(3).page(WORDS)));
    // Every client has one connection; the last is that of the request for a report.
    let serving = tokio::spawn(service.serve(listener, CLIENTS + 1));

    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(ask_for_counts(address, client));
    }
    let counts = clients.join_all().await.into_iter().sum::<io::Result<u64>>()?;
    println!("{} questions, {counts} words counted", CLIENTS * QUESTIONS_PER_CLIENT);

    let mut connection = Connection::open(address).await?;
    println!("report: {}", connection.ask("report").await?);
    drop(connection);

    let answered = serving.await??;
    println!("the service answered {answered} times");
    Ok(())
}

/// One client: goes through the vocabulary and adds up the counts.
#[profile]
async fn ask_for_counts(address: SocketAddr, client: usize) -> io::Result<u64> {
    let vocabulary = Prose::vocabulary();
    let mut connection = Connection::open(address).await?;
    let mut sum = 0;
    for word in vocabulary.iter().cycle().skip(client * QUESTIONS_PER_CLIENT).take(QUESTIONS_PER_CLIENT) {
        let answer = connection.ask(&format!("count {word}")).await?;
        sum += answer.parse::<u64>().map_err(io::Error::other)?;
    }
    Ok(sum)
}

/// Knows how often each word occurs.
struct Service {
    counts: HashMap<String, u64>,
}

impl Service {
    #[profile]
    fn read(text: &str) -> Self {
        let mut counts = HashMap::new();
        for word in words(text) {
            *counts.entry(word).or_default() += 1;
        }
        Service { counts }
    }

    /// Serves as many connections, and says how many questions they had.
    async fn serve(self: Arc<Self>, listener: TcpListener, connections: usize) -> io::Result<u64> {
        let mut open = JoinSet::new();
        for _ in 0..connections {
            let (stream, _) = listener.accept().await?;
            open.spawn(Arc::clone(&self).attend(Connection::over(stream)?));
        }
        open.join_all().await.into_iter().sum()
    }

    /// Answers until the client leaves.
    #[profile]
    async fn attend(self: Arc<Self>, mut connection: Connection) -> io::Result<u64> {
        let mut answered = 0;
        while let Some(question) = connection.receive().await? {
            let answer = self.answer(&question).await;
            connection.send(&answer).await?;
            answered += 1;
        }
        Ok(answered)
    }

    #[profile]
    async fn answer(&self, question: &str) -> String {
        match question.split_once(' ') {
            Some(("count", word)) => self.count(word).to_string(),
            None if question == "report" => {
                time::timeout(PATIENCE, self.report()).await.unwrap_or_else(|_| "took too long".to_owned())
            }
            _ => "ask `count <word>` or `report`".to_owned(),
        }
    }

    #[profile]
    fn count(&self, word: &str) -> u64 {
        self.counts.get(word).copied().unwrap_or(0)
    }

    /// Thinks about every word for a minute.
    #[profile]
    async fn report(&self) -> String {
        for _ in &self.counts {
            time::sleep(Duration::from_secs(60)).await;
        }
        format!("{} words", self.counts.len())
    }
}

/// Lines to and from the other side.
struct Connection {
    stream: BufStream<TcpStream>,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        Connection::over(TcpStream::connect(address).await?)
    }

    fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufStream::new(stream) })
    }

    /// Sends a question and waits for its answer.
    #[profile]
    async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.send(question).await?;
        self.receive().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// The next line, or `None` when the other side has left.
    #[profile]
    async fn receive(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).await?;
        Ok((length > 0).then(|| line.trim_end().to_owned()))
    }

    #[profile]
    async fn send(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\n").as_bytes()).await?;
        self.stream.flush().await
    }
}
