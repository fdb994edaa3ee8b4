//! Live metrics of a load run for Prometheus.

mod exposition;
mod histogram;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::RunError;

use exposition::Exposition;

/// Serves `/metrics` until dropped.
pub(super) struct Metrics {
    exposition: Arc<Mutex<Exposition>>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Metrics {
    /// Listens at an address; `labels` distinguish runs.
    ///
    /// # Errors
    /// If the address cannot be used.
    pub(super) async fn listen(
        address: SocketAddr,
        labels: &[(&'static str, String)],
    ) -> Result<Self, RunError> {
        let unusable = |source| RunError::Metrics { address, source };
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let exposition = Arc::new(Mutex::new(Exposition::new(labels)));
        let shown = Arc::clone(&exposition);
        let page = move || async move {
            (
                [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")],
                shown.lock().to_string(),
            )
        };
        let router = Router::new().route("/metrics", get(page));
        // It runs until it is aborted.
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap_or(()) });
        Ok(Self { exposition, address, server })
    }

    /// The URL of the page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    /// The metrics on the page.
    pub(super) fn exposition(&self) -> Arc<Mutex<Exposition>> {
        Arc::clone(&self.exposition)
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.server.abort();
    }
}
