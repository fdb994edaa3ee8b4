//! The authorization policy: the actions that each role is permitted.
//!
//! A role has two axes. The credential decides first: a request without a valid access token is denied
//! whatever its sender's relation to the room. With a valid token, the relation decides.

use serde::{Deserialize, Serialize};

use crate::table_id::table_id;
use crate::{ClientEvent, Operation};

/// An invalid credential that is presented in place of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InvalidCredential {
    /// No token.
    Missing,
    /// Text that is not a token.
    Garbage,
    /// A token with an altered signature.
    Tampered,
    /// An unsigned token.
    AlgNone,
    /// A token that has expired.
    Expired,
    /// A refresh token.
    RefreshAsAccess,
}

/// The relation of a user to a room, and to the message or participant that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// The user has never been in the room.
    Outsider,
    /// The user was in the room and left.
    Departed,
    /// The user was in the room and was removed.
    Removed,
    /// The user is in the room; the message or participant, if any, is the user's own.
    Member,
    /// The user is in the room; the message or participant belongs to another member.
    OtherMember,
    /// The user is an admin of the room; the message or participant, if any, belongs to another member.
    Admin,
}

/// The sender of a request as the policy distinguishes it: a column of the authorization matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A sender with an invalid credential, whatever its relation to the room.
    Unauthenticated(InvalidCredential),
    /// A sender with a valid access token.
    Authenticated(Relation),
}

/// The policy for one role and one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// The action must succeed.
    Allow,
    /// The action must be rejected without side effects.
    Deny,
    /// The specification leaves it open.
    Either,
}

/// An action that the policy covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Calling a REST operation.
    Operation(Operation),
    /// Opening the socket of the room.
    Handshake,
    /// Sending an event on the open socket of the room.
    Event(ClientEvent),
}

impl InvalidCredential {
    /// Every invalid credential.
    pub const ALL: [Self; 6] = [
        Self::Missing,
        Self::Garbage,
        Self::Tampered,
        Self::AlgNone,
        Self::Expired,
        Self::RefreshAsAccess,
    ];
}

impl Relation {
    /// Every relation, the least trusted first.
    pub const ALL: [Self; 6] = [
        Self::Outsider,
        Self::Departed,
        Self::Removed,
        Self::Member,
        Self::OtherMember,
        Self::Admin,
    ];

    /// Returns true if the user is in the room now.
    pub fn is_member(self) -> bool {
        matches!(self, Self::Member | Self::OtherMember | Self::Admin)
    }
}

impl Role {
    /// The number of roles.
    pub const COUNT: usize = InvalidCredential::ALL.len() + Relation::ALL.len();

    /// Every role, the least trusted first.
    pub fn all() -> impl Iterator<Item = Self> {
        let unauthenticated = InvalidCredential::ALL.into_iter().map(Self::Unauthenticated);
        unauthenticated.chain(Relation::ALL.into_iter().map(Self::Authenticated))
    }

    /// The position of the role in [`Role::all`].
    pub fn index(self) -> usize {
        match self {
            Self::Unauthenticated(credential) => credential as usize,
            Self::Authenticated(relation) => InvalidCredential::ALL.len() + relation as usize,
        }
    }

    /// Stable id, as in reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unauthenticated(credential) => match credential {
                InvalidCredential::Missing => "anonymous",
                InvalidCredential::Garbage => "garbage",
                InvalidCredential::Tampered => "tampered",
                InvalidCredential::AlgNone => "alg-none",
                InvalidCredential::Expired => "expired",
                InvalidCredential::RefreshAsAccess => "refresh-as-access",
            },
            Self::Authenticated(relation) => match relation {
                Relation::Outsider => "outsider",
                Relation::Departed => "departed",
                Relation::Removed => "removed",
                Relation::Member => "member",
                Relation::OtherMember => "other-member",
                Relation::Admin => "admin",
            },
        }
    }

    /// Returns true if the sender is authenticated and in the room now.
    pub fn is_member(self) -> bool {
        matches!(self, Self::Authenticated(relation) if relation.is_member())
    }
}

table_id!(Role, kind: "role", all: Role::all(), text: Role::id);

/// The permission of `role` for `action` under every accepted reading of the specification.
pub fn permission(role: Role, action: Action) -> Permission {
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
