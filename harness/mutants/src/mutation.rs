//! The changes that implement a fault or a reading.

use std::sync::Arc;

use hearback_contract::{Operation, ServerEvent};
use hearback_reference::Rules;

use crate::edit::Edit;
use crate::frame_change::FrameChange;
use crate::memory::Memory;
use crate::occasions::Occasions;
use crate::overrides::{
    AuthenticationOverrides, DeliveryOverrides, ListingOverrides, PermissionOverrides,
    RenderingOverrides, StorageOverrides, ValidationOverrides,
};
use crate::token_problem::TokenProblem;
use crate::wire::{
    Answer, AnswerOf, Change, EventChange, EventMutation, HeadChange, Received, RequestChange,
    RequestMutation, ResponseMutation, When,
};

/// The changes that implement a fault or a reading; none by default.
#[derive(Default)]
pub(crate) struct Mutation {
    pub(crate) authentication: AuthenticationOverrides,
    pub(crate) permissions: PermissionOverrides,
    pub(crate) validation: ValidationOverrides,
    pub(crate) storage: StorageOverrides,
    pub(crate) delivery: DeliveryOverrides,
    pub(crate) listing: ListingOverrides,
    pub(crate) rendering: RenderingOverrides,
    pub(crate) requests: Vec<RequestMutation>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) responses: Vec<ResponseMutation>,
    pub(crate) events: Vec<EventMutation>,
    /// Handshakes with this problem open a socket for a member of the room.
    pub(crate) handshakes: Option<TokenProblem>,
    /// Changes the responses to all requests and handshakes.
    pub(crate) heads: Option<HeadChange>,
    /// Changes the frames of sockets.
    pub(crate) frames: Option<FrameChange>,
    /// True if refused handshakes open a socket, which is closed before any event.
    pub(crate) closes_refused: bool,
    /// True if handshakes with a malformed room id are answered with 500.
    pub(crate) fails_malformed: bool,
}

impl Mutation {
    /// Changes the requests of one operation.
    pub(crate) fn change_requests(&mut self, operation: Operation, change: RequestChange) {
        self.requests.push(RequestMutation { operation, change });
    }

    /// Answers the requests of one operation in place of the server.
    pub(crate) fn answer_requests(&mut self, operation: Operation, answer: AnswerOf) {
        self.answers.push(Answer { operation, answer });
    }

    /// Changes some responses of some operations; of all operations that need a token, if none is given.
    pub(crate) fn change_responses(
        &mut self,
        operations: &'static [Operation],
        when: When,
        change: Change,
    ) {
        let occasions = Occasions::default();
        self.responses.push(ResponseMutation { operations, when, occasions, change });
    }

    /// Changes the requests of several operations.
    pub(crate) fn rewrite_requests(
        &mut self,
        operations: &[Operation],
        rewrite: fn(&mut Received),
    ) {
        for operation in operations {
            self.change_requests(*operation, RequestChange::Rewrite(rewrite));
        }
    }

    /// Edits the bodies of successful responses.
    pub(crate) fn edit_responses(&mut self, operations: &'static [Operation], edit: Edit) {
        self.change_responses(operations, When::Success, Change::Body(edit));
    }

    /// Changes the events of one type.
    pub(crate) fn change_events(&mut self, event: ServerEvent, change: EventChange) {
        self.events.push(EventMutation { event, change });
    }

    /// Edits the events of one type.
    pub(crate) fn edit_events(&mut self, event: ServerEvent, edit: Edit) {
        self.change_events(event, EventChange::Edit(edit));
    }

    /// Limits the changed responses.
    pub(crate) fn limit_to(&mut self, occasions: Occasions) {
        self.responses.iter_mut().for_each(|mutation| mutation.occasions = occasions);
    }

    /// Stacks the overrides on top of rules.
    pub(crate) fn override_rules(&self, rules: &mut Rules, memory: &Arc<Memory>) {
        self.authentication.stack(&mut rules.authentication, memory);
        self.permissions.stack(&mut rules.permissions, memory);
        self.validation.stack(&mut rules.validation, memory);
        self.storage.stack(&mut rules.storage, memory);
        self.delivery.stack(&mut rules.delivery, memory);
        self.listing.stack(&mut rules.listing, memory);
        self.rendering.stack(&mut rules.rendering, memory);
    }
}
