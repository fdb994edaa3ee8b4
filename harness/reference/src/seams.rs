//! The extension points of the server.

use std::sync::Arc;

use crate::rules::Rules;
use crate::wire::{PlainWire, Wire};

/// Everything about the server that another crate may replace; the default is the documented server.
#[derive(Clone)]
pub struct Seams {
    /// Decisions of the chat, by subject.
    pub rules: Rules,
    /// Layers around requests, and a rewriter of events.
    pub wire: Arc<dyn Wire>,
}

impl Default for Seams {
    fn default() -> Self {
        Self { rules: Rules::default(), wire: Arc::new(PlainWire) }
    }
}
