//! Servers that fail to check one thing about tokens.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use uuid::Uuid;

use super::{Behaviour, Faults};
use crate::app::App;
use crate::directory::{User, UserId};
use crate::token::{Door, Signer};

/// What is wrong with a token that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// There is none.
    Presence,
    /// It is no JSON Web Token.
    Form,
    /// It says that it is not signed.
    Algorithm,
    /// Its signature does not match.
    Signature,
    /// It has expired.
    Expiry,
    /// It is for something else.
    Type,
}

/// Whom a server takes for the owner of a token that names none.
const ANYBODY: UserId = 1;

impl Faults {
    /// Whom a refused token admits all the same.
    pub(crate) fn overlook(
        &self,
        signer: &Signer,
        token: Option<&str>,
        door: Door,
    ) -> Option<UserId> {
        if self.behaviours.is_empty() {
            return None;
        }
        let (check, owner) = diagnosis(signer, token);
        self.has(Behaviour::Overlooks(door, check)).then_some(owner)
    }
}

/// A member of the room, where a socket opens without a token, or with one that names nobody.
pub(crate) fn stand_in(app: &App, token: Option<&str>, room: Uuid) -> Option<Arc<User>> {
    app.faults.overlook(&app.signer, token, Door::Socket)?;
    let (Check::Presence | Check::Form, _) = diagnosis(&app.signer, token) else { return None };
    let room = app.chat().store.room(room).ok()??;
    app.directory.find(room.created_by).cloned()
}

/// What is wrong with a token, and whose it claims to be.
fn diagnosis(signer: &Signer, token: Option<&str>) -> (Check, UserId) {
    let Some(token) = token else { return (Check::Presence, ANYBODY) };
    let part = |index| -> Option<Value> {
        let decoded = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
        serde_json::from_slice(&decoded).ok()
    };
    let (Some(header), Some(claims)) = (part(0), part(1)) else { return (Check::Form, ANYBODY) };
    let check = if header["alg"] == "none" {
        Check::Algorithm
    } else if !signer.signed(token) {
        Check::Signature
    } else if claims["exp"].as_u64() < Some(jsonwebtoken::get_current_timestamp()) {
        Check::Expiry
    } else {
        Check::Type
    };
    (check, claims["user_id"].as_i64().unwrap_or(ANYBODY))
}
