//! The events of a run, as the journal holds them: one JSON object a line.

use std::borrow::Borrow;
use std::fmt;

use hearback_contract::{Operation, RequirementId};
use serde::{Deserialize, Serialize};

use crate::payload::Payload;

/// Nanoseconds since the run began, on one monotonic clock.
pub type Nanoseconds = u64;

macro_rules! name_type {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(name: T) -> Self {
                Self(name.into())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

name_type! {
    /// What an actor is called in the run: its user name at the target.
    ActorName
}
name_type! {
    /// What a scenario is called: the family and file of a scenario, `room/create`.
    ScenarioName
}

/// The number of a call within its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// The number of a socket connection within its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u64);

/// What kind of token was shown.
///
/// For token.obtain the credentials are a name and a password: [`Access`](Self::Access) is the
/// account's own, [`Garbage`](Self::Garbage) a wrong password, [`Anonymous`](Self::Anonymous) a user
/// that does not exist. For token.refresh they are the refresh token: `Access` is a valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A valid access token.
    Access,
    /// An access token that was had by refreshing.
    Refreshed,
    /// None at all.
    Anonymous,
    /// Something that is no token.
    Garbage,
    /// An access token whose signature was altered.
    Tampered,
    /// An access token re-encoded without signature.
    AlgNone,
    /// A rightly signed access token that has expired.
    Expired,
    /// A refresh token in the place of an access token.
    RefreshAsAccess,
    /// An access token in the place of a refresh token; token.refresh only.
    AccessAsRefresh,
}

impl CredentialKind {
    /// Whether the document says that the token opens anything.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Access | Self::Refreshed)
    }
}

/// The token that a request or a handshake showed, and whose it was; never its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// What kind it was.
    pub kind: CredentialKind,
    /// The actor whose token it was, or was made from.
    pub of: ActorName,
}

/// The first event of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStart {
    /// Name of the run; everything that it creates carries it.
    pub run: String,
    /// hearback's version.
    pub version: String,
    /// The document's version.
    pub document: String,
    /// Base URL of the target, without credentials.
    pub target: String,
    /// Base URL of the target's sockets.
    pub socket: String,
    /// How the target was named; not in older journals, nor in those of loads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_kind: Option<TargetKind>,
    /// Seed of everything random.
    pub seed: u64,
    /// Wall-clock time, RFC 3339.
    pub started_at: String,
    /// How long anything is waited for, in milliseconds.
    pub timeout_ms: u64,
    /// Requirements that were asked for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<RequirementId>,
}

/// How a target was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// It was not: the embedded server was started, with these faults.
    Embedded {
        /// Their ids.
        faults: Vec<String>,
    },
    /// By its URL, which is [`RunStart::target`].
    Named {
        /// The path of its accounts file.
        accounts: String,
        /// The URL of its sockets, where it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        socket_url: Option<String>,
        /// The environment variable with its key, where one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jwt_secret_env: Option<String>,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum RunEnd {
    /// Every scenario was carried out.
    Completed,
    /// Somebody stopped it.
    Interrupted,
    /// It could not go on.
    Aborted {
        /// Why.
        reason: String,
    },
}

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Its number.
    pub call: CallId,
    /// The scenario that made it.
    pub scenario: ScenarioName,
    /// Who made it.
    pub actor: ActorName,
    /// The documented operation; `None` for other requests, such as fetching an attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The token shown.
    pub credential: Credential,
    /// HTTP method.
    pub method: String,
    /// Path below the base URL, or the whole URL for requests that are no operation.
    pub path: String,
    /// Values of the path's parameters, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path_parameters: Vec<String>,
    /// Query parameters, decoded, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// The content type, where there was a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body. For a form it is a JSON object of its fields; a file is `{name, content_type, base64}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Payload>,
    /// The attempt, from 1 on; more than 1 after a throttle.
    #[serde(default = "first_attempt", skip_serializing_if = "is_first_attempt")]
    pub attempt: u32,
}

fn first_attempt() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_first_attempt(attempt: &u32) -> bool {
    *attempt == 1
}

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseOrigin {
    /// hearback closed it.
    Client,
    /// The target closed it with a close frame.
    Server,
    /// It broke: reset, end of stream without a close frame, protocol error.
    Broken,
}

