//! TCP connections to hosts with several addresses ("happy eyeballs", RFC 8305).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::interface::Interface;

/// Time after which the next address is tried although the one before may still answer.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to whichever address accepts first; each attempt begins when the one before fails or is slow.
///
/// # Errors
/// If no address accepts. A refused connection is reported rather than an unreachable network.
pub(super) async fn connect(
    addresses: Vec<SocketAddr>,
    interface: &Interface,
) -> io::Result<TcpStream> {
    let mut waiting = alternating(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure: Option<io::Error> = None;
    loop {
        attempts.extend(waiting.next().map(|address| interface.connect(address)));
        tokio::select! {
            outcome = attempts.next() => match outcome {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => {
                    let is_clear = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
                    if !failure.as_ref().is_some_and(is_clear) {
                        failure = Some(error);
                    }
                }
                None => {
                    return Err(failure.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()));
                }
            },
            () = sleep(ATTEMPT_DELAY), if waiting.len() > 0 => {}
        }
    }
}

/// The addresses, alternating between the families, beginning with that of the first address.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == is_first);
    let mut second = second.into_iter();
    let mut all: Vec<_> =
        first.into_iter().flat_map(|address| [Some(address), second.next()]).flatten().collect();
    all.extend(second);
    all
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[test]
    fn families_alternate() {
        let addresses: Vec<SocketAddr> = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]
            .iter()
            .map(|it| it.parse().unwrap())
            .collect();
        let shown: Vec<_> = alternating(addresses).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]);
    }

    #[tokio::test]
    async fn an_address_that_never_answers_does_not_block_the_others() {
        // A full backlog: Linux drops further handshakes.
        let silent = TcpSocket::new_v4().unwrap();
        silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let silent = silent.listen(1).unwrap();
        let address = silent.local_addr().unwrap();
        let mut filled = Vec::new();
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
        {
            filled.push(stream);
        }
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addresses = vec![address, alive.local_addr().unwrap()];
        let connected =
            tokio::time::timeout(Duration::from_secs(20), connect(addresses, &<_>::default()))
                .await;
        let stream = connected.expect("the silent address does not block").unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive.local_addr().unwrap());
    }

    #[tokio::test]
    async fn a_refused_address_is_followed_by_the_next() {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream =
            connect(vec![gone, alive.local_addr().unwrap()], &<_>::default()).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive.local_addr().unwrap());
        let error = connect(vec![gone], &<_>::default()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect(Vec::new(), &<_>::default()).await.is_err());
    }
}
