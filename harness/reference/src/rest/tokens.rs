//! Tokens. Sections *Getting JWT Tokens* and *Token Refresh*.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::body::JsonBody;
use crate::app::SharedApp;
use crate::faults::Behaviour;
use crate::fields::required;
use crate::refusal::Refusal;
use crate::token::{Door, TokenType};

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
    let user = app.directory.log_in(username, password).ok_or(
        if app.faults.has(Behaviour::TellsUnknownUsers) && !app.directory.knows(username) {
            Refusal::invalid("There is no such user.")
        } else {
            Refusal::Unauthenticated("The user name or the password is wrong.")
        },
    )?;
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
    let user = app.user(Some(token), Door::Refresh)?;
    Ok(Json(AccessToken { access: app.signer.issue(user.id, TokenType::Access)? }))
}
