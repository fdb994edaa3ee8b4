//! Faults of attachments; of the families `message` and `deletion`.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_DISPOSITION;
use hearback_contract::Operation::MessagesSend;
use hearback_contract::RequirementId;
use hearback_reference::Refusal;

use crate::fault::{FaultSpec, row};
use crate::wire::RequestChange;

/// Size of a form from which on it is rejected, in bytes.
const LARGE_FORM: usize = 200_000;

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "message/replaces-letters-in-file-names",
        RequirementId::MessageAttachmentNameIntact,
        "Letters other than those of ASCII in names of files are replaced with `_`.",
        |fault| {
            fault.validation.file_name = Some(|base, _, name| {
                base.file_name(name).replace(|letter: char| !letter.is_ascii(), "_")
            });
        },
    ),
    row(
        "message/keeps-paths-of-files",
        RequirementId::MessageAttachmentNameSafe,
        "Names of files keep folders.",
        |fault| fault.validation.file_name = Some(|_, _, name| name.to_owned()),
    ),
    row(
        "message/refuses-large-files",
        RequirementId::MessageLargeAttachment,
        "Forms of more than 200,000 bytes are rejected with 413.",
        |fault| {
            fault.change_requests(
                MessagesSend,
                RequestChange::Respond(
                    |request| request.text.contains("filename=") && request.text.len() > LARGE_FORM,
                    413,
                ),
            );
        },
    ),
    row(
        "message/files-need-no-token",
        RequirementId::MessageAttachmentNeedsToken,
        "Attachments can be fetched without a token.",
        |fault| {
            fault.permissions.check_download = Some(|base, _, readable, download| match readable {
                Err(Refusal::Unauthenticated(_)) => Ok(()),
                readable => base.check_download(readable, download),
            });
        },
    ),
    row(
        "message/files-for-all-users",
        RequirementId::MessageAttachmentMembersOnly,
        "Every user can fetch every attachment.",
        |fault| {
            fault.permissions.check_download =
                Some(|base, _, readable, download| match download.user {
                    Some(_) => Ok(()),
                    None => base.check_download(readable, download),
                });
        },
    ),
    row(
        "message/files-for-former-members",
        RequirementId::MessageAttachmentMembersOnly,
        "Former members of a room can fetch the attachments of its messages.",
        |fault| {
            fault.permissions.check_download = Some(|base, _, readable, download| {
                let room = download.store.message(download.message)?.map(|message| message.room);
                let was_member = match room.zip(download.user) {
                    Some((room, user)) => download.store.participant_of(room, user)?.is_some(),
                    None => false,
                };
                if was_member { Ok(()) } else { base.check_download(readable, download) }
            });
        },
    ),
    row(
        "message/files-are-sniffed",
        RequirementId::MessageAttachmentNotExecuted,
        "Attachments are served without headers that keep browsers from displaying them.",
        |fault| {
            fault.rendering.file_headers = Some(|_, _, headers| {
                let content_type = |(name, _): &(_, _)| name == "content-type";
                let named = headers.into_iter().filter_map(|(name, value)| Some((name?, value)));
                named.filter(content_type).collect::<HeaderMap>()
            });
        },
    ),
    row(
        "message/pages-are-displayed",
        RequirementId::MessageAttachmentNotExecuted,
        "Attachments are served for display, with the type from their sender.",
        |fault| {
            fault.rendering.file_headers = Some(|_, _, mut headers| {
                headers.remove(CONTENT_DISPOSITION);
                headers
            });
        },
    ),
    row(
        "deletion/keeps-files",
        RequirementId::DeletionAttachmentIsGone,
        "The files of deleted messages can still be fetched.",
        |fault| {
            fault.storage.delete_message = Some(|base, memory, store, message, now| {
                if let Some(attachment) = base.attachment(store, message.id)? {
                    memory.files.set(message.id, attachment);
                }
                base.delete_message(store, message, now)
            });
            fault.storage.attachment = Some(|base, memory, store, message| {
                let attachment = base.attachment(store, message)?;
                Ok(attachment.or_else(|| memory.files.get(message)))
            });
        },
    ),
];
