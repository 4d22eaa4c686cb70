//! The command as a child, and a client that may send whatever it likes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

use perf_test_support::wait::PATIENCE;

use super::Folder;

/// A `serve` that runs, and what it said.
pub(crate) struct Server {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    said: mpsc::Receiver<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    /// Serves with these arguments in a folder, at a port that is free.
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Server {
        let mut command = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
        command.arg("serve").args(arguments).current_dir(folder.path(""));
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, said) = mpsc::channel();
        let errors = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            errors.lines().map_while(Result::ok).take_while(|line| sender.send(line.clone()).is_ok()).for_each(drop);
        });
        let mut server = Server { child, address: String::new(), said };
        let line = server.wait_for("serving ");
        server.address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        server
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Waits until it says a line with this in it.
    pub(crate) fn wait_for(&mut self, part: &str) -> String {
        loop {
            let line = self.said.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("no line with {part:?}: {error}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Lines that it has said since.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.try_iter().collect()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes and reads what comes back until the other side closes.
    pub(crate) fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // It may answer before it has read all, and close.
        let _ = stream.write_all(request);
        read(stream)
    }

    /// Asks for a path, with further lines of headers.
    pub(crate) fn ask(&self, path: &str, headers: &str) -> Answer {
        let host = &self.address;
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n").as_bytes())
    }

    /// The body of an answer that is none but right.
    pub(crate) fn get(&self, path: &str) -> String {
        let answer = self.ask(path, "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }

    /// Asks until the answer is as it should be: figures are a quarter of a second old at most, those of ended ones more.
    pub(crate) fn until(&self, path: &str, condition: &str, mut holds: impl FnMut(&str) -> bool) -> String {
        let mut body = String::new();
        perf_test_support::wait::until(condition, || {
            std::thread::sleep(Duration::from_millis(20));
            body = self.get(path);
            holds(&body)
        });
        body
    }

    /// Ends it by a signal; its exit status.
    pub(crate) fn end(mut self) -> Option<i32> {
        let kill = std::process::Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads an answer up to the end of the connection.
pub(crate) fn read(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that was closed with something unread is reset behind the answer.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
