//! State and matching of the layers around the server.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use hearback_contract::Operation;
use hearback_contract::operation::OPERATIONS;
use hearback_reference::App;

use crate::memory::Memory;

/// A mutation and the memory of its fault.
pub(crate) type Remembering<T> = (T, Arc<Memory>);

/// The state of a layer: the server, and the mutations that the layer applies.
#[derive(Clone)]
pub(crate) struct Layer<T> {
    pub(super) app: Arc<App>,
    pub(super) mutations: Arc<[T]>,
}

impl<T: Clone> Layer<T> {
    /// The state of a layer around a server.
    pub(crate) fn new(app: &Arc<App>, mutations: &[T]) -> Self {
        Self { app: Arc::clone(app), mutations: mutations.into() }
    }
}

/// The operation of a request.
pub(super) fn operation_of(request: &Request) -> Option<Operation> {
    let path = request.extensions().get::<MatchedPath>()?.as_str().strip_prefix("/api")?;
    let method = request.method().as_str();
    let mut rows = OPERATIONS.iter();
    rows.find(|row| row.path == path && row.method.as_str() == method).map(|row| row.operation)
}
