//! Family `auth`: tokens and the access that they give.

mod access_as_refresh_refused;
mod garbage_refresh_refused;
mod invalid_tokens;
mod invalid_tokens_on_sockets;
mod refresh;
mod refreshed_token_works;
mod refused_with_401;
mod socket_ends_with_token;
mod superseded_refresh_refused;
mod token_kinds;
mod token_pair;
mod tokens;
mod unknown_user_refused;
mod wrong_password_refused;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    token_pair::RULE,
    wrong_password_refused::RULE,
    unknown_user_refused::RULE,
    refresh::RULE,
    refreshed_token_works::RULE,
    garbage_refresh_refused::RULE,
    access_as_refresh_refused::RULE,
    superseded_refresh_refused::RULE,
    invalid_tokens::MISSING,
    invalid_tokens::GARBAGE,
    invalid_tokens::TAMPERED,
    invalid_tokens::ALG_NONE,
    invalid_tokens::EXPIRED,
    invalid_tokens::REFRESH_AS_ACCESS,
    refused_with_401::RULE,
    invalid_tokens_on_sockets::MISSING,
    invalid_tokens_on_sockets::GARBAGE,
    invalid_tokens_on_sockets::TAMPERED,
    invalid_tokens_on_sockets::ALG_NONE,
    invalid_tokens_on_sockets::EXPIRED,
    socket_ends_with_token::RULE,
    invalid_tokens_on_sockets::REFRESH_AS_ACCESS,
];
