//! usernames

use hearback_history::ActorName;

/// The name that the target should show for an actor; `None` for one who logs in by e-mail address, and
/// may be called otherwise.
pub(super) fn username(actor: &ActorName) -> Option<&str> {
    Some(actor.as_str()).filter(|name| !name.contains('@'))
}
