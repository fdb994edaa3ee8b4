//! Ids in paths; a malformed id identifies nothing, so the response is 404.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::input::parse_uuid;
use crate::refusal::Refusal;

const NOTHING: Refusal = Refusal::NotFound("There is nothing with this id.");

/// The id of a room or message.
pub(super) struct PathUuid(pub(super) Uuid);

/// The id of a participant.
pub(super) struct PathNumber(pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for PathUuid {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        parse_uuid(&segment(parts, state).await?).map(Self).ok_or(NOTHING)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathNumber {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        i64::from_str(&segment(parts, state).await?).map(Self).map_err(|_| NOTHING)
    }
}

async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Refusal> {
    let Path(segment) = Path::<String>::from_request_parts(parts, state).await.or(Err(NOTHING))?;
    Ok(segment)
}
