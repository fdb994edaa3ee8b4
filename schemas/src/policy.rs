//! The authorization policy: who may do what.

use serde::{Deserialize, Serialize};

use crate::{ClientEvent, Operation};

/// Whom a request comes from, in relation to the room that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sends no token.
    Anonymous,
    /// Sends something that is no token.
    Garbage,
    /// Sends a token whose signature was altered.
    Tampered,
    /// Sends an unsigned token.
    AlgNone,
    /// Sends a token that has expired.
    Expired,
    /// Sends a refresh token as access token.
    RefreshAsAccess,
    /// Never was in the room.
    Outsider,
    /// Was in the room and left.
    Departed,
    /// Was in the room and was removed.
    Removed,
    /// Is in the room and sent the message, or is the participant, that the request is about.
    Member,
    /// Is in the room; the message or participant is somebody else's.
    OtherMember,
    /// Is an admin of the room; the message or participant is somebody else's.
    Admin,
}

/// What the policy says of one role and one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Must succeed.
    Allow,
    /// Must be refused, without a side effect.
    Deny,
    /// The document leaves it open.
    Either,
}

/// Something that the policy speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A REST operation.
    Operation(Operation),
    /// Opening the room's socket.
    Handshake,
    /// Sending an event on the room's open socket.
    Event(ClientEvent),
}

impl Role {
    /// Every role, the least trusted first.
    pub const ALL: [Self; 12] = [
        Self::Anonymous,
        Self::Garbage,
        Self::Tampered,
        Self::AlgNone,
        Self::Expired,
        Self::RefreshAsAccess,
        Self::Outsider,
        Self::Departed,
        Self::Removed,
        Self::Member,
        Self::OtherMember,
        Self::Admin,
    ];

    /// Whether the role shows a valid access token.
    pub fn is_authenticated(self) -> bool {
        !matches!(
            self,
            Self::Anonymous
                | Self::Garbage
                | Self::Tampered
                | Self::AlgNone
                | Self::Expired
                | Self::RefreshAsAccess
        )
    }

    /// Whether the role is in the room now.
    pub fn is_member(self) -> bool {
        matches!(self, Self::Member | Self::OtherMember | Self::Admin)
    }
}

/// What the document, read with the register of ambiguities, says of `role` doing `action`.
pub fn permission(role: Role, action: Action) -> Permission {
    use Operation as O;
    use Permission::{Allow, Deny, Either};

    let operation = match action {
        Action::Operation(operation) => operation,
        Action::Handshake | Action::Event(_) => {
            return if role.is_member() { Allow } else { Deny };
        }
    };
    if !operation.spec().authenticated {
        return Allow;
    }
    if !role.is_authenticated() {
        return Deny;
    }
    match operation {
        // These are about the caller, not about one room.
        O::RoomsList | O::RoomsCreate | O::MessagesSearch => Allow,
        _ if !role.is_member() => Deny,
        // "Only sender can edit."
        O::MessagesEdit if role != Role::Member => Deny,
        // Nobody is named who may delete; a plain member surely may not (who-may-delete).
        O::MessagesDelete => match role {
            Role::Member => Allow,
            Role::Admin => Either,
            _ => Deny,
        },
        // "Admin Only".
        O::ParticipantsAdd | O::ParticipantsRemove if role != Role::Admin => Deny,
        // A member's own setting (mute-others).
        O::ParticipantsMute if role != Role::Member => Deny,
        // Nobody is named who may archive (who-may-archive).
        O::RoomsArchive if role != Role::Admin => Either,
        _ => Allow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: Role, operation: Operation) -> Permission {
        permission(role, Action::Operation(operation))
    }

    #[test]
    fn nobody_without_a_valid_token_may_do_anything_but_log_in() {
        for role in Role::ALL.into_iter().filter(|role| !role.is_authenticated()) {
            for operation in Operation::all() {
                let expected = match operation {
                    Operation::TokenObtain | Operation::TokenRefresh => Permission::Allow,
                    _ => Permission::Deny,
                };
                assert_eq!(of(role, operation), expected, "{role:?} {operation}");
            }
            assert_eq!(permission(role, Action::Handshake), Permission::Deny);
        }
    }

    #[test]
    fn the_document_s_own_restrictions_hold() {
        assert_eq!(of(Role::OtherMember, Operation::MessagesEdit), Permission::Deny);
        assert_eq!(of(Role::Admin, Operation::MessagesEdit), Permission::Deny);
        assert_eq!(of(Role::Member, Operation::ParticipantsAdd), Permission::Deny);
        assert_eq!(of(Role::Admin, Operation::ParticipantsAdd), Permission::Allow);
        assert_eq!(of(Role::Removed, Operation::MessagesList), Permission::Deny);
        assert_eq!(permission(Role::Member, Action::Event(ClientEvent::Typing)), Permission::Allow);
    }
}
