//! Clients of the shop: each sends a request when it has the answer to the one before.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use crate::settings::Route;

/// The responses by their outcome.
#[derive(Default)]
pub(crate) struct Answers {
    good: usize,
    other: usize,
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests answered, {} of them by an error", self.good + self.other, self.other)
    }
}

/// Sends so many requests by so many clients.
pub(crate) fn run(shop: SocketAddr, clients: usize, requests: usize, route: Route) -> io::Result<Answers> {
    let clients = clients.clamp(1, requests.max(1));
    let client = |number: usize| {
        move || -> io::Result<Answers> {
            let mut connection = Connection::open(shop)?;
            let mut answers = Answers::default();
            for request in (number..requests).step_by(clients) {
                match connection.ask(&head(request, route))? {
                    200 => answers.good += 1,
                    _ => answers.other += 1,
                }
            }
            Ok(answers)
        }
    };
    let clients: Vec<_> = (0..clients).map(|number| thread::spawn(client(number))).collect();
    let mut all = Answers::default();
    for client in clients {
        let answers = client.join().map_err(|_| io::Error::other("a client panicked"))??;
        all.good += answers.good;
        all.other += answers.other;
    }
    Ok(all)
}

/// The first line of a request: the same for each number.
fn head(number: usize, route: Route) -> String {
    const TURNS: [Route; 5] = [Route::Products, Route::Customers, Route::Lists, Route::Orders, Route::Payments];
    let (customer, product) = (1 + number % 200, 1 + number * 7 % 400);
    match route {
        Route::Products => format!("GET /products/{product}"),
        Route::Customers => format!("GET /customers/customer{}@example.com", 1 + number * 37 % 50_000),
        Route::Lists => format!("GET /orders/{customer}"),
        Route::Orders => format!("POST /orders/{customer}/{product}"),
        Route::Payments => format!("POST /payments/{}", 1 + number % 4_000),
        Route::All => head(number / TURNS.len(), TURNS[number % TURNS.len()]),
    }
}

struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(shop: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(shop)?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream: BufReader::new(stream) })
    }

    /// Sends a request and reads the answer; its status.
    fn ask(&mut self, head: &str) -> io::Result<u16> {
        let request = format!("{head} HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let bad = || io::Error::other("an answer without a status or a length");
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(bad)?;
        let mut length = None;
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                Some(_) => {}
                None => break,
            }
        }
        let length: u64 = length.ok_or_else(bad)?;
        io::copy(&mut Read::by_ref(&mut self.stream).take(length), &mut io::sink())?;
        Ok(status)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
