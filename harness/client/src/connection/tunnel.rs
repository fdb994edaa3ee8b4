//! Tunnels through an HTTP proxy (`CONNECT`).

use std::io;

use hearback_history::escape::escape;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::proxy::Proxy;
use super::stream::Transport;
use super::user_agent::USER_AGENT;
use crate::failure::{Failure, FailureKind};

/// Maximum size of the headers of a response, in bytes.
const LONGEST_HEAD: usize = 8 << 10;

/// Maximum length of a status line in an error, in characters.
const LONGEST_STATUS: usize = 80;

/// Has the proxy connect `stream` with the server of a URL.
pub(super) async fn open(
    mut stream: Transport,
    url: &Url,
    proxy: &Proxy,
) -> Result<Transport, Failure> {
    let host = url.host_str().unwrap_or_default();
    let server = format!("{host}:{}", url.port_or_known_default().unwrap_or(80));
    let mut request =
        format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: {USER_AGENT}\r\n");
    if let Some(credentials) = proxy.credentials() {
        request.push_str(&format!("Proxy-Authorization: {credentials}\r\n"));
    }
    request.push_str("\r\n");
    let broken = |error: io::Error| Failure::of_connection(&error).at_proxy();
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let head = head(&mut stream).await.map_err(broken)?;
    let line = head.lines().next().unwrap_or_default();
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    match status {
        Some(status) if status.len() == 3 && status.starts_with('2') => Ok(stream),
        status => Err(Failure {
            kind: match status {
                Some("407") => FailureKind::ProxyAuthentication,
                _ => FailureKind::Proxy,
            },
            text: format!(
                "the proxy opened no tunnel to {server}: {}",
                escape(line, LONGEST_STATUS)
            ),
            maybe_done: false,
        }),
    }
}

/// Status line and headers. Nothing follows them before the client has sent something.
async fn head(stream: &mut Transport) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&buffer[..length]);
        // A proxy that refuses may send a body.
        if head.len() > LONGEST_HEAD || head.windows(4).any(|it| it == b"\r\n\r\n") {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
