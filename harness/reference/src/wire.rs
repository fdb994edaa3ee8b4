//! Extension point: everything that passes between clients and the server.

use std::sync::Arc;

use axum::Router;

use crate::app::App;
use crate::delivery::EventRewriter;

/// Layers around the server. By default there are none: requests, responses and events pass unchanged.
pub trait Wire: Send + Sync {
    /// Wraps the routes, for example with axum layers; requests of operations and handshakes of
    /// sockets pass through them.
    fn routes(&self, routes: Router, _app: &Arc<App>) -> Router {
        routes
    }

    /// A rewriter for the events of one server.
    fn rewriter(&self) -> Option<Box<dyn EventRewriter>> {
        None
    }
}

/// The default [`Wire`].
pub(crate) struct PlainWire;

impl Wire for PlainWire {}
