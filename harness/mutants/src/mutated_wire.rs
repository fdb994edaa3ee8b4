//! The wire of a server with faults.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use hearback_reference::delivery::EventRewriter;
use hearback_reference::{App, Wire};

use crate::memory::Memory;
use crate::mutation::Mutation;
use crate::token_problem::TokenProblem;
use crate::wire::{
    Answer, EventMutation, EventMutations, HeadChange, Layer, Remembering, RequestMutation,
    ResponseMutation, admit, answer_request, change_head, close_refused, fail_malformed,
    rewrite_request, rewrite_response,
};

/// The mutations of the wire, by kind.
#[derive(Default)]
pub(crate) struct MutatedWire {
    requests: Vec<Remembering<RequestMutation>>,
    answers: Vec<Remembering<Answer>>,
    responses: Vec<Remembering<ResponseMutation>>,
    handshakes: Vec<TokenProblem>,
    events: Vec<EventMutation>,
    heads: Vec<Remembering<HeadChange>>,
    closes_refused: bool,
    fails_malformed: bool,
}

impl MutatedWire {
    /// Adds the changes of a mutation.
    pub(crate) fn add(&mut self, mutation: Mutation, memory: &Arc<Memory>) {
        let requests = mutation.requests.into_iter();
        self.requests.extend(requests.map(|change| (change, Arc::clone(memory))));
        let answers = mutation.answers.into_iter();
        self.answers.extend(answers.map(|answer| (answer, Arc::clone(memory))));
        let responses = mutation.responses.into_iter();
        self.responses.extend(responses.map(|change| (change, Arc::clone(memory))));
        self.handshakes.extend(mutation.handshakes);
        self.events.extend(mutation.events);
        let heads = mutation.heads.into_iter();
        self.heads.extend(heads.map(|change| (change, Arc::clone(memory))));
        self.closes_refused |= mutation.closes_refused;
        self.fails_malformed |= mutation.fails_malformed;
    }

    /// True if no mutation changes anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
            && self.answers.is_empty()
            && self.responses.is_empty()
            && self.handshakes.is_empty()
            && self.events.is_empty()
            && self.heads.is_empty()
            && !self.closes_refused
            && !self.fails_malformed
    }
}

impl Wire for MutatedWire {
    fn routes(&self, mut routes: Router, app: &Arc<App>) -> Router {
        // The innermost layer, so that changes of responses apply to its answers, too.
        if !self.answers.is_empty() {
            let layer = Layer::new(app, &self.answers);
            routes = routes.layer(from_fn_with_state(layer, answer_request));
        }
        if !self.responses.is_empty() {
            let layer = Layer::new(app, &self.responses);
            routes = routes.layer(from_fn_with_state(layer, rewrite_response));
        }
        if !self.handshakes.is_empty() {
            let layer = Layer::new(app, &self.handshakes);
            routes = routes.layer(from_fn_with_state(layer, admit));
        }
        for change in &self.heads {
            let change = change.clone();
            routes = routes
                .layer(from_fn(move |request, next| change_head(change.clone(), request, next)));
        }
        if self.fails_malformed {
            routes = routes.layer(from_fn(fail_malformed));
        }
        if self.closes_refused {
            routes = routes.layer(from_fn(close_refused));
        }
        if !self.requests.is_empty() {
            let layer = Layer::new(app, &self.requests);
            routes = routes.layer(from_fn_with_state(layer, rewrite_request));
        }
        routes
    }

    fn rewriter(&self) -> Option<Box<dyn EventRewriter>> {
        let events = self.events.clone();
        (!events.is_empty()).then(|| Box::new(EventMutations::new(events)) as _)
    }
}
