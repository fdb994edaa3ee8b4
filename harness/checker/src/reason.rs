//! Reasons for a verdict that is neither held nor broken.

use std::fmt;

use hearback_contract::RequirementId;
use hearback_history::{Excuse, Obstacle};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// The reason why a requirement is undecided or was not exercised.
///
/// Serialized with its `id`, the `about` that it carries, and the sentence that
/// [`Display`](fmt::Display) writes as `text`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(tag = "id", content = "about", rename_all = "snake_case")]
pub enum Reason {
    /// A requirement that it depends on is broken or undecided.
    DependsOn(RequirementId),
    /// The only observations violate another requirement, which reports them.
    Violates(RequirementId),
    /// The only responses were 401, which the authentication requirements report.
    Unauthorized,
    /// A field is absent or has the wrong type, which the schema requirements report.
    SchemaBroken(String),
    /// A body is absent or not JSON, which the schema requirements report.
    UnreadableBody,
    /// A body exceeded a bound of hearback and was truncated, or its encoding was not requested.
    TruncatedBody,
    /// Writes that overlapped the observation may or may not be visible in it.
    ConcurrentWrites,
    /// The members of a room at the time of the observation are not certain.
    MembershipUncertain,
    /// The number of messages in a room at the time of the observation is not certain.
    CountUncertain,
    /// Other clients may have written in the room.
    ForeignMessages,
    /// A list continues on a page that was not requested.
    IncompleteList,
    /// An absence could not be proven, because the socket was closed too early.
    ObservedTooBriefly,
    /// Nothing was observed after the action.
    NothingFollowed,
    /// The id or the name of a user is not known.
    UnknownUser(String),
    /// Something may be of an actor whose user id is unknown.
    UnknownUserId(String),
    /// It is not known whether something that a request refers to exists.
    UnknownReference,
    /// The journal does not contain the address of the target.
    UnknownTarget,
    /// A handshake was neither refused nor completed.
    HandshakePending,
    /// The target throttled the request or the handshake.
    Throttled,
    /// The access token had expired.
    TokenExpired,
    /// Another login of the same account had ended the session.
    SessionEnded,
    /// The target was unavailable.
    TargetUnavailable,
    /// The target rejected the request for a reason that the specification permits.
    PermittedRejection(String),
    /// The specification does not define the behavior.
    Unspecified,
    /// Several answers or causes were possible, and they cannot be distinguished.
    Indistinguishable,
    /// A file was not downloaded completely.
    IncompleteFile,
    /// A mute may have expired before it was read.
    MuteExpired,
    /// The accounts already share a direct room, which must not be changed.
    SharedRoom,
    /// The target returned a room that the run did not create, which must not be changed.
    ForeignRoom,
    /// The budget of failed logins is used up.
    LoginBudget,
    /// The time of the run was used up before.
    TimeBudget,
    /// A scenario reported that it could not exercise the requirement.
    Scenario(String),
    /// The run contains no observation of the requirement.
    NothingObserved,
}

