//! The wire of a server in weather.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use hearback_reference::delivery::EventRewriter;
use hearback_reference::{App, Wire};

use super::gateway::{Gateway, drip, interrupt};
use super::interruption::Counting;
use super::replica::{Replica, read};
use super::sessions::{SessionLayer, Sessions, follow};
use super::setup::Setup;
use super::sockets::{SocketLayer, end};

/// The layers of a setup around another wire.
pub(super) struct WeatherWire {
    pub(super) base: Arc<dyn Wire>,
    pub(super) setup: Setup,
    pub(super) sessions: Arc<Sessions>,
    pub(super) replicas: Arc<[Replica]>,
}

impl Wire for WeatherWire {
    fn routes(&self, routes: Router, app: &Arc<App>) -> Router {
        let mut routes = self.base.routes(routes, app);
        if !self.replicas.is_empty() {
            for replica in self.replicas.iter().cloned() {
                tokio::spawn(replica.follow(Arc::downgrade(app)));
            }
            routes = routes.layer(from_fn_with_state(Arc::clone(&self.replicas), read));
        }
        if self.setup.sessions.is_needed() {
            let layer = SessionLayer { app: Arc::clone(app), sessions: Arc::clone(&self.sessions) };
            routes = routes.layer(from_fn_with_state(layer, follow));
        }
        if !self.setup.socket_ends.is_empty() {
            let ends = self.setup.socket_ends.clone().into();
            let layer = SocketLayer { app: Arc::clone(app), ends };
            routes = routes.layer(from_fn_with_state(layer, end));
        }
        if !self.setup.interruptions.is_empty() {
            let interruptions = self.setup.interruptions.iter().copied().map(Counting::new);
            let layer = Gateway { app: Arc::clone(app), interruptions: interruptions.collect() };
            routes = routes.layer(from_fn_with_state(layer, interrupt));
        }
        if let Some(time) = self.setup.drip {
            routes = routes.layer(from_fn_with_state(time, drip));
        }
        routes
    }

    fn rewriter(&self) -> Option<Box<dyn EventRewriter>> {
        self.base.rewriter()
    }
}
