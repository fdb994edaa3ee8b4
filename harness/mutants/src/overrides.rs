//! Rules with some methods replaced.
//!
//! For each trait of [`hearback_reference::rules`] there is a struct with one optional function per
//! method. A function receives the rules below it, the memory of its fault and the arguments of the
//! method; methods without a function pass to the rules below.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use hearback_reference::delivery::{Event, Hub, Source};
use hearback_reference::directory::Directory;
use hearback_reference::membership::Membership;
use hearback_reference::rules::{
    Authentication, Content, Delivery, Departure, Download, Frame, Listing, Management, Peer,
    Permissions, Rendering, Storage, Validation,
};
use hearback_reference::store::attachments::Attachment;
use hearback_reference::store::messages::{Message, Ordering};
use hearback_reference::store::participants::Participant;
use hearback_reference::store::rooms::{Room, RoomFilter};
use hearback_reference::store::search::Search;
use hearback_reference::store::{Store, Window};
use hearback_reference::timestamp::Timestamp;
use hearback_reference::tokens::{EntryPoint, Signer};
use hearback_reference::users::{Credentials, UserId};
use hearback_reference::{MessageType, Refusal, RoomType};
use rusqlite::Result as Stored;
use uuid::Uuid;

use crate::memory::Memory;

/// Rules on top of others.
struct Overridden<Base: ?Sized, Methods> {
    base: Arc<Base>,
    memory: Arc<Memory>,
    methods: Methods,
}

