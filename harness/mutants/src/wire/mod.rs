//! Changed requests, responses, handshakes and events.

mod answer;
mod event;
mod exchange;
mod handshake;
mod head;
mod layer;
mod received;
mod request;
mod response;

pub(crate) use answer::{Answer, AnswerOf, answer_request};
pub(crate) use event::{EventChange, EventMutation, EventMutations, Every, Recipients};
pub(crate) use exchange::Exchange;
pub(crate) use handshake::{admit, close_refused, fail_malformed};
pub(crate) use head::{HeadChange, change_head};
pub(crate) use layer::{Layer, Remembering};
pub(crate) use received::Received;
pub(crate) use request::{RequestChange, RequestMutation, rewrite_request};
pub(crate) use response::{Change, ResponseMutation, When, rewrite_response};
