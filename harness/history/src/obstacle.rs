//! Reasons why a scenario could not exercise its requirements.

use std::fmt;

use hearback_contract::Operation;
use serde::{Deserialize, Serialize};

use crate::names::ActorName;

/// The reason why a scenario could not exercise its requirements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// There are fewer accounts than the scenario has roles.
    TooFewAccounts {
        /// Number of accounts that the scenario needs.
        needed: usize,
    },
    /// No account can create rooms.
    NoRoomCreator,
    /// The user id of an account is not known.
    UnknownUserId(ActorName),
    /// The accounts file does not name an object that a scenario needs.
    MissingFixture(Fixture),
    /// The accounts and options do not contain what a token of some kind is made from; the reason, in words.
    MissingSecret(String),
    /// Every pair of accounts already shares a direct room, which must not be changed.
    SharedRoom,
    /// The target returned a room or message that this run did not create, which must not be changed.
    ForeignRoom,
    /// The budget of failed logins is used up.
    LoginBudget,
    /// The scenario waits longer than the depth of the run permits.
    WaitBudget,
    /// The time of the run was used up before.
    TimeBudget,
    /// As many requirements as the user permits were broken before.
    FailureLimit,
    /// An operation did not respond.
    Unanswered(Operation),
    /// Handshakes were not answered.
    HandshakeUnanswered,
    /// A message that was sent on a socket reached no socket of its room.
    NotDelivered,
    /// The target closed a socket, with this code if there was one, or its connection broke.
    SocketClosed(Option<u16>),
    /// The target kept throttling.
    Throttled,
    /// Connections to the target failed, or a gateway answered instead of it.
    Unavailable,
    /// Another reason, in words.
    #[serde(untagged)]
    Other(String),
}

/// An object that the API cannot create, and that the accounts file may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fixture {
    /// A task.
    Task,
    /// A property.
    Property,
}

impl Obstacle {
    /// Returns whether it comes from the network or a limit of the target, not from what the target does.
    pub fn is_weather(&self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable)
    }
}

impl Fixture {
    /// The name in the accounts file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Property => "property",
        }
    }

    /// The fixture with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Task, Self::Property].into_iter().find(|fixture| fixture.as_str() == name)
    }
}

impl fmt::Display for Fixture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooFewAccounts { needed: 1 } => "needs 1 account",
            Self::TooFewAccounts { needed } => return write!(formatter, "needs {needed} accounts"),
            Self::NoRoomCreator => "needs an account that can create rooms",
            Self::UnknownUserId(actor) => {
                return write!(formatter, "needs the user id of {actor}");
            }
            Self::MissingFixture(fixture) => return write!(formatter, "needs a {fixture}"),
            Self::MissingSecret(reason) => reason,
            Self::SharedRoom => "these accounts already share a room",
            Self::ForeignRoom => "the target returned a room that this run did not create",
            Self::LoginBudget => "the budget of failed logins is used up",
            Self::WaitBudget => "its scenario waits longer than the depth permits (--depth)",
            Self::TimeBudget => "the time of the run was used up before",
            Self::FailureLimit => "the run stopped at the maximum number of failures before",
            Self::Unanswered(operation) => return write!(formatter, "{operation} did not respond"),
            Self::HandshakeUnanswered => "handshakes were not answered",
            Self::NotDelivered => "a message that was sent on a socket was not delivered",
            Self::SocketClosed(Some(code)) => {
                return write!(formatter, "the target closed a socket with {code}");
            }
            Self::SocketClosed(None) => "the target ended the connection of a socket",
            Self::Throttled => "the target throttled the requests",
            Self::Unavailable => "the target was unavailable",
            Self::Other(reason) => reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn obstacles_are_stored_by_id_or_as_text() {
        for (obstacle, stored) in [
            (Obstacle::SharedRoom, json!("shared_room")),
            (Obstacle::LoginBudget, json!("login_budget")),
            (Obstacle::TooFewAccounts { needed: 2 }, json!({"too_few_accounts": {"needed": 2}})),
            (
                Obstacle::Unanswered(Operation::MessagesDelete),
                json!({"unanswered": "messages.delete"}),
            ),
            (Obstacle::MissingFixture(Fixture::Task), json!({"missing_fixture": "task"})),
            (Obstacle::SocketClosed(Some(1011)), json!({"socket_closed": 1011})),
            (Obstacle::SocketClosed(None), json!({"socket_closed": null})),
            (Obstacle::Other("step 3".to_owned()), json!("step 3")),
        ] {
            assert_eq!(serde_json::to_value(&obstacle).unwrap(), stored);
            assert_eq!(serde_json::from_value::<Obstacle>(stored).unwrap(), obstacle);
        }
    }
}
