//! Building and sending the requests of a scenario.

use std::sync::atomic::Ordering;

use hearback_client::{Actor, Body, Creation, FailureKind, FormFile, Request, Response};
use hearback_contract::{Operation, UnknownId};
use hearback_history::{CredentialKind, Obstacle};
use serde_json::Value;

use super::context::{ScenarioContext, Stop};
use crate::grammar::CREDENTIALS;
use crate::step::Call;

/// The number of unanswered calls after which a scenario stops.
const MAX_UNANSWERED: u64 = 3;

impl ScenarioContext {
    /// Sends a request as one of the actors.
    pub(super) async fn call(&self, role: &str, request: Request) -> Result<Response, Stop> {
        let actor = self.actor(role);
        let operation = request.operation;
        if self.unanswered.load(Ordering::Relaxed) >= MAX_UNANSWERED {
            return Err(Stop::failed(format!("{MAX_UNANSWERED} calls were not answered")));
        }
        let response = match operation {
            Operation::RoomsCreate => self.create_room(actor, request).await?,
            _ => actor.call(&self.scenario, request).await,
        };
        let failure = response.failure.as_ref();
        if let Some(stop) = failure.and_then(Stop::not_sent) {
            return Err(stop);
        }
        if let Some(failure) = failure {
            self.impede_by(Some(operation), failure);
        }
        if failure.is_some_and(|it| it.kind == FailureKind::TimedOut && it.maybe_done) {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(response)
    }

    /// Sends a request that creates a room.
    ///
    /// # Errors
    /// If the target returns a room that the run did not create, which must stay as it is.
    async fn create_room(&self, actor: &Actor, request: Request) -> Result<Response, Stop> {
        let is_direct = matches!(&request.body,
            Some(Body::Json(body)) if body.get("room_type").is_some_and(|it| it == "direct"));
        let Creation { response, room } = self.rooms.create(actor, &self.scenario, request).await;
        match room {
            Ok(_) => Ok(response),
            Err(reason) => Err(Stop::Unsupported {
                obstacle: match is_direct {
                    true => Obstacle::SharedRoom,
                    false => Obstacle::ForeignRoom,
                },
                detail: Some(reason.to_string()),
            }),
        }
    }

    /// The kind of token that a template names.
    pub(super) fn credential(
        &self,
        credential: Option<&str>,
    ) -> Result<Option<CredentialKind>, Stop> {
        let Some(credential) = credential else { return Ok(None) };
        let name = self.text(credential)?;
        serde_json::from_value(Value::from(name.clone()))
            .map(Some)
            .map_err(|_| Stop::failed(UnknownId::new("kind of token", &name, CREDENTIALS.to_vec())))
    }

    /// The request of a call, with its placeholders replaced.
    pub(super) fn request(&self, call: &Call) -> Result<Request, Stop> {
        let actor = self.actor(&call.actor);
        let kind = self.credential(call.credential.as_deref())?;
        let is_plain = call.body.is_none() && call.raw.is_none();
        let mut request = if !call.operation.spec().authenticated && is_plain {
            let kind = kind.unwrap_or(CredentialKind::Access);
            actor.token_request(call.operation, kind)?
        } else {
            let mut request = Request::new(call.operation);
            if let Some(kind) = kind {
                actor.can_present(kind)?;
                request = request.credential(kind);
            }
            request
        };
        if let Some(at) = &call.at {
            request = request.path(self.text(at)?);
        }
        for (name, value) in &call.query {
            let value = match self.resolve(value)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            request = request.query(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(self.resolve(body)?);
        } else if let Some((content_type, text)) = &call.raw {
            let bytes = self.text(text)?.into_bytes();
            request = request.body(Body::Raw { content_type: content_type.clone(), bytes });
        } else if let Some((fields, file)) = &call.form {
            let Value::Object(fields) = self.resolve(fields)? else {
                return Err(Stop::failed("invalid form: expected names and values"));
            };
            let fields = fields.into_iter().map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
            request = request.body(Body::Form {
                fields: fields.collect(),
                file: Some(FormFile {
                    field: "attachment".to_owned(),
                    name: self.text(&file.name)?,
                    content_type: self.text(&file.content_type)?,
                    bytes: file.bytes.clone(),
                }),
            });
        }
        Ok(request)
    }
}
