//! Roles, actions and permissions.

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

impl Permission {
    /// The permission in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Either => "either",
        }
    }
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
