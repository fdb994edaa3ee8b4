//! Tokens. Sections *Getting JWT Tokens* and *Token Refresh*.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::body::JsonBody;
use crate::app::SharedApp;
use crate::input::required;
use crate::refusal::Refusal;
use crate::tokens::{EntryPoint, TokenType};

#[derive(Serialize)]
pub(super) struct TokenPair {
    access: String,
    refresh: String,
}

#[derive(Serialize)]
pub(super) struct AccessToken {
    access: String,
}

/// `POST /api/token/`
pub(super) async fn obtain(
    State(app): State<SharedApp>,
    JsonBody(fields): JsonBody,
) -> Result<Json<TokenPair>, Refusal> {
    let username = required("username", fields.text("username")?)?;
    let password = required("password", fields.text("password")?)?;
    let user = app.log_in(username, password)?;
    Ok(Json(TokenPair {
        access: app.signer.issue(user.id, TokenType::Access)?,
        refresh: app.signer.issue(user.id, TokenType::Refresh)?,
    }))
}

/// `POST /api/token/refresh/`
pub(super) async fn refresh(
    State(app): State<SharedApp>,
    JsonBody(fields): JsonBody,
) -> Result<Json<AccessToken>, Refusal> {
    let token = required("refresh", fields.text("refresh")?)?;
    let user = app.user(Some(token), EntryPoint::Refresh)?;
    Ok(Json(AccessToken { access: app.signer.issue(user.id, TokenType::Access)? }))
}
