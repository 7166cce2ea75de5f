//! The server of the tests, and plain requests to it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use crate::program::root;

/// The bucket that is there.
pub const BUCKET: &str = "surveys";

const SCRIPT: &str = include_str!("server.py");

/// moto behind a lock.
pub struct Server {
    pub port: u16,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One for all tests. It ends with them: it watches its standard input, which closes when they do.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let python = root().join("target/readers/bin/python");
        assert!(python.exists(), "{} is not there: run `make cloud-test`", python.display());
        let mut command = Command::new(python);
        command.args(["-c", SCRIPT, &port.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server { port, process: command.spawn().unwrap() };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                let (status, _) = request(port, "PUT", &format!("/{BUCKET}"), b"");
                assert_eq!(status, 200);
                return server;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("the server did not start: run `make cloud-test`, which installs it");
    })
}

/// A plain request; status and body.
pub fn request(port: u16, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // Somebody must be named; the server does not ask for a proof.
    let who = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a";
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {who}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
    (status, answer[end..].to_vec())
}

/// The bytes under a name of the bucket.
pub fn get(name: &str) -> Option<Vec<u8>> {
    let (status, body) = request(server().port, "GET", &format!("/{BUCKET}/{name}"), b"");
    (status == 200).then_some(body)
}

/// Writes bytes under a name, whatever is there.
pub fn put(name: &str, bytes: &[u8]) {
    let (status, _) = request(server().port, "PUT", &format!("/{BUCKET}/{name}"), bytes);
    assert_eq!(status, 200);
}

/// Removes a name.
pub fn remove(name: &str) {
    let (status, _) = request(server().port, "DELETE", &format!("/{BUCKET}/{name}"), b"");
    assert!(status < 300, "{status}");
}

/// All names that begin so.
pub fn names(prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/{BUCKET}?list-type=2&prefix={prefix}&start-after={after}");
        let (status, body) = request(server().port, "GET", &path, b"");
        assert_eq!(status, 200);
        let text = String::from_utf8(body).unwrap();
        let keys = text.split("<Key>").skip(1);
        let page: Vec<String> =
            keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect();
        found.extend(page.iter().cloned());
        if !text.contains("<IsTruncated>true") {
            return found;
        }
        after.clone_from(page.last().unwrap());
    }
}
