//! Local addresses of connections.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpSocket, TcpStream};

/// Local addresses of sockets, which take turns; with none, the system chooses.
///
/// Each address has ports of its own: more addresses allow more sockets to one address of the target.
#[derive(Clone, Default)]
pub(super) struct Interface {
    addresses: Arc<[IpAddr]>,
    turn: Arc<AtomicUsize>,
}

impl Interface {
    pub(super) fn new(addresses: &[IpAddr]) -> Self {
        Self { addresses: addresses.into(), turn: Arc::default() }
    }

    /// The addresses.
    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Connects from the next address of the same family.
    pub(super) async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        if self.addresses.is_empty() {
            return TcpStream::connect(to).await;
        }
        let is_usable = |address: &&IpAddr| address.is_ipv6() == to.is_ipv6();
        let usable: Vec<_> = self.addresses.iter().filter(is_usable).collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let Some(from) = usable.get(turn % usable.len().max(1)) else {
            let family = if to.is_ipv6() { "IPv6" } else { "IPv4" };
            return Err(io::Error::new(
                io::ErrorKind::AddrNotAvailable,
                format!("no {family} address is among those of --interface"),
            ));
        };
        let socket = match to {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind((**from, 0).into())?;
        socket.connect(to).await
    }
}
