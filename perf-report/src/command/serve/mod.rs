//! `serve`: recordings as metrics, JSON and a page, over HTTP.
//!
//! The measured processes know nothing of it: it reads their recordings as any other command does. [`recordings`] finds and reads
//! them (each one [`follow`]ed, its sums kept [`steady`]); [`server`] takes connections, [`access`] says who may ask, [`answers`]
//! which path gives what; [`push`] sends the same metrics to a collector.

mod access;
mod answers;
mod api;
mod follow;
mod format;
mod last_minute;
mod page;
mod push;
mod query;
mod recordings;
mod server;
mod steady;

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

pub(crate) use access::Token;
pub(crate) use recordings::Recordings;

use super::{
    Outcome, Streams,
    client::{Client, Url},
};
use crate::{quantity, view::metrics::FUNCTION_LIMIT};
use access::Access;
use server::Service;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report serve app.perfrec                                  http://127.0.0.1:9464 for this machine
  cargo perf-report serve /var/lib/recordings                          all recordings of a folder, as they come and go
  cargo perf-report serve 4242 --otlp http://collector:4318            also to a collector of OpenTelemetry
  cargo perf-report serve app.perfrec --listen 0.0.0.0:9464 --token-file token

/metrics is for Prometheus (text, OpenMetrics, and native histograms if it asks for them), / is a page, /api/recordings, \
/api/snapshot, /api/top and /api/stacks are JSON, /healthz says that it runs. It only reads. A process that was killed keeps its last \
figures.

Exit status: 0 it was ended by SIGINT or SIGTERM; 2 it could not begin, or the arguments are wrong.")]
pub(super) struct ServeArgs {
    /// Recordings, folders of them, or process ids; ./1234 is a file
    #[arg(value_name = "PATH|DIR|PID", default_value = ".")]
    places: Vec<PathBuf>,
    /// Address and port to listen to; any but a loopback address needs --token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    listen: String,
    /// File with a secret that every request must show; nobody else may be allowed to read the file
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Also send metrics to this collector of OpenTelemetry (OTLP over HTTP)
    #[arg(long, value_name = "URL", value_parser = collector)]
    otlp: Option<Url>,
    /// Time between two such requests
    #[arg(long, value_name = "DURATION", default_value = "10s", requires = "otlp", value_parser = interval)]
    every: Duration,
    /// Functions to show one by one, over all processes; the others are added up as (other)
    #[arg(long, value_name = "NUMBER", default_value_t = FUNCTION_LIMIT, value_parser = functions)]
    functions: usize,
}

/// Reads the URL of a collector.
fn collector(text: &str) -> Result<Url, String> {
    Url::read(text, 4318).map(|url| push::endpoint(&url))
}

/// Reads a number of functions.
fn functions(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("0 would show no function by its name; write 1 or more".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("write a whole number above 0".into()),
    }
}

/// Reads the time between two requests.
fn interval(text: &str) -> Result<Duration, String> {
    match quantity::duration(text).map_err(|error| error.to_string())? {
        duration if duration < Duration::from_millis(100) => Err("too short; write 100ms or more".into()),
        duration if duration > Duration::from_secs(86_400) => Err("too long; write 24h or less".into()),
        duration => Ok(duration),
    }
}

/// Serves until a signal ends it.
pub(super) fn run(args: &ServeArgs, streams: &mut Streams<'_>) -> Outcome {
    match begin(args) {
        Ok(begun) => {
            let address = begun.address;
            let _ = writeln!(streams.errors, "serving http://{address}/ and http://{address}/metrics");
            serve(args, begun, streams)
        }
        Err(message) => {
            streams.error(message);
            Outcome::Failed
        }
    }
}

/// Everything that can go wrong has gone well.
struct Begun {
    address: SocketAddr,
    listener: std::net::TcpListener,
    access: Access,
    recordings: Recordings,
    client: Option<Client>,
    end: End,
}

