//! A room together with one of its members.

use crate::refusal::Refusal;
use crate::store::participants::Participant;
use crate::store::rooms::Room;
use crate::users::UserId;

/// A room and the current membership of one user in it.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The room.
    pub room: Room,
    /// The row of the member.
    pub participant: Participant,
}

impl Membership {
    /// The member.
    pub fn user(&self) -> UserId {
        self.participant.user
    }

    /// Rejects members who are not admins of the room.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] if the member is not an admin.
    pub fn require_admin(&self) -> Result<(), Refusal> {
        if self.participant.is_admin {
            Ok(())
        } else {
            Err(Refusal::Forbidden("Only an admin of the room may do this."))
        }
    }
}
