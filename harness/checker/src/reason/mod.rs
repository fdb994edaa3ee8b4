//! Reasons for a verdict that is neither held nor broken.

mod remedy;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use hearback_contract::{Operation, RequirementId};
use hearback_history::{Excuse, Fixture, Obstacle};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// A `next` does not lead to a page of the list, and was not followed.
    LinkNotFollowed,
    /// Files are at another origin than the target, which hearback sends nothing to.
    FilesElsewhere(String),
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
    /// hearback itself stalled during the scenario.
    Stalled,
    /// Reads showed writes later than hearback waited.
    LateReads,
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
    /// As many requirements as the user permits were broken before.
    FailureLimit,
    /// The scenario waits longer than the depth of the run permits.
    WaitBudget,
    /// The scenarios need more accounts, at least this number.
    TooFewAccounts(#[serde(deserialize_with = "number")] usize),
    /// No account can create rooms.
    NoRoomCreator,
    /// The accounts file does not name an object that the API cannot create.
    MissingFixture(Fixture),
    /// The accounts and options do not contain what a token of some kind is made from.
    MissingSecret(String),
    /// An operation did not respond.
    Unanswered(Operation),
    /// Handshakes were not answered.
    HandshakeUnanswered,
    /// Messages sent on sockets were not delivered.
    NotDelivered,
    /// The target closed sockets with this code.
    SocketClosed(#[serde(deserialize_with = "number")] u16),
    /// The target ended the connections of sockets without a close code.
    SocketLost,
    /// No scenario of the run is sure to exercise the requirement.
    NotPlanned,
    /// A scenario reported that it could not exercise the requirement.
    Scenario(String),
    /// A violation was observed, and none of this number of repetitions reproduced it.
    NotReproduced(#[serde(deserialize_with = "number")] u32),
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
            Self::LinkNotFollowed => "link_not_followed",
            Self::FilesElsewhere(_) => "files_elsewhere",
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
            Self::Stalled => "stalled",
            Self::LateReads => "late_reads",
            Self::SharedRoom => "shared_room",
            Self::ForeignRoom => "foreign_room",
            Self::LoginBudget => "login_budget",
            Self::WaitBudget => "wait_budget",
            Self::TimeBudget => "time_budget",
            Self::FailureLimit => "failure_limit",
            Self::TooFewAccounts(_) => "too_few_accounts",
            Self::NoRoomCreator => "no_room_creator",
            Self::MissingFixture(_) => "missing_fixture",
            Self::MissingSecret(_) => "missing_secret",
            Self::Unanswered(_) => "unanswered",
            Self::HandshakeUnanswered => "handshake_unanswered",
            Self::NotDelivered => "not_delivered",
            Self::SocketClosed(_) => "socket_closed",
            Self::SocketLost => "socket_lost",
            Self::NotPlanned => "not_planned",
            Self::Scenario(_) => "scenario",
            Self::NotReproduced(_) => "not_reproduced",
            Self::NothingObserved => "nothing_observed",
        }
    }

    /// The requirement, operation, field, user, number or text that the reason is about.
    fn about(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::DependsOn(requirement) | Self::Violates(requirement) => {
                Some(requirement.as_str().into())
            }
            Self::TooFewAccounts(number) => Some(number.to_string().into()),
            Self::NotReproduced(repetitions) => Some(repetitions.to_string().into()),
            Self::SocketClosed(code) => Some(code.to_string().into()),
            Self::MissingFixture(fixture) => Some(fixture.as_str().into()),
            Self::Unanswered(operation) => Some(operation.id().into()),
            Self::MissingSecret(text)
            | Self::SchemaBroken(text)
            | Self::UnknownUser(text)
            | Self::UnknownUserId(text)
            | Self::PermittedRejection(text)
            | Self::FilesElsewhere(text)
            | Self::Scenario(text) => Some(text.into()),
            _ => None,
        }
    }

    /// The obstacle of a scenario that the reason is equal to, if it is one.
    fn as_obstacle(&self) -> Option<Obstacle> {
        Some(match self {
            Self::TooFewAccounts(needed) => Obstacle::TooFewAccounts { needed: *needed },
            Self::NoRoomCreator => Obstacle::NoRoomCreator,
            Self::MissingFixture(fixture) => Obstacle::MissingFixture(*fixture),
            Self::MissingSecret(reason) => Obstacle::MissingSecret(reason.clone()),
            Self::SharedRoom => Obstacle::SharedRoom,
            Self::ForeignRoom => Obstacle::ForeignRoom,
            Self::LoginBudget => Obstacle::LoginBudget,
            Self::WaitBudget => Obstacle::WaitBudget,
            Self::TimeBudget => Obstacle::TimeBudget,
            Self::FailureLimit => Obstacle::FailureLimit,
            Self::Unanswered(operation) => Obstacle::Unanswered(*operation),
            Self::HandshakeUnanswered => Obstacle::HandshakeUnanswered,
            Self::NotDelivered => Obstacle::NotDelivered,
            Self::SocketClosed(code) => Obstacle::SocketClosed(Some(*code)),
            Self::SocketLost => Obstacle::SocketClosed(None),
            Self::Throttled => Obstacle::Throttled,
            Self::TargetUnavailable => Obstacle::Unavailable,
            _ => return None,
        })
    }
}

