//! A proxy on this machine that lets some requests go wrong.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use crate::server::server;

/// A request as the proxy sees it.
pub struct Seen {
    /// From 1.
    pub number: u64,
    pub method: String,
}

/// What becomes of a request.
#[derive(Clone)]
pub enum Fate {
    Pass,
    /// The connection is cut before the server sees it.
    Cut,
    /// The server does it, and nobody hears of it.
    LoseAnswer,
    Slow(Duration),
    /// An answer that the server never gave.
    Answer(u16, String),
    /// The server is not told of the condition.
    Unconditional,
}

type Decide = dyn Fn(&Seen) -> Fate + Send + Sync;

/// Between the program and the server.
pub struct Proxy {
    pub port: u16,
    count: Arc<AtomicU64>,
    decide: Arc<Mutex<Arc<Decide>>>,
}

impl Proxy {
    pub fn start(decide: impl Fn(&Seen) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicU64::new(0));
        let decide: Arc<Mutex<Arc<Decide>>> = Arc::new(Mutex::new(Arc::new(decide)));
        let (counting, deciding) = (count.clone(), decide.clone());
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counting, deciding) = (counting.clone(), deciding.clone());
                spawn(move || {
                    let _ = serve(&stream, &counting, &deciding);
                });
            }
        });
        Self { port, count, decide }
    }

    /// How many requests came.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Counts from 0 again, with other fates.
    pub fn decide(&self, decide: impl Fn(&Seen) -> Fate + Send + Sync + 'static) {
        *self.decide.lock().unwrap() = Arc::new(decide);
        self.count.store(0, Ordering::SeqCst);
    }
}

struct Message {
    first: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn serve(stream: &TcpStream, count: &AtomicU64, decide: &Mutex<Arc<Decide>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read(&mut reader, false)? {
        let method = request.first.split(' ').next().unwrap_or_default().to_owned();
        let seen = Seen { number: count.fetch_add(1, Ordering::SeqCst) + 1, method };
        let decide = decide.lock().unwrap().clone();
        match decide(&seen) {
            Fate::Cut => return stream.shutdown(std::net::Shutdown::Both),
            Fate::LoseAnswer => {
                forward(&request, true)?;
                return stream.shutdown(std::net::Shutdown::Both);
            }
            Fate::Slow(wait) => {
                sleep(wait);
                answer(stream, &forward(&request, true)?)?;
            }
            Fate::Answer(status, body) => {
                let first = format!("HTTP/1.1 {status} Told");
                let headers = vec![("Content-Type".to_owned(), "application/xml".to_owned())];
                answer(stream, &Message { first, headers, body: body.into_bytes() })?;
            }
            Fate::Unconditional => answer(stream, &forward(&request, false)?)?,
            Fate::Pass => answer(stream, &forward(&request, true)?)?,
        }
    }
    Ok(())
}

fn forward(request: &Message, with_conditions: bool) -> io::Result<Message> {
    let mut server = TcpStream::connect(("127.0.0.1", server().port))?;
    let mut text = format!("{}\r\n", request.first);
    for (name, value) in &request.headers {
        let is_condition = ["if-match", "if-none-match"].contains(&name.to_lowercase().as_str());
        let is_ours = ["content-length", "transfer-encoding", "connection", "expect"]
            .contains(&name.to_lowercase().as_str());
        if !is_ours && (with_conditions || !is_condition) {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
    }
    write!(text, "Content-Length: {}\r\nConnection: close\r\n\r\n", request.body.len()).unwrap();
    server.write_all(text.as_bytes())?;
    server.write_all(&request.body)?;
    let is_head = request.first.starts_with("HEAD ");
    let answer = read(&mut BufReader::new(server), is_head)?;
    answer.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
}

fn answer(mut stream: &TcpStream, message: &Message) -> io::Result<()> {
    let mut text = format!("{}\r\n", message.first);
    let length =
        message.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    for (name, value) in &message.headers {
        let lower = name.to_lowercase();
        if !["content-length", "transfer-encoding", "connection"].contains(&lower.as_str()) {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
    }
    // That of an answer to HEAD tells of a body that does not come.
    let length = match length {
        Some((_, told)) if message.body.is_empty() => told.clone(),
        _ => message.body.len().to_string(),
    };
    write!(text, "Content-Length: {length}\r\n\r\n").unwrap();
    stream.write_all(text.as_bytes())?;
    stream.write_all(&message.body)
}

/// A request or an answer; none where the other side is done.
fn read(reader: &mut impl BufRead, is_bodiless: bool) -> io::Result<Option<Message>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let header = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let mut body = Vec::new();
    if let Some(length) = header("content-length").filter(|_| !is_bodiless) {
        reader.take(length.parse().unwrap()).read_to_end(&mut body)?;
    } else if header("transfer-encoding").is_some_and(|how| how.contains("chunked")) && !is_bodiless
    {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim(), 16).unwrap_or(0);
            reader.by_ref().take(size).read_to_end(&mut body)?;
            reader.read_line(&mut String::new())?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(Some(Message { first: first.trim_end().to_owned(), headers, body }))
}
