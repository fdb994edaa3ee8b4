//! HTTP requests and responses without an HTTP library.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Request line and headers of a request.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// The request line, `GET /api/chat/rooms/ HTTP/1.1`.
    pub line: String,
    headers: Vec<(String, String)>,
}

impl RequestHead {
    /// Value of a header; names are in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Values of a header that may be repeated; names are in lower case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(header, _)| header == name);
        headers.map(|(_, value)| value.as_str()).collect()
    }

    /// The same request with another value of a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Parses request line and headers, without the empty line.
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        Self { line, headers: headers.collect() }
    }

    /// Request line, headers and the empty line, as they are sent.
    pub fn to_text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}\r\n", self.line, headers.collect::<String>())
    }

    /// Returns whether the request has a bearer token.
    pub fn is_authorized(&self) -> bool {
        self.header("authorization").is_some_and(|value| value.starts_with("Bearer "))
    }
}

/// Reads at least the head of a request or a response; gives the bytes, and the length of the head with its empty
/// line. `None` if the stream ends before or breaks.
pub(super) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<(Vec<u8>, usize)> {
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|it| it == b"\r\n\r\n") {
            return Some((received, end + 4));
        }
        match stream.read_buf(&mut received).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// Reads a request with its body, which is dropped.
///
/// # Errors
/// If the stream ends before or breaks.
pub fn read_request(stream: &mut TcpStream) -> io::Result<RequestHead> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut head = RequestHead { line: line.trim_end().to_owned(), headers: Vec::new() };
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        head.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    io::copy(&mut reader.take(length), &mut io::sink())?;
    Ok(head)
}

/// Writes a response with a JSON body, after which the connection is to be closed.
///
/// The client may be gone, so errors are ignored.
pub fn respond(stream: &mut TcpStream, status: u16, body: &str) {
    let length = body.len();
    let _written = write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
}