/// A number that is stored as text.
fn number<'de, D: Deserializer<'de>, N: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<N, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

impl From<&Obstacle> for Reason {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::SharedRoom => Self::SharedRoom,
            Obstacle::ForeignRoom => Self::ForeignRoom,
            Obstacle::LoginBudget => Self::LoginBudget,
            Obstacle::WaitBudget => Self::WaitBudget,
            Obstacle::TimeBudget => Self::TimeBudget,
            Obstacle::FailureLimit => Self::FailureLimit,
            Obstacle::TooFewAccounts { needed } => Self::TooFewAccounts(*needed),
            Obstacle::NoRoomCreator => Self::NoRoomCreator,
            Obstacle::UnknownUserId(actor) => Self::UnknownUserId(actor.to_string()),
            Obstacle::MissingFixture(fixture) => Self::MissingFixture(*fixture),
            Obstacle::MissingSecret(reason) => Self::MissingSecret(reason.clone()),
            Obstacle::Unanswered(operation) => Self::Unanswered(*operation),
            Obstacle::HandshakeUnanswered => Self::HandshakeUnanswered,
            Obstacle::NotDelivered => Self::NotDelivered,
            Obstacle::SocketClosed(Some(code)) => Self::SocketClosed(*code),
            Obstacle::SocketClosed(None) => Self::SocketLost,
            Obstacle::Throttled => Self::Throttled,
            Obstacle::Unavailable => Self::TargetUnavailable,
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
            Excuse::Gateway
            | Excuse::Unprocessed
            | Excuse::LongAddress
            | Excuse::Abandoned
            | Excuse::Lag
            | Excuse::TokenUnverified => Self::TargetUnavailable,
            Excuse::Truncated => Self::TruncatedBody,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(obstacle) = self.as_obstacle() {
            return obstacle.fmt(formatter);
        }
        let text = match self {
            Self::DependsOn(requirement) => {
                return write!(formatter, "depends on {requirement}, which does not hold");
            }
            Self::Violates(requirement) => {
                return write!(formatter, "the observations violate {requirement}");
            }
            Self::NotReproduced(repetitions) => {
                return write!(
                    formatter,
                    "a violation was observed, and not reproduced in {repetitions} repetitions"
                );
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
            Self::FilesElsewhere(origin) => {
                return write!(
                    formatter,
                    "the files are at {origin}, and hearback sends requests only to the target"
                );
            }
            Self::Scenario(text) => text,
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
            Self::LinkNotFollowed => {
                "`next` does not lead to a page of the list, and was not followed"
            }
            Self::ObservedTooBriefly => "the socket was not open long enough to prove an absence",
            Self::NothingFollowed => "nothing was observed afterwards",
            Self::UnknownReference => "it is not known whether everything referred to exists",
            Self::UnknownTarget => "the journal does not contain the address of the target",
            Self::HandshakePending => "the handshake was neither refused nor completed",
            Self::TokenExpired => "the access token had expired",
            Self::SessionEnded => "another login had ended the session",
            Self::Unspecified => "the specification does not define the behavior",
            Self::Indistinguishable => "several causes are possible",
            Self::IncompleteFile => "the file was not downloaded completely",
            Self::Stalled => {
                "hearback itself stalled meanwhile: it was suspended, or had no processor"
            }
            Self::LateReads => "reads show writes later than hearback waited",
            Self::MuteExpired => "the mute may have expired",
            Self::NotPlanned => "no scenario of the run is sure to exercise it",
            _ => "the run contains no observation of it",
        };
        formatter.write_str(text)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id())?;
        if let Some(about) = self.about() {
            map.serialize_entry("about", &about)?;
        }
        map.serialize_entry("text", &self.to_string())?;
        map.end()
    }
}
