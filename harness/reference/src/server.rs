//! A running server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

use crate::app::{App, SharedApp};
use crate::chat::Chat;
use crate::directory::Directory;
use crate::faults::Faults;
use crate::options::Options;
use crate::rest;
use crate::socket::hub::Closing;
use crate::store::Store;
use crate::token::Signer;

/// How long [`Server::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database cannot be opened or is none of this server's.
    #[error("cannot open the database")]
    Database(#[from] rusqlite::Error),
}

/// A server that listens; dropping it stops it without waiting.
pub struct Server {
    address: SocketAddr,
    app: SharedApp,
    stopping: Option<oneshot::Sender<()>>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on the current runtime; port 0 takes any free port.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the address is taken or the database cannot be opened.
    pub async fn start(options: Options, address: SocketAddr) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let bound = listener.local_addr().map_err(listen)?;

        let store = Store::open(options.database.as_deref())?;
        let faults = Arc::new(Faults::new(&options.faults));
        let directory = Arc::new(Directory::open(&store, &options.accounts, Arc::clone(&faults))?);
        let chat = Chat::open(store, directory, faults)?;
        let secret = options.jwt_secret.unwrap_or_else(random_secret);
        let signer =
            Signer::new(secret.as_bytes(), options.access_lifetime, options.refresh_lifetime);
        let app = Arc::new(App::new(chat, signer, options.media_limit, bound));

        let (stopping, stopped) = oneshot::channel::<()>();
        let router = rest::router(Arc::clone(&app));
        // Small frames must not wait for acknowledgements; where that cannot be had, they do.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            drop(stopped.await);
        });
        let listening = tokio::spawn(async { drop(serving.await) });
        Ok(Self { address: bound, app, stopping: Some(stopping), listening: Some(listening) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL of its operations, `http://host:port/api`.
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// URL of its sockets, `ws://host:port`; the path is `/ws/chat/<room_id>/`.
    pub fn socket_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Closes all sockets (1001), lets requests under way finish, and stops; within seconds.
    pub async fn stop(mut self) {
        self.signal();
        if let Some(mut listening) = self.listening.take()
            && timeout(PATIENCE, &mut listening).await.is_err()
        {
            listening.abort();
        }
    }

    fn signal(&mut self) {
        if let Some(stopping) = self.stopping.take() {
            // Fails only where the server has ended by itself.
            stopping.send(()).ok();
            self.app.chat().hub.close(Closing::Stopping);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal();
    }
}

fn random_secret() -> String {
    format!("{}{}", Uuid::new_v4(), Uuid::new_v4())
}
