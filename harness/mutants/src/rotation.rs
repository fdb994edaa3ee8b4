//! Tokens that are replaced: refresh tokens when they are used, access tokens at the next login.

use hearback_reference::rules::Authentication;
use hearback_reference::tokens::{EntryPoint, Signer, TokenType};
use hearback_reference::users::UserId;
use hearback_reference::{App, Refusal};
use serde_json::json;

use crate::memory::Memory;
use crate::wire::Exchange;

/// Remembers the access token of a login, and that of the login before as replaced.
pub(crate) fn replace_access_token(app: &App, memory: &Memory, exchange: &mut Exchange) {
    let Some(access) = exchange.body["access"].as_str() else { return };
    if let Ok(user) = app.signer.verify(access, TokenType::Access)
        && let Some(earlier) = memory.logins.set(user, access.to_owned())
    {
        memory.replaced.lock().insert(earlier);
    }
}

/// Adds a new refresh token to the response to a refresh, and remembers the old one.
pub(crate) fn replace_refresh_token(app: &App, memory: &Memory, exchange: &mut Exchange) {
    let sent = exchange.request_json();
    let Some(used) = sent["refresh"].as_str() else { return };
    let user = app.signer.verify(used, TokenType::Refresh);
    let new = user.ok().and_then(|user| app.signer.issue(user, TokenType::Refresh).ok());
    if let Some(new) = new {
        exchange.body["refresh"] = json!(new);
        memory.replaced.lock().insert(used.to_owned());
    }
}

/// Authenticates, and rejects replaced tokens.
pub(crate) fn reject_replaced(
    base: &dyn Authentication,
    memory: &Memory,
    signer: &Signer,
    token: Option<&str>,
    entry: EntryPoint,
) -> Result<UserId, Refusal> {
    let is_replaced = |token: &str| memory.replaced.lock().contains(token);
    if token.is_some_and(is_replaced) {
        return Err(Refusal::Unauthenticated("The token was replaced."));
    }
    base.authenticate(signer, token, entry)
}
