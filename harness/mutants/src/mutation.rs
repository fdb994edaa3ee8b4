//! The changes that implement a fault.

use std::sync::Arc;

use hearback_contract::{Operation, ServerEvent};
use hearback_reference::Rules;

use crate::edit::Edit;
use crate::memory::Memory;
use crate::overrides::{
    AuthenticationOverrides, DeliveryOverrides, ListingOverrides, PermissionOverrides,
    RenderingOverrides, StorageOverrides, ValidationOverrides,
};
use crate::token_problem::TokenProblem;
use crate::wire::{
    Change, EventChange, EventMutation, RequestChange, RequestMutation, ResponseMutation, When,
};

/// The changes that implement a fault; none by default.
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
    pub(crate) responses: Option<ResponseMutation>,
    pub(crate) events: Option<EventMutation>,
    /// Handshakes with this problem open a socket for a member of the room.
    pub(crate) handshakes: Option<TokenProblem>,
}

impl Mutation {
    /// Changes the requests of one operation.
    pub(crate) fn change_requests(&mut self, operation: Operation, change: RequestChange) {
        self.requests.push(RequestMutation { operation, change });
    }

    /// Changes some responses of some operations; of all operations that need a token, if none is given.
    pub(crate) fn change_responses(
        &mut self,
        operations: &'static [Operation],
        when: When,
        change: Change,
    ) {
        self.responses = Some(ResponseMutation { operations, when, change });
    }

    /// Edits the bodies of successful responses.
    pub(crate) fn edit_responses(&mut self, operations: &'static [Operation], edit: Edit) {
        self.change_responses(operations, When::Success, Change::Body(edit));
    }

    /// Changes the events of one type.
    pub(crate) fn change_events(&mut self, event: ServerEvent, change: EventChange) {
        self.events = Some(EventMutation { event, change });
    }

    /// Edits the events of one type.
    pub(crate) fn edit_events(&mut self, event: ServerEvent, edit: Edit) {
        self.change_events(event, EventChange::Edit(edit));
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
