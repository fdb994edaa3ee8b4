//! Ownership: which rooms, messages and participants of the target a client may change.
//!
//! A client changes only what its run demonstrably created. The [`Ledger`] knows these objects; the guard at the
//! client's exit refuses a write to anything else before it is sent, whoever asks for it. Ids that cannot denote
//! an existing object, because they are [synthetic](hearback_history::synthetic_ids) or malformed, pass.

pub(crate) mod clock;
pub(crate) mod guard;
mod ids;
mod ledger;

pub use ledger::{Ledger, OwnedRoom, RoomStatus, UnansweredCreation};
