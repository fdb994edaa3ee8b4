//! Statements of the target about the user of an account.

use std::fmt;

use hearback_contract::UserId;
use serde_json::Value;

/// Maximum length of a username, in bytes; longer ones are ignored.
const LONGEST_USERNAME: usize = 300;

/// Place where a user id is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// `id` in the accounts file.
    AccountsFile,
    /// The response of the login, if it has a user. Section *Getting JWT Tokens*.
    TokenResponse,
    /// The claims of the access token, which are not verified.
    TokenClaims,
    /// `created_by` of a room that the account created. Section *Get Room Details*.
    CreatedBy,
    /// The participants of a room. Section *Get Room Details*.
    Participants,
    /// The first event of a socket. Section *Connection Established*.
    ConnectionEstablished,
    /// The sender of a message that the account sent. Section *Send Message*.
    Sender,
}

/// A user id, as one source states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The source.
    pub source: Source,
    /// The user id.
    pub id: UserId,
    /// The username, if the source has one.
    pub username: Option<String>,
}

impl Source {
    /// Weight against other sources. Claims alone do not suffice: what a token says about itself is a hint.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::TokenClaims => 1,
            _ => 2,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AccountsFile => "accounts file",
            Self::TokenResponse => "response of the login",
            Self::TokenClaims => "token claims",
            Self::CreatedBy => "`created_by` of its room",
            Self::Participants => "participants of a room",
            Self::ConnectionEstablished => "`connection_established`",
            Self::Sender => "`sender` of its message",
        })
    }
}

impl Statement {
    /// The statement of a user object with `id` and `username`.
    pub fn of_user(source: Source, user: &Value) -> Option<Self> {
        Some(Self { source, id: id(user.get("id")?)?, username: username(user) })
    }

    /// The statement of an object with `user_id` and `username`, such as `connection_established`.
    pub fn of_event(source: Source, event: &Value) -> Option<Self> {
        Some(Self { source, id: id(event.get("user_id")?)?, username: username(event) })
    }

    /// The statement of the response to a login.
    pub(crate) fn of_token_response(response: &Value) -> Option<Self> {
        let source = Source::TokenResponse;
        let user = response.get("user").and_then(|user| Self::of_user(source, user));
        user.or_else(|| Self::of_event(source, response))
    }

    /// The statement of the claims of a token: `user_id`, otherwise `sub`, as a number or its digits.
    pub(crate) fn of_claims(claims: &serde_json::Map<String, Value>) -> Option<Self> {
        let id = ["user_id", "sub"].iter().find_map(|name| id(claims.get(*name)?))?;
        Some(Self { source: Source::TokenClaims, id, username: None })
    }

    /// The creator of a room that the account created.
    pub fn of_creator(room: &Value) -> Option<Self> {
        Self::of_user(Source::CreatedBy, room.get("created_by")?)
    }

    /// The participant of a room that the account created alone: the only one, or the only admin.
    pub fn of_only_participant(room: &Value) -> Option<Self> {
        let participants = room.get("participants")?.as_array()?;
        let only = match &participants[..] {
            [only] => only,
            several => {
                let mut admins =
                    several.iter().filter(|it| it.get("is_admin") == Some(&true.into()));
                admins.next().filter(|_| admins.next().is_none())?
            }
        };
        Self::of_user(Source::Participants, only.get("user")?)
    }

    /// The participant with the id `user`, of a room that only its members can read.
    pub fn of_participant(room: &Value, user: UserId) -> Option<Self> {
        let participants = room.get("participants")?.as_array()?.iter();
        participants
            .filter_map(|it| Self::of_user(Source::Participants, it.get("user")?))
            .find(|statement| statement.id == user)
    }
}

/// A user id as a number, or as digits, as some token libraries write it.
fn id(value: &Value) -> Option<UserId> {
    let id = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    Some(UserId::new(id))
}

fn username(object: &Value) -> Option<String> {
    let name = object.get("username")?.as_str()?;
    (!name.is_empty() && name.len() <= LONGEST_USERNAME).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(id: i64, name: &str) -> Value {
        json!({"id": id, "username": name})
    }

    fn pair(statement: Option<Statement>) -> Option<(i64, Option<String>)> {
        statement.map(|it| (it.id.get(), it.username))
    }

    #[test]
    fn claims_are_numbers_or_digits() {
        let id = |claims: Value| {
            pair(Statement::of_claims(claims.as_object().unwrap())).map(|(id, _)| id)
        };
        assert_eq!(id(json!({"user_id": 3, "sub": "4"})), Some(3));
        assert_eq!(id(json!({"user_id": "3"})), Some(3));
        assert_eq!(id(json!({"user_id": "a-uuid", "sub": "4"})), Some(4));
        assert_eq!(id(json!({"sub": "alice@example.com"})), None);
        assert_eq!(id(json!({})), None);
    }

    #[test]
    fn responses_of_a_login_may_have_a_user() {
        let stated = |response: Value| pair(Statement::of_token_response(&response));
        let alice = Some((3, Some("alice".to_owned())));
        assert_eq!(stated(json!({"access": "x", "user": user(3, "alice")})), alice);
        assert_eq!(stated(json!({"access": "x", "user_id": 3})), Some((3, None)));
        assert_eq!(stated(json!({"access": "x", "user": "alice", "id": 7})), None);
    }

    #[test]
    fn the_creator_is_the_only_participant_or_the_only_admin() {
        let room = |members: &[(i64, bool)]| {
            let members: Vec<_> = members
                .iter()
                .map(|(id, is_admin)| json!({"user": user(*id, "x"), "is_admin": is_admin}))
                .collect();
            let room = json!({"participants": members});
            pair(Statement::of_only_participant(&room)).map(|(id, _)| id)
        };
        assert_eq!(room(&[(3, false)]), Some(3));
        assert_eq!(room(&[(3, true), (4, false)]), Some(3));
        assert_eq!(room(&[(3, true), (4, true)]), None);
        assert_eq!(room(&[(3, false), (4, false)]), None);
        assert_eq!(room(&[]), None);
    }

    #[test]
    fn usernames_are_bounded() {
        let name =
            |name: &str| pair(Statement::of_user(Source::CreatedBy, &user(3, name))).unwrap().1;
        assert_eq!(name("Alice"), Some("Alice".to_owned()));
        assert_eq!(name(""), None);
        assert_eq!(name(&"x".repeat(301)), None);
    }
}