impl Reason {
    /// The stable id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::DependsOn(_) => "depends_on",
            Self::Violates(_) => "violates",
            Self::Unauthorized => "unauthorized",
            Self::SchemaBroken(_) => "schema_broken",
            Self::UnreadableBody => "unreadable_body",
            Self::TruncatedBody => "truncated_body",
            Self::ConcurrentWrites => "concurrent_writes",
            Self::MembershipUncertain => "membership_uncertain",
            Self::CountUncertain => "count_uncertain",
            Self::ForeignMessages => "foreign_messages",
            Self::IncompleteList => "incomplete_list",
            Self::ObservedTooBriefly => "observed_too_briefly",
            Self::NothingFollowed => "nothing_followed",
            Self::UnknownUser(_) => "unknown_user",
            Self::UnknownUserId(_) => "unknown_user_id",
            Self::UnknownReference => "unknown_reference",
            Self::UnknownTarget => "unknown_target",
            Self::HandshakePending => "handshake_pending",
            Self::Throttled => "throttled",
            Self::TokenExpired => "token_expired",
            Self::SessionEnded => "session_ended",
            Self::TargetUnavailable => "target_unavailable",
            Self::PermittedRejection(_) => "permitted_rejection",
            Self::Unspecified => "unspecified",
            Self::Indistinguishable => "indistinguishable",
            Self::IncompleteFile => "incomplete_file",
            Self::MuteExpired => "mute_expired",
            Self::SharedRoom => "shared_room",
            Self::ForeignRoom => "foreign_room",
            Self::LoginBudget => "login_budget",
            Self::TimeBudget => "time_budget",
            Self::Scenario(_) => "scenario",
            Self::NothingObserved => "nothing_observed",
        }
    }

    /// The requirement, field, user or text that the reason is about.
    fn about(&self) -> Option<&str> {
        match self {
            Self::DependsOn(requirement) | Self::Violates(requirement) => {
                Some(requirement.as_str())
            }
            Self::SchemaBroken(text)
            | Self::UnknownUser(text)
            | Self::UnknownUserId(text)
            | Self::PermittedRejection(text)
            | Self::Scenario(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&Obstacle> for Reason {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::SharedRoom => Self::SharedRoom,
            Obstacle::ForeignRoom => Self::ForeignRoom,
            Obstacle::LoginBudget => Self::LoginBudget,
            Obstacle::TimeBudget => Self::TimeBudget,
            Obstacle::Other(reason) => Self::Scenario(reason.clone()),
        }
    }
}

impl From<Excuse> for Reason {
    fn from(excuse: Excuse) -> Self {
        match excuse {
            Excuse::TokenExpired => Self::TokenExpired,
            Excuse::SessionEnded => Self::SessionEnded,
            Excuse::Throttled => Self::Throttled,
            Excuse::Gateway | Excuse::Lag => Self::TargetUnavailable,
            Excuse::Truncated => Self::TruncatedBody,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::DependsOn(requirement) => {
                return write!(formatter, "depends on {requirement}, which does not hold");
            }
            Self::Violates(requirement) => {
                return write!(formatter, "the observations violate {requirement}");
            }
            Self::SchemaBroken(field) => {
                return write!(formatter, "`{field}` violates the schema");
            }
            Self::UnknownUser(user) => {
                return write!(formatter, "the id or the name of {user} is not known");
            }
            Self::UnknownUserId(actor) => {
                return write!(formatter, "the user id of {actor} is unknown");
            }
            Self::PermittedRejection(rejection) => {
                return write!(formatter, "{rejection}, which the specification permits");
            }
            Self::Scenario(text) => text,
            Self::SharedRoom => return Obstacle::SharedRoom.fmt(formatter),
            Self::ForeignRoom => return Obstacle::ForeignRoom.fmt(formatter),
            Self::LoginBudget => return Obstacle::LoginBudget.fmt(formatter),
            Self::TimeBudget => return Obstacle::TimeBudget.fmt(formatter),
            Self::Unauthorized => "the requests were answered with 401",
            Self::UnreadableBody => "the body is absent or not JSON",
            Self::TruncatedBody => {
                "the body exceeded a bound of hearback and was truncated, or has an encoding that was not requested"
            }
            Self::ConcurrentWrites => "other writes overlapped the observation",
            Self::MembershipUncertain => "the members at that time are not certain",
            Self::CountUncertain => "the number of messages at that time is not certain",
            Self::ForeignMessages => "other clients may have written in the room",
            Self::IncompleteList => "the list has more pages",
            Self::ObservedTooBriefly => "the socket was not open long enough to prove an absence",
            Self::NothingFollowed => "nothing was observed afterwards",
            Self::UnknownReference => "it is not known whether everything referred to exists",
            Self::UnknownTarget => "the journal does not contain the address of the target",
            Self::HandshakePending => "the handshake was neither refused nor completed",
            Self::Throttled => "the target throttled the requests",
            Self::TokenExpired => "the access token had expired",
            Self::SessionEnded => "another login had ended the session",
            Self::TargetUnavailable => "the target was unavailable",
            Self::Unspecified => "the specification does not define the behavior",
            Self::Indistinguishable => "several causes are possible",
            Self::IncompleteFile => "the file was not downloaded completely",
            Self::MuteExpired => "the mute may have expired",
            Self::NothingObserved => "the run contains no observation of it",
        };
        formatter.write_str(text)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id())?;
        if let Some(about) = self.about() {
            map.serialize_entry("about", about)?;
        }
        map.serialize_entry("text", &self.to_string())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_is_stored_with_its_id_and_its_text() {
        let reasons = [
            (
                Reason::DependsOn(RequirementId::MessageSend),
                json!({"id": "depends_on", "about": "message/send",
                    "text": "depends on message/send, which does not hold"}),
            ),
            (
                Reason::SchemaBroken("count".into()),
                json!({"id": "schema_broken", "about": "count",
                    "text": "`count` violates the schema"}),
            ),
            (
                Reason::ConcurrentWrites,
                json!({"id": "concurrent_writes",
                    "text": "other writes overlapped the observation"}),
            ),
        ];
        for (reason, stored) in reasons {
            assert_eq!(serde_json::to_value(&reason).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Reason>(stored).unwrap(), reason);
        }
    }

    #[test]
    fn every_id_is_the_one_that_is_read() {
        let unit = [
            Reason::Unauthorized,
            Reason::UnreadableBody,
            Reason::TruncatedBody,
            Reason::ConcurrentWrites,
            Reason::MembershipUncertain,
            Reason::CountUncertain,
            Reason::ForeignMessages,
            Reason::IncompleteList,
            Reason::ObservedTooBriefly,
            Reason::NothingFollowed,
            Reason::UnknownReference,
            Reason::UnknownTarget,
            Reason::HandshakePending,
            Reason::Throttled,
            Reason::TargetUnavailable,
            Reason::Unspecified,
            Reason::Indistinguishable,
            Reason::IncompleteFile,
            Reason::MuteExpired,
            Reason::SharedRoom,
            Reason::ForeignRoom,
            Reason::LoginBudget,
            Reason::NothingObserved,
        ];
        let text = || "x".to_owned();
        let carrying = [
            Reason::DependsOn(RequirementId::MessageSend),
            Reason::Violates(RequirementId::MessageSend),
            Reason::SchemaBroken("x".into()),
            Reason::UnknownUser(text()),
            Reason::UnknownUserId(text()),
            Reason::PermittedRejection(text()),
            Reason::Scenario(text()),
        ];
        for reason in unit.into_iter().chain(carrying) {
            let stored = serde_json::to_value(&reason).unwrap();
            assert_eq!(serde_json::from_value::<Reason>(stored).unwrap(), reason);
        }
    }
}
