//! The end of a response, until which the connection that carries it is busy.

/// Last bytes of the head of a response.
pub(super) const HEAD_END: &[u8] = b"\r\n\r\n";

/// Last bytes of a response in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Looks for the end of a response.
#[derive(Debug)]
pub(super) enum ResponseEnd {
    /// The head is not complete.
    Head { received: Vec<u8>, has_no_body: bool },
    /// Number of bytes that follow.
    Bytes(usize),
    /// Chunks follow; the last bytes received.
    Chunks(Vec<u8>),
}

impl ResponseEnd {
    /// Nothing was received yet in response to a request that begins with `request`.
    pub(super) fn of(request: &[u8]) -> Self {
        Self::Head { received: Vec::new(), has_no_body: request.starts_with(b"HEAD ") }
    }

    /// Takes data; returns whether the response ends with it.
    pub(super) fn pass(&mut self, data: &[u8]) -> bool {
        match self {
            Self::Head { received, has_no_body } => {
                received.extend_from_slice(data);
                let head_end = received.windows(HEAD_END.len()).position(|part| part == HEAD_END);
                let Some(head_end) = head_end else { return false };
                let body = received.split_off(head_end + HEAD_END.len());
                let head = String::from_utf8_lossy(received).to_ascii_lowercase();
                let header = |name: &str| {
                    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
                    lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim())
                };
                let length = header("content-length").and_then(|value| value.parse().ok());
                *self = match (*has_no_body, header("transfer-encoding")) {
                    (false, Some("chunked")) => Self::Chunks(Vec::new()),
                    (true, _) => Self::Bytes(0),
                    (false, _) => Self::Bytes(length.unwrap_or(0)),
                };
                self.pass(&body)
            }
            Self::Bytes(left) => {
                *left = left.saturating_sub(data.len());
                *left == 0
            }
            Self::Chunks(last) => {
                last.extend_from_slice(data);
                last.drain(..last.len().saturating_sub(LAST_CHUNK.len()));
                last == LAST_CHUNK
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_ends_with_its_body() {
        const GET: &str = "GET / HTTP/1.1";
        let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        for (request, parts, expected) in [
            (GET, vec!["HTTP/1.1 204 No Content\r\n", "\r\n"], [false, true].as_slice()),
            (
                GET,
                vec!["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na", "b", "c"],
                &[false, false, true],
            ),
            ("HEAD / HTTP/1.1", vec!["HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"], &[true]),
            (GET, vec![chunks, "3\r\nabc\r\n", "0\r", "\n\r\n"], &[false, false, false, true]),
        ] {
            let mut end = ResponseEnd::of(request.as_bytes());
            let ends: Vec<_> = parts.iter().map(|part| end.pass(part.as_bytes())).collect();
            assert_eq!(ends, expected, "{parts:?}");
        }
    }
}
