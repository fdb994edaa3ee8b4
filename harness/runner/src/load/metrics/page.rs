//! The page that Prometheus scrapes.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::error::RunError;

/// Media type of the text format of OpenMetrics.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics` until dropped.
pub(super) struct Page {
    address: SocketAddr,
    _server: AbortOnDropHandle<()>,
}

impl Page {
    /// Listens at an address; `text` is the current content.
    ///
    /// # Errors
    /// If the address cannot be used.
    pub(super) async fn listen(
        address: SocketAddr,
        text: impl Fn() -> String + Clone + Send + Sync + 'static,
    ) -> Result<Self, RunError> {
        let unusable = |source| RunError::Metrics { address, source };
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let page = move || async move { ([(CONTENT_TYPE, OPENMETRICS)], text()) };
        let router = Router::new().route("/metrics", get(page));
        // It runs until it is aborted.
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap_or(()) });
        Ok(Self { address, _server: AbortOnDropHandle::new(server) })
    }

    /// The URL of the page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }
}
