//! Redaction of events.

use std::borrow::Cow;
use std::sync::Arc;

use hearback_contract::RoomId;

use super::{Redactor, compressed};
use crate::event::EventKind;
use crate::obstacle::Obstacle;
use crate::payload::Payload;
use crate::room_creation::OrphanedRoom;
use crate::run::{RunEnd, ScenarioEnd};

impl Redactor {
    fn payload(&self, payload: &mut Payload) {
        match payload {
            Payload::Text(text) => {
                if let Cow::Owned(redacted) = self.text(text) {
                    *payload = redacted.into();
                }
            }
            Payload::Base64(_) => {
                let bytes = payload.to_bytes();
                if let Some(format) = compressed::format(&bytes) {
                    *payload = format!("[{} bytes of {format}]", bytes.len()).into();
                    return;
                }
                let text = String::from_utf8_lossy(&bytes);
                if let Cow::Owned(redacted) = self.text(&text) {
                    *payload = redacted.into();
                }
            }
        }
    }

    fn room(&self, id: &mut RoomId) {
        if let Cow::Owned(redacted) = self.text(id.as_str()) {
            *id = redacted.into();
        }
    }

    /// Redacts every text of `event` that was sent to or received from the target.
    pub fn event(&self, event: &mut EventKind) {
        match event {
            EventKind::Invoked(invocation) => {
                let invocation = Arc::make_mut(invocation);
                self.edit(&mut invocation.path);
                invocation.path_parameters.iter_mut().for_each(|text| self.edit(text));
                for (name, value) in &mut invocation.query {
                    self.edit(name);
                    self.edit(value);
                }
                if let Some(body) = &mut invocation.body {
                    self.payload(body);
                }
            }
            EventKind::Returned { body, content_type, headers, .. } => {
                self.payload(body);
                headers.iter_mut().for_each(|(_, value)| self.edit(value));
                content_type.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::Sent { frame, .. } | EventKind::Received { frame, .. } => {
                self.payload(frame)
            }
            EventKind::Failed { error, .. }
            | EventKind::HandshakeInvalid { error, .. }
            | EventKind::ConnectFailed { error, .. } => {
                self.edit(error);
            }
            EventKind::Closed { reason, .. } => self.edit(reason),
            EventKind::Connecting { room, .. }
            | EventKind::ExistingRoomReturned { room }
            | EventKind::RoomArchived { room } => {
                self.room(room);
            }
            EventKind::RoomCreated(room) => {
                self.room(&mut room.id);
                room.name.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::CleanedUp { left } => {
                for OrphanedRoom { id, name, .. } in left {
                    id.iter_mut().for_each(|id| self.room(id));
                    name.iter_mut().for_each(|text| self.edit(text));
                }
            }
            EventKind::NotExercised {
                reason: Obstacle::Other(reason) | Obstacle::MissingSecret(reason),
                ..
            }
            | EventKind::ScenarioImpeded {
                obstacle: Obstacle::Other(reason) | Obstacle::MissingSecret(reason),
                ..
            } => self.edit(reason),
            EventKind::ExpectationChecked(result) => {
                self.edit(&mut result.subject);
                self.edit(&mut result.expected);
                result.actual.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::Repeated { repetitions } => {
                repetitions.iter_mut().for_each(|it| self.edit(&mut it.variant));
            }
            EventKind::Reproduced(reproduction) => {
                self.edit(&mut reproduction.variant);
                reproduction.expected.iter_mut().for_each(|text| self.edit(text));
                reproduction.actual.iter_mut().for_each(|text| self.edit(text));
                reproduction.commands.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::ScenarioEnded {
                end: ScenarioEnd::Aborted { reason } | ScenarioEnd::Skipped { reason },
                ..
            }
            | EventKind::RunEnded(RunEnd::Aborted { reason }) => self.edit(reason),
            EventKind::ActorKnown { username, .. } => {
                username.iter_mut().for_each(|text| self.edit(text));
            }
            EventKind::RunStarted(_)
            | EventKind::ScenarioStarted { .. }
            | EventKind::ScenarioImpeded { .. }
            | EventKind::AuditStarted { .. }
            | EventKind::Reproducing { .. }
            | EventKind::Repeating
            | EventKind::ScenarioEnded { .. }
            | EventKind::NotExercised { .. }
            | EventKind::Connected { .. }
            | EventKind::Excused { .. }
            | EventKind::MayBeStale { .. }
            | EventKind::ForeignOrigin { .. }
            | EventKind::CompressionOffered { .. }
            | EventKind::CompressionAccepted { .. }
            | EventKind::LagMeasured(_)
            | EventKind::Stalled { .. }
            | EventKind::TokenExpires { .. }
            | EventKind::Probed { .. }
            | EventKind::ProbeEnded { .. }
            | EventKind::RunEnded(_) => {}
        }
    }
}
