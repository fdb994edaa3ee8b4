//! Live metrics of a load run for Prometheus.

mod exposition;
mod histogram;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;

pub(crate) use exposition::Exposition;

/// Serves `/metrics` until dropped.
pub(crate) struct Metrics {
    exposition: Arc<Mutex<Exposition>>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Metrics {
    /// Listens at an address; `labels` distinguish runs.
    pub(crate) async fn listen(
        address: SocketAddr,
        labels: &[(&'static str, String)],
    ) -> Result<Self, Failure> {
        let unusable = || format!("cannot serve metrics at {address}");
        let listener =
            TcpListener::bind(address).await.with_context(unusable).map_err(Failure::usage)?;
        let address = listener.local_addr().with_context(unusable).map_err(Failure::usage)?;
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
    pub(crate) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    /// The metrics on the page.
    pub(crate) fn exposition(&self) -> Arc<Mutex<Exposition>> {
        Arc::clone(&self.exposition)
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.server.abort();
    }
}
