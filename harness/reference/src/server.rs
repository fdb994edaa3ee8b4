//! Starts and stops a server.

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
use crate::delivery::Closing;
use crate::directory::Directory;
use crate::examples;
use crate::options::Options;
use crate::rest;
use crate::seams::Seams;
use crate::store::Store;
use crate::tokens::Signer;

/// Maximum time that [`Server::stop`] waits for running requests.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// The error of a server that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Listening on the address failed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The database cannot be opened, or belongs to another program.
    #[error("cannot open the database")]
    Database(#[from] rusqlite::Error),
}

/// A running server. Dropping it stops the server without waiting.
pub struct Server {
    address: SocketAddr,
    app: SharedApp,
    stopping: Option<oneshot::Sender<()>>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on the current runtime; port 0 selects a free port.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the address is taken or the database cannot be opened.
    pub async fn start(options: Options, address: SocketAddr) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let bound = listener.local_addr().map_err(listen)?;

        let store = Store::open(options.database.as_deref())?;
        let directory = Arc::new(Directory::open(&store, &options.accounts)?);
        if options.examples {
            examples::add(&store, &directory)?;
        }
        let Seams { rules, wire } = options.seams;
        let chat = Chat::open(store, directory, rules, wire.rewriter())?;
        let secret = options.jwt_secret.unwrap_or_else(random_secret);
        let signer =
            Signer::new(secret.as_bytes(), options.access_lifetime, options.refresh_lifetime);
        let app = Arc::new(App::new(chat, signer, options.media_limit, bound));

        let (stopping, stopped) = oneshot::channel::<()>();
        let router = wire.routes(rest::router(Arc::clone(&app)), &app);
        // Small frames must not wait for acknowledgements; if the option is not available, they do.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            drop(stopped.await);
        });
        let listening = tokio::spawn(async { drop(serving.await) });
        Ok(Self { address: bound, app, stopping: Some(stopping), listening: Some(listening) })
    }

    /// Address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL of the operations, `http://host:port/api`.
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// URL of the sockets, `ws://host:port`; the path is `/ws/chat/<room_id>/`.
    pub fn socket_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Closes all sockets with 1001, waits up to two seconds for running requests, and stops.
    pub async fn stop(mut self) {
        self.signal();
        if let Some(mut listening) = self.listening.take()
            && timeout(STOP_TIMEOUT, &mut listening).await.is_err()
        {
            listening.abort();
        }
    }

    fn signal(&mut self) {
        if let Some(stopping) = self.stopping.take() {
            // Fails only if the server has ended by itself.
            stopping.send(()).ok();
            self.app.chat().hub.close(Closing::STOPPING);
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