fn begin(args: &ServeArgs) -> Result<Begun, String> {
    let address = address(&args.listen)?;
    let token = args.token_file.as_deref().map(Token::read).transpose().map_err(|error| error.to_string())?;
    let loopback = address.ip().is_loopback();
    if !loopback && token.is_none() {
        return Err(format!(
            "{address} can be reached from other machines, so it needs a token: `openssl rand -hex 32 > token && chmod 600 token`, \
             then --token-file token"
        ));
    }
    let mut recordings = Recordings::new(&args.places, args.functions);
    recordings.refresh();
    if let Some(problem) = recordings.missing_process() {
        return Err(problem.to_owned());
    }
    let client = args.otlp.as_ref().map(|_| Client::new(push::ANSWER, None)).transpose();
    let client = client.map_err(|error| format!("no client for OTLP: {error}"))?;
    let listener = server::listen(address).map_err(|error| format!("{address}: cannot listen: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("{address}: cannot listen: {error}"))?;
    let end = End::watch().map_err(|error| format!("signals cannot be watched: {error}"))?;
    Ok(Begun { address, listener, access: Access { token, loopback }, recordings, client, end })
}

/// The address to listen to; a name is that of the first address that it has.
fn address(text: &str) -> Result<SocketAddr, String> {
    let wrong = |why: &dyn std::fmt::Display| {
        format!("--listen {}: {why}; write ADDRESS:PORT, such as 127.0.0.1:9464 or [::1]:9464", text.escape_debug())
    };
    if let Some(port) = text.strip_prefix(':') {
        return Err(wrong(&format_args!(
            "the address is missing; 127.0.0.1:{} is this machine alone",
            port.escape_debug()
        )));
    }
    let mut found = text.to_socket_addrs().map_err(|error| wrong(&error))?;
    found.next().ok_or_else(|| wrong(&"no address has this name"))
}

fn serve(args: &ServeArgs, begun: Begun, streams: &mut Streams<'_>) -> Outcome {
    let Begun { listener, access, recordings, client, end, .. } = begun;
    let (news, told) = mpsc::channel();
    let service = Arc::new(Service::new(recordings, access, news.clone()));
    service.tell();
    let pusher = client.zip(args.otlp.clone()).map(|(client, url)| {
        let (service, news, every) = (Arc::clone(&service), news.clone(), args.every);
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || push::run(&service, &client, &url, every, &stopped, &news));
        (stop, thread)
    });
    let server = thread::spawn(move || serve_here(listener, &service, end));
    drop(news);
    // Messages come from other threads; the stream belongs to this one. When those threads are gone, so is the other end.
    let mut pusher = pusher;
    loop {
        match told.recv_timeout(Duration::from_millis(100)) {
            Ok(message) => streams.warning(message),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) if server.is_finished() => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    }
    // It is not waited for: it may be waiting for a collector, and whatever it sends is sent again by the next one.
    drop(pusher.take());
    match server.join() {
        Ok(Ok(())) => Outcome::Complete,
        Ok(Err(error)) => {
            streams.error(format_args!("the server stopped: {error}"));
            Outcome::Failed
        }
        Err(_) => {
            streams.error("the server stopped, which is a fault of this command");
            Outcome::Failed
        }
    }
}

fn serve_here(listener: std::net::TcpListener, service: &Arc<Service>, end: End) -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(2).build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        server::run(listener, Arc::clone(service), end.ready()).await;
        Ok(())
    })
}

/// The signal that ends the command.
struct End {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

#[cfg(unix)]
impl End {
    fn watch() -> io::Result<End> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).map(|signals| End { signals })
    }

    async fn ready(mut self) {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        thread::spawn(move || {
            self.signals.forever().next();
            let _ = sender.send(());
        });
        // A thread that is gone without a signal must not end the command.
        if receiver.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
impl End {
    fn watch() -> io::Result<End> {
        Ok(End {})
    }

    async fn ready(self) {
        std::future::pending::<()>().await;
    }
}
