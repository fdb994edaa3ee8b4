//! The usernames of actors.

use hearback_history::ActorName;

/// Returns the username that the target must show for an actor. `None` for actors who log in with an
/// e-mail address, because their username is unknown.
pub(super) fn username(actor: &ActorName) -> Option<&str> {
    Some(actor.as_str()).filter(|name| !name.contains('@'))
}
