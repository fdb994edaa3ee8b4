//! Family `schema`: responses and events conform to their schemas.

pub(super) mod conformance;
mod content_type;
mod date_time;
mod documents;
mod event_type;
pub(super) mod events;
pub(super) mod responses;
mod undocumented_fields;

use crate::rule::Rule;

/// The rules on all responses and events, after [`responses::RULES`] and [`events::RULES`].
pub(super) static RULES: &[Rule] =
    &[event_type::RULE, date_time::RULE, content_type::RULE, undocumented_fields::RULE];
