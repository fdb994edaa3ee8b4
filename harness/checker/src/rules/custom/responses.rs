//! The responses to users in a role.

use hearback_contract::Operation;
use hearback_contract::policy::Role;
use hearback_history::Call;

use crate::rule::RuleInput;
use crate::rules::authorization::{invalid_credential, relation_of};

/// The responses to users whose role is certain.
pub(super) fn responses_to<'h>(
    input: RuleInput<'h>,
    operation: Operation,
    role: Role,
) -> impl Iterator<Item = (&'h Call, u16)> {
    let calls = input.history.calls_of(operation).filter(move |call| {
        let unauthenticated = || invalid_credential(call.invocation.credential.kind);
        match role {
            Role::Unauthenticated(credential) => unauthenticated() == Some(credential),
            Role::Authenticated(relation) => {
                let known = relation_of(input.model, call).filter(|_| call.is_authorized());
                known.is_some_and(|(_, known)| known == relation)
            }
        }
    });
    calls.filter_map(|call| Some((call, call.status()?)))
}
