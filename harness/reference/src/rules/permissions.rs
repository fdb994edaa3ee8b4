//! Permissions of users. Section *Permissions*.

use uuid::Uuid;

use super::origin::is_foreign;
use crate::membership::Membership;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::messages::Message;
use crate::store::participants::Participant;
use crate::store::rooms::Room;
use crate::users::UserId;

/// An action that manages a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Management {
    /// Adds a participant.
    AddParticipant,
    /// Removes a participant.
    RemoveParticipant,
    /// Archives the room.
    Archive,
}

/// A request for the attachment of a message.
#[derive(Clone, Copy)]
pub struct Download<'a> {
    /// The database.
    pub store: &'a Store,
    /// The message.
    pub message: Uuid,
    /// The user, if the request has a valid token.
    pub user: Option<UserId>,
    /// Query of the URL.
    pub query: &'a str,
}

/// Decides what users may do.
pub trait Permissions: Send + Sync {
    /// The refusal for a user who is not in a room: the same whether or not the room exists, so
    /// that it does not reveal which rooms exist.
    fn outsider_refusal(&self, _room: Option<&Room>) -> Refusal {
        Refusal::NotFound("There is no such room, or you are not in it.")
    }

    /// Checks whether a page of this origin may open a socket at this host: pages of other sites may not, because the
    /// token is in the URL.
    fn check_origin(&self, origin: Option<&str>, host: Option<&str>) -> Result<(), Refusal> {
        match is_foreign(origin, host) {
            true => Err(Refusal::Forbidden("Pages of other sites may not open a socket.")),
            false => Ok(()),
        }
    }

    /// Checks whether a user may open a socket, and returns the unread count that the socket
    /// reports: members may.
    fn check_listening(
        &self,
        membership: Result<Membership, Refusal>,
        _room: Option<&Room>,
    ) -> Result<i64, Refusal> {
        membership.map(|membership| membership.participant.unread_count)
    }

    /// Checks whether a user may announce that they are typing: members of rooms that are not archived may.
    fn check_typing(&self, membership: Result<Membership, Refusal>) -> Result<(), Refusal> {
        writable(&membership?.room)
    }

    /// Checks whether a member may write to a room: not if it is archived.
    fn check_write(&self, membership: &Membership) -> Result<(), Refusal> {
        writable(&membership.room)
    }

    /// Checks a request for an attachment: users who can read the message may fetch it.
    fn check_download(
        &self,
        readable: Result<(), Refusal>,
        _download: &Download<'_>,
    ) -> Result<(), Refusal> {
        readable
    }

    /// Checks whether a member may edit a message: only its sender may.
    fn check_edit(&self, membership: &Membership, message: &Message) -> Result<(), Refusal> {
        if message.sender == membership.user() {
            Ok(())
        } else {
            Err(Refusal::Forbidden("Only the sender may edit a message."))
        }
    }

    /// Checks whether a member may delete a message: its sender and admins of the room may.
    fn check_delete(&self, membership: &Membership, message: &Message) -> Result<(), Refusal> {
        if message.sender == membership.user() { Ok(()) } else { membership.require_admin() }
    }

    /// Checks whether a member may manage a room: only admins may.
    fn check_management(
        &self,
        membership: &Membership,
        _management: Management,
    ) -> Result<(), Refusal> {
        membership.require_admin()
    }

    /// Checks whether a member may mute the notifications of a participant: only their own.
    fn check_mute(
        &self,
        membership: &Membership,
        participant: &Participant,
    ) -> Result<(), Refusal> {
        if participant.user == membership.user() {
            Ok(())
        } else {
            Err(Refusal::Forbidden("Members may mute only their own notifications."))
        }
    }
}

fn writable(room: &Room) -> Result<(), Refusal> {
    match room.archived_at {
        None => Ok(()),
        Some(_) => Err(Refusal::Forbidden("The room is archived.")),
    }
}
