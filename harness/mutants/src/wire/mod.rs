//! Requests, responses, events and handshakes that are changed between clients and the server.

mod event;
mod exchange;
mod handshake;
mod received;
mod request;
mod response;

use std::sync::Arc;

use axum::Router;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use hearback_contract::Operation;
use hearback_contract::operation::OPERATIONS;
use hearback_reference::delivery::EventRewriter;
use hearback_reference::{App, Wire};

use crate::memory::Memory;
use crate::mutation::Mutation;
use crate::token_problem::TokenProblem;

pub(crate) use event::{EventChange, EventMutation, Every, Recipients};
pub(crate) use exchange::Exchange;
pub(crate) use received::Received;
pub(crate) use request::{RequestChange, RequestMutation};
pub(crate) use response::{Change, ResponseMutation, When};

/// A mutation and the memory of its fault.
type Remembering<T> = (T, Arc<Memory>);

/// What a layer needs: the server, and the mutations to apply.
#[derive(Clone)]
struct Layer<T> {
    app: Arc<App>,
    mutations: Arc<[T]>,
}

/// The mutations of the wire, by kind.
#[derive(Default)]
pub(crate) struct MutatedWire {
    requests: Vec<Remembering<RequestMutation>>,
    responses: Vec<Remembering<ResponseMutation>>,
    handshakes: Vec<TokenProblem>,
    events: Vec<EventMutation>,
}

impl MutatedWire {
    /// Adds what a mutation changes about the wire.
    pub(crate) fn add(&mut self, mutation: Mutation, memory: &Arc<Memory>) {
        self.requests.extend(mutation.requests.map(|change| (change, Arc::clone(memory))));
        self.responses.extend(mutation.responses.map(|change| (change, Arc::clone(memory))));
        self.handshakes.extend(mutation.handshakes);
        self.events.extend(mutation.events);
    }

    /// Whether no mutation changes anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
            && self.responses.is_empty()
            && self.handshakes.is_empty()
            && self.events.is_empty()
    }
}

impl Wire for MutatedWire {
    fn routes(&self, mut routes: Router, app: &Arc<App>) -> Router {
        if !self.responses.is_empty() {
            let layer = Layer { app: Arc::clone(app), mutations: self.responses.clone().into() };
            routes = routes.layer(from_fn_with_state(layer, response::rewrite));
        }
        if !self.handshakes.is_empty() {
            let layer = Layer { app: Arc::clone(app), mutations: self.handshakes.clone().into() };
            routes = routes.layer(from_fn_with_state(layer, handshake::admit));
        }
        if !self.requests.is_empty() {
            let layer = Layer { app: Arc::clone(app), mutations: self.requests.clone().into() };
            routes = routes.layer(from_fn_with_state(layer, request::rewrite));
        }
        routes
    }

    fn rewriter(&self) -> Option<Box<dyn EventRewriter>> {
        let events = self.events.clone();
        (!events.is_empty()).then(|| Box::new(event::Rewriter::new(events)) as _)
    }
}

/// The operation of a request.
fn operation_of(request: &Request) -> Option<Operation> {
    let path = request.extensions().get::<MatchedPath>()?.as_str().strip_prefix("/api")?;
    let method = request.method().as_str();
    let mut rows = OPERATIONS.iter();
    rows.find(|row| row.path == path && row.method.as_str() == method).map(|row| row.operation)
}
