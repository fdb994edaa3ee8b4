//! Messages in requests, as JSON or as a form with a file. Section *Send Message*.

use axum::extract::{FromRequest, Multipart, Request};
use uuid::Uuid;

use super::body::{JsonBody, media_type};
use crate::app::SharedApp;
use crate::chat::Draft;
use crate::delivery::Source;
use crate::input::{Fields, parse_uuid, required};
use crate::message_type::MessageType;
use crate::refusal::Refusal;
use crate::store::attachments::Attachment;

impl FromRequest<SharedApp> for Draft {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Refusal> {
        if media_type(request.headers()) == "multipart/form-data" {
            let form = Multipart::from_request(request, app).await.map_err(|_| malformed())?;
            Form::read(form, app).await?.draft()
        } else {
            from_json(&JsonBody::from_request(request, app).await?.0)
        }
    }
}

fn from_json(fields: &Fields) -> Result<Draft, Refusal> {
    Ok(Draft {
        room: required("room", fields.uuid("room")?)?,
        content: required("content", fields.text("content")?)?.to_owned(),
        message_type: fields.text("message_type")?.map(message_type).transpose()?,
        reply_to: fields.uuid("reply_to")?,
        attachment: None,
        source: Source::Operation,
    })
}

/// The known parts of a form; empty ones count as absent.
#[derive(Default)]
struct Form {
    room: Option<String>,
    content: Option<String>,
    message_type: Option<String>,
    reply_to: Option<String>,
    attachment: Option<Attachment>,
}

impl Form {
    async fn read(mut parts: Multipart, app: &SharedApp) -> Result<Self, Refusal> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
            let text = match part.name() {
                Some("room") => &mut form.room,
                Some("content") => &mut form.content,
                Some("message_type") => &mut form.message_type,
                Some("reply_to") => &mut form.reply_to,
                Some("attachment") => {
                    let name = app.rules.validation.file_name(part.file_name().unwrap_or_default());
                    let content_type =
                        part.content_type().unwrap_or("application/octet-stream").to_owned();
                    let bytes = part.bytes().await.map_err(|_| malformed())?.to_vec();
                    if bytes.len() > app.media_limit {
                        return Err(Refusal::invalid("`attachment` is too large."));
                    }
                    form.attachment = Some(Attachment { name, content_type, bytes });
                    continue;
                }
                _ => continue,
            };
            // Field::text() would replace invalid UTF-8 instead of rejecting it.
            let bytes = part.bytes().await.map_err(|_| malformed())?;
            let value = String::from_utf8(bytes.to_vec()).map_err(|_| malformed())?;
            *text = Some(value).filter(|value| !value.is_empty());
        }
        Ok(form)
    }

    fn draft(self) -> Result<Draft, Refusal> {
        let room = required("room", self.room)?;
        Ok(Draft {
            room: uuid("room", &room)?,
            content: self.content.unwrap_or_default(),
            message_type: self.message_type.as_deref().map(message_type).transpose()?,
            reply_to: self.reply_to.map(|text| uuid("reply_to", &text)).transpose()?,
            attachment: self.attachment,
            source: Source::Operation,
        })
    }
}

fn malformed() -> Refusal {
    Refusal::invalid("The form cannot be read.")
}

fn uuid(name: &str, text: &str) -> Result<Uuid, Refusal> {
    parse_uuid(text).ok_or_else(|| Refusal::invalid(format!("`{name}` must be a UUID.")))
}

fn message_type(word: &str) -> Result<MessageType, Refusal> {
    MessageType::named(word)
        .ok_or_else(|| Refusal::invalid("`message_type` must be text, image or file."))
}
