//! The authorization policy: the actions that each role is permitted.
//!
//! A role has two axes. The credential decides first: a request without a valid access token is denied
//! whatever its sender's relation to the room. With a valid token, the relation decides.

mod role;

use crate::{Operation, overlay};

pub use role::{Action, InvalidCredential, Permission, Relation, Role};

/// The permission of `role` for `action` in the contract of this process.
pub fn permission(role: Role, action: Action) -> Permission {
    let overlaid = overlay::in_force().and_then(|overlay| overlay.permission(role, action));
    overlaid.unwrap_or_else(|| shipped_permission(role, action))
}

/// The permission of `role` for `action` under every accepted reading of the specification.
pub(crate) fn shipped_permission(role: Role, action: Action) -> Permission {
    let operation = match action {
        Action::Operation(operation) => operation,
        Action::Handshake | Action::Event(_) => {
            return if role.is_member() { Permission::Allow } else { Permission::Deny };
        }
    };
    if !operation.spec().authenticated {
        return Permission::Allow;
    }
    match role {
        Role::Unauthenticated(_) => Permission::Deny,
        Role::Authenticated(relation) => with_token(relation, operation),
    }
}

/// The permission of a user with a valid access token for an operation that requires one.
fn with_token(relation: Relation, operation: Operation) -> Permission {
    use Operation as O;
    use Permission::{Allow, Deny, Either};

    match operation {
        // These concern the caller, not one room.
        O::RoomsList | O::RoomsCreate | O::MessagesSearch => Allow,
        _ if !relation.is_member() => Deny,
        // "Only sender can edit."
        O::MessagesEdit if relation != Relation::Member => Deny,
        // The specification does not name the users who may delete; other members may not
        // (who-may-delete).
        O::MessagesDelete => match relation {
            Relation::Member => Allow,
            Relation::Admin => Either,
            _ => Deny,
        },
        // "Admin Only".
        O::ParticipantsAdd | O::ParticipantsRemove if relation != Relation::Admin => Deny,
        // Muting is a member's own setting (mute-others).
        O::ParticipantsMute if relation != Relation::Member => Deny,
        // The specification does not name the users who may archive (who-may-archive).
        O::RoomsArchive if relation != Relation::Admin => Either,
        _ => Allow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientEvent;

    fn of(relation: Relation, operation: Operation) -> Permission {
        permission(Role::Authenticated(relation), Action::Operation(operation))
    }

    #[test]
    fn roles_are_indexed_and_found_by_their_ids() {
        assert_eq!(Role::all().count(), Role::COUNT);
        for (index, role) in Role::all().enumerate() {
            assert_eq!(role.index(), index);
            assert_eq!(role.id().parse::<Role>().unwrap(), role);
        }
    }

    #[test]
    fn invalid_credentials_permit_only_token_operations() {
        for role in InvalidCredential::ALL.map(Role::Unauthenticated) {
            for operation in Operation::all() {
                let expected = match operation {
                    Operation::TokenObtain | Operation::TokenRefresh => Permission::Allow,
                    _ => Permission::Deny,
                };
                let actual = permission(role, Action::Operation(operation));
                assert_eq!(actual, expected, "{role} {operation}");
            }
            assert_eq!(permission(role, Action::Handshake), Permission::Deny);
        }
    }

    #[test]
    fn explicit_restrictions_of_the_specification_apply() {
        assert_eq!(of(Relation::OtherMember, Operation::MessagesEdit), Permission::Deny);
        assert_eq!(of(Relation::Admin, Operation::MessagesEdit), Permission::Deny);
        assert_eq!(of(Relation::Member, Operation::ParticipantsAdd), Permission::Deny);
        assert_eq!(of(Relation::Admin, Operation::ParticipantsAdd), Permission::Allow);
        assert_eq!(of(Relation::Removed, Operation::MessagesList), Permission::Deny);
        let member = Role::Authenticated(Relation::Member);
        assert_eq!(permission(member, Action::Event(ClientEvent::Typing)), Permission::Allow);
    }
}