/// Declares the optional functions of a trait, and implements the trait with them.
macro_rules! overrides {
    ($name:ident for $rules:ident {
        $(fn $method:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*
    }) => {
        /// Replacements for methods of
        #[doc = concat!("[`", stringify!($rules), "`].")]
        #[derive(Clone, Copy, Default)]
        pub(crate) struct $name {
            $(pub(crate) $method: Option<fn(&dyn $rules, &Memory, $($type),*) $(-> $result)?>,)*
        }

        impl $name {
            /// Stacks the replacements, if there are any, on top of rules.
            pub(crate) fn stack(&self, rules: &mut Arc<dyn $rules>, memory: &Arc<Memory>) {
                if $(self.$method.is_some())||* {
                    let (base, memory) = (Arc::clone(rules), Arc::clone(memory));
                    *rules = Arc::new(Overridden { base, memory, methods: *self });
                }
            }
        }

        impl $rules for Overridden<dyn $rules, $name> {
            $(fn $method(&self, $($argument: $type),*) $(-> $result)? {
                match self.methods.$method {
                    Some(replacement) => replacement(&*self.base, &self.memory, $($argument),*),
                    None => self.base.$method($($argument),*),
                }
            })*
        }
    };
}

overrides!(AuthenticationOverrides for Authentication {
    fn accepts(credentials: &Credentials, password: &str) -> bool;
    fn login_refusal(user_exists: bool) -> Refusal;
    fn authenticate(
        signer: &Signer,
        token: Option<&str>,
        entry: EntryPoint
    ) -> Result<UserId, Refusal>;
    fn ends_sockets() -> bool;
});

overrides!(PermissionOverrides for Permissions {
    fn outsider_refusal(room: Option<&Room>) -> Refusal;
    fn check_origin(origin: Option<&str>, host: Option<&str>) -> Result<(), Refusal>;
    fn check_listening(
        membership: Result<Membership, Refusal>,
        room: Option<&Room>
    ) -> Result<i64, Refusal>;
    fn check_typing(membership: Result<Membership, Refusal>) -> Result<(), Refusal>;
    fn check_write(membership: &Membership) -> Result<(), Refusal>;
    fn check_download(
        readable: Result<(), Refusal>,
        download: &Download<'_>
    ) -> Result<(), Refusal>;
    fn check_edit(membership: &Membership, message: &Message) -> Result<(), Refusal>;
    fn check_delete(membership: &Membership, message: &Message) -> Result<(), Refusal>;
    fn check_management(membership: &Membership, management: Management) -> Result<(), Refusal>;
    fn check_mute(membership: &Membership, participant: &Participant) -> Result<(), Refusal>;
});

overrides!(ValidationOverrides for Validation {
    fn check_content(content: &Content<'_>) -> Result<(), Refusal>;
    fn file_name(name: &str) -> String;
    fn reply_target(store: &Store, room: &Room, id: Uuid) -> Result<Option<Uuid>, Refusal>;
    fn check_editable(message: &Message) -> Result<(), Refusal>;
    fn invited(directory: &Directory, ids: Vec<i64>) -> Result<Vec<UserId>, Refusal>;
    fn subject(kind: RoomType, number: Option<i64>) -> Result<Option<i64>, Refusal>;
    fn check_message_type(given: MessageType, has_attachment: bool) -> Result<(), Refusal>;
    fn check_page(number: i64) -> Result<(), Refusal>;
    fn frame_limit() -> usize;
    fn reads_binary() -> bool;
    fn check_size(room_type: RoomType, others: usize) -> Result<(), Refusal>;
    fn check_addition(room: &Room) -> Result<(), Refusal>;
    fn check_removal(room: &Room) -> Result<(), Refusal>;
    fn newcomer(directory: &Directory, id: i64) -> Result<UserId, Refusal>;
    fn check_search(text: &str) -> Result<(), Refusal>;
    fn page_size(requested: Option<i64>) -> Result<i64, Refusal>;
});

overrides!(StorageOverrides for Storage {
    fn compose(message: Message) -> Message;
    fn add_message(
        store: &Store,
        message: &Message,
        attachment: Option<&Attachment>,
        source: Source
    ) -> Stored<()>;
    fn edit_message(
        store: &Store,
        message: &Message,
        content: &str,
        now: Timestamp
    ) -> Stored<()>;
    fn delete_message(store: &Store, message: &Message, now: Timestamp) -> Stored<()>;
    fn read_message(
        store: &Store,
        message: &Message,
        reader: &Participant,
        now: Timestamp
    ) -> Stored<Timestamp>;
    fn read_room(
        store: &Store,
        reader: &Participant,
        source: Source,
        now: Timestamp
    ) -> Stored<()>;
    fn add_participant(
        store: &Store,
        room: Uuid,
        user: UserId,
        is_admin: bool,
        now: Timestamp
    ) -> Stored<Option<Participant>>;
    fn end_membership(store: &Store, participant: &Participant, now: Timestamp) -> Stored<()>;
    fn attachment(store: &Store, message: Uuid) -> Stored<Option<Attachment>>;
});

overrides!(DeliveryOverrides for Delivery {
    fn deliver(hub: &mut Hub, room: Uuid, event: &Event<'_>, source: Source);
    fn welcome(
        store: &Store,
        directory: &Directory,
        hub: &mut Hub,
        peer: Peer,
        established: &Event<'_>
    ) -> Stored<()>;
    fn reject_frame(hub: &mut Hub, peer: Peer, frame: Frame<'_>, refusal: &Refusal);
    fn typing_lifetime() -> Duration;
    fn idle_limit() -> Option<Duration>;
    fn farewell(hub: &mut Hub, peer: Peer, stopped: Option<&Event<'_>>);
    fn end_streams(hub: &mut Hub, room: Uuid, user: UserId, departure: Departure);
});

overrides!(ListingOverrides for Listing {
    fn rooms(
        store: &Store,
        user: UserId,
        filter: RoomFilter,
        window: Window
    ) -> Stored<(i64, Vec<Room>)>;
    fn room_matches(name: &str, display_name: &str, text: &str) -> bool;
    fn messages(
        store: &Store,
        membership: &Membership,
        ordering: Ordering,
        window: Window
    ) -> Stored<(i64, Vec<Message>)>;
    fn search(store: &Store, search: Search<'_>, window: Window) -> Stored<(i64, Vec<Message>)>;
    fn participants(
        store: &Store,
        room: Uuid,
        window: Window
    ) -> Stored<(i64, Vec<Participant>)>;
});

overrides!(RenderingOverrides for Rendering {
    fn display_name(
        store: &Store,
        directory: &Directory,
        room: &Room,
        viewer: UserId
    ) -> Stored<String>;
    fn message(message: Message) -> Message;
    fn last_message(store: &Store, room: Uuid) -> Stored<Option<Message>>;
    fn preview(content: &str) -> String;
    fn file_headers(headers: HeaderMap) -> HeaderMap;
    fn participants(store: &Store, room: Uuid) -> Stored<Vec<Participant>>;
    fn participant_count(store: &Store, room: Uuid) -> Stored<i64>;
});
