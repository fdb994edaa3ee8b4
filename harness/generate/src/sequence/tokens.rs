//! Commands of the token operations, and reads with tokens other than the last one.

use hearback_contract::Operation;
use hearback_scenarios::Action;
use hearback_scenarios::step::Call;

use super::model::Effect;
use super::turn::Turn;

/// Logs in again, as on another device.
pub(super) fn log_in(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let call = Call::new(turn.name(), Operation::TokenObtain);
    Some((Action::Call(call), Effect::LoggedIn { user: turn.user }))
}

pub(super) fn refresh(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let call = Call::new(turn.name(), Operation::TokenRefresh);
    Some((Action::Call(call), Effect::Refreshed { user: turn.user }))
}

/// A read with the token of the login before the last one, which a server may have ended.
pub(super) fn use_earlier_token(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let has_earlier = turn.model.tokens[turn.user].logged_in;
    has_earlier.then(|| with_token(turn, Operation::RoomsList, "earlier"))
}

/// A read with a refreshed token.
pub(super) fn use_refreshed_token(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let is_refreshed = turn.model.tokens[turn.user].refreshed;
    is_refreshed.then(|| with_token(turn, Operation::RoomsList, "refreshed"))
}

/// A refresh with the refresh token that an earlier refresh replaced.
pub(super) fn use_replaced_token(turn: &mut Turn<'_>) -> Option<(Action, Effect)> {
    let is_refreshed = turn.model.tokens[turn.user].refreshed;
    is_refreshed.then(|| with_token(turn, Operation::TokenRefresh, "superseded"))
}

fn with_token(turn: &Turn<'_>, operation: Operation, token: &str) -> (Action, Effect) {
    let credential = Some(token.to_owned());
    let call = Call { credential, ..Call::new(turn.name(), operation) };
    (Action::Call(call), Effect::Nothing)
}