/// What a scenario expected, and what was seen; whoever wrote it decides what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The scenario that expected it.
    pub scenario: ScenarioName,
    /// Who looked.
    pub actor: ActorName,
    /// The number of the step in its file.
    pub step: String,
    /// File and line of the step.
    pub place: String,
    /// The requirement that it speaks to; the scenario's own affair if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<RequirementId>,
    /// What was looked at: actor, operation or event, and the path of a member.
    pub subject: String,
    /// What was expected there, in words.
    pub expected: String,
    /// What was seen there; `None` if there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Whether it was as expected.
    pub holds: bool,
}

/// How a defect can be brought about again, as far as hearback has tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reproduction {
    /// The requirement that it breaks.
    pub requirement: RequirementId,
    /// What tells the defect from others of the same requirement.
    pub variant: String,
    /// The generated scenario in which it was found.
    pub scenario: ScenarioName,
    /// The file with the smallest scenario that was found to show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Steps of that scenario.
    pub steps: usize,
    /// How often it showed the defect in the end.
    pub reproduced: usize,
    /// How often it was carried out in the end.
    pub of: usize,
    /// How often a scenario was carried out to find it.
    pub attempts: usize,
    /// Whether nothing more could be left out; otherwise a bound ended the search.
    pub is_minimal: bool,
    /// What was expected, the last time that it was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What came instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// All that was sent, as lines to paste into a shell; tokens are variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run began.
    RunStarted(RunStart),
    /// An actor is known: who it is at the target.
    ActorKnown {
        /// Its name.
        actor: ActorName,
        /// Its user id at the target, where it is known.
        user_id: Option<i64>,
    },
    /// A scenario began.
    ScenarioStarted {
        /// Its name.
        scenario: ScenarioName,
        /// Who plays whom: the roles of the scenario, in its order, with their actors.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cast: Vec<(String, ActorName)>,
    },
    /// A scenario ended.
    ScenarioEnded {
        /// Its name.
        scenario: ScenarioName,
        /// Why it could not go on, if it could not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stopped: Option<String>,
        /// What it needs and this target or these accounts do not offer, if that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<String>,
    },
    /// A scenario could not look at a requirement.
    NotExercised {
        /// The requirement.
        requirement: RequirementId,
        /// Why.
        reason: String,
    },
    /// A request is about to be sent.
    Invoked(Invocation),
    /// A response was read to its end.
    Returned {
        /// The request that it answers.
        call: CallId,
        /// HTTP status.
        status: u16,
        /// Content type as sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Seconds to wait, where the target throttled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        throttled_s: Option<f64>,
        /// The body, up to a bound.
        body: Payload,
        /// Whether the body was longer than the bound.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        truncated: bool,
    },
    /// No response came.
    Failed {
        /// The request.
        call: CallId,
        /// What went wrong.
        error: String,
        /// Whether the target may have carried it out all the same.
        maybe_done: bool,
    },
    /// A handshake is about to be sent.
    Connecting {
        /// The connection's number.
        connection: ConnectionId,
        /// The scenario that opens it.
        scenario: ScenarioName,
        /// Who opens it.
        actor: ActorName,
        /// The token shown.
        credential: Credential,
        /// The room's id as it stands in the URL.
        room: String,
    },
    /// The handshake was answered with 101.
    Connected {
        /// The connection.
        connection: ConnectionId,
    },
    /// The handshake failed.
    ConnectFailed {
        /// The connection.
        connection: ConnectionId,
        /// The HTTP status, where there was one.
        status: Option<u16>,
        /// Seconds to wait, where the target throttled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        throttled_s: Option<f64>,
        /// What went wrong.
        error: String,
    },
    /// A frame was handed to the connection.
    Sent {
        /// The connection.
        connection: ConnectionId,
        /// The frame.
        frame: Payload,
    },
    /// A frame was received.
    Received {
        /// The connection.
        connection: ConnectionId,
        /// The frame.
        frame: Payload,
    },
    /// A connection ended.
    Closed {
        /// The connection.
        connection: ConnectionId,
        /// Who ended it.
        by: CloseOrigin,
        /// The close code, where there was one.
        code: Option<u16>,
        /// The close reason or the error.
        reason: String,
    },
    /// Something was expected, and has been looked at.
    Expected(Expected),
    /// A defect is about to be brought about again and again; what happens until it has been is not
    /// part of what is judged.
    Reproducing {
        /// The requirement that it breaks.
        requirement: RequirementId,
        /// The scenario in which it was found.
        scenario: ScenarioName,
    },
    /// A defect has been brought about again, or not.
    Reproduced(Reproduction),
    /// The run ended.
    RunEnded(RunEnd),
}

/// Something that happened, where and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the journal, from 0 on.
    pub seq: u64,
    /// When.
    pub at: Nanoseconds,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}
