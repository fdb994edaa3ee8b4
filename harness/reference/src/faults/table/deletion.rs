//! Faults of deletion.

use hearback_contract::Operation::{
    self, MessagesDelete, MessagesGet, MessagesList, MessagesSearch,
};
use serde_json::json;

use super::{Edit, FaultSpec, behaviour, changed, edited, row};
use crate::faults::behaviour::Behaviour;
use crate::faults::response::{Change, When};
use crate::faults::values::drop_fraction;

const VIEWS: &[Operation] = &[MessagesGet, MessagesList, MessagesSearch, MessagesDelete];

const GONE: &str =
    r#"{"error":"Resource not found","detail":"There is no such message, or you cannot see it."}"#;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "deletion/leaves-nothing",
        "deletion/placeholder",
        "A deleted message has empty content.",
        edited(
            VIEWS,
            Edit::Map(&["", "/results/*"], |message| {
                if message["is_deleted"] == true {
                    message["content"] = json!("");
                }
            }),
        ),
    ),
    row(
        "deletion/without-time",
        "deletion/flags",
        "`deleted_at` is always null.",
        edited(
            VIEWS,
            Edit::Map(&["/deleted_at", "/results/*/deleted_at"], |time| *time = json!(null)),
        ),
    ),
    row(
        "deletion/shows-text",
        "deletion/text-is-gone",
        "A deleted message still shows its text.",
        behaviour(Behaviour::ShowsDeletedText),
    ),
    row(
        "deletion/finds-text",
        "deletion/not-in-search",
        "Search finds deleted messages by their old text.",
        behaviour(Behaviour::FindsDeletedText),
    ),
    row(
        "deletion/previews-text",
        "deletion/not-in-preview",
        "Rooms still show the text of a deleted last message.",
        behaviour(Behaviour::PreviewsDeletedText),
    ),
    row(
        "deletion/replies-show-text",
        "deletion/not-in-replies",
        "Replies embed the text of the deleted message that they answer.",
        behaviour(Behaviour::RepliesShowDeletedText),
    ),
    row(
        "deletion/edits-deleted",
        "deletion/stays-deleted",
        "A deleted message can be edited.",
        behaviour(Behaviour::EditsDeleted),
    ),
    row(
        "deletion/get-hides-listed",
        "deletion/get-agrees-with-list",
        "A deleted message is listed, but not there when fetched alone.",
        changed(
            &[MessagesGet],
            When::SuccessWhere(|message| message["is_deleted"] == true),
            Change::Replace(404, GONE),
        ),
    ),
    row(
        "deletion/created-to-the-second",
        "deletion/changes-nothing-else",
        "`created_at` of a message loses its fraction when the message is deleted.",
        edited(
            VIEWS,
            Edit::Map(&["", "/results/*"], |message| {
                if message["is_deleted"] == true {
                    drop_fraction(&mut message["created_at"]);
                }
            }),
        ),
    ),
    row(
        "deletion/only-admins-delete",
        "deletion/delete-own",
        "Senders who are no admins cannot delete their messages.",
        behaviour(Behaviour::OnlyAdminsDelete),
    ),
];
