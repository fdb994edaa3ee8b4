//! A relay in front of the server: the network, and everything that ends connections.

mod connection;
mod conversation;
mod network;
mod pipe;
mod response_end;
mod shared;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

pub(super) use network::Network;
use shared::Shared;

/// Number of connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// A running relay. Dropping it closes its connections.
pub(super) struct Relay {
    address: SocketAddr,
    running: AbortHandle,
    /// Bound and never listening: keeps the port while connections are refused.
    _placeholder: TcpSocket,
}

impl Relay {
    /// Listens on an address and passes connections on; port 0 selects a free port.
    pub(super) fn start(
        network: Network,
        address: SocketAddr,
        upstream: SocketAddr,
    ) -> io::Result<Self> {
        let placeholder = bind(address)?;
        let address = placeholder.local_addr()?;
        let listener = bind(address)?.listen(BACKLOG)?;
        let shared = Arc::new(Shared {
            network,
            upstream,
            requests: AtomicU32::new(0),
            reuses: AtomicU32::new(0),
            restarts: watch::Sender::new(0),
        });
        let running = tokio::spawn(run(shared, listener, address)).abort_handle();
        Ok(Self { address, running, _placeholder: placeholder })
    }

    /// Address that the relay listens on.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// A socket that shares its address with others, as long as only one of them listens.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Accepts connections, and stops listening for a while at each restart.
async fn run(shared: Arc<Shared>, mut listener: TcpListener, address: SocketAddr) {
    let mut connections = JoinSet::new();
    let mut restarts = shared.restarts.subscribe();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(connection::carry(Arc::clone(&shared), client));
                }
            }
            Some(_) = connections.join_next() => {}
            Ok(()) = restarts.changed() => {
                drop(listener);
                tokio::time::sleep(shared.network.restart.unwrap_or_default()).await;
                restarts.mark_unchanged();
                // The placeholder keeps the port, so listening again succeeds.
                let Ok(next) = bind(address).and_then(|socket| socket.listen(BACKLOG)) else {
                    return;
                };
                listener = next;
            }
        }
    }
}
