//! Faults of authentication.

use hearback_contract::Operation::{TokenObtain, TokenRefresh};
use hearback_contract::RequirementId;
use hearback_reference::Refusal;
use hearback_reference::rules::Authentication;
use hearback_reference::tokens::{EntryPoint, Signer};
use hearback_reference::users::UserId;

use crate::distortion::break_signature;
use crate::edit::Edit;
use crate::fault::{FaultSpec, row};
use crate::rotation::{reject_replaced, replace_refresh_token};
use crate::token_problem::TokenProblem;
use crate::wire::{Change, When};

/// Accepts tokens with one problem at one entry point.
macro_rules! overlooks {
    ($entry:ident, $problem:ident) => {
        |fault| {
            fault.authentication.authenticate = Some(|base, _, signer, token, entry| match entry {
                EntryPoint::$entry => overlook(base, signer, token, entry, TokenProblem::$problem),
                _ => base.authenticate(signer, token, entry),
            });
        }
    };
}

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "auth/refresh-is-access",
        RequirementId::AuthTokenPair,
        "The refresh token is a copy of the access token.",
        |fault| {
            fault.edit_responses(
                &[TokenObtain],
                Edit::Map(&[""], |tokens| {
                    let access = tokens["access"].clone();
                    tokens["refresh"] = access;
                }),
            )
        },
    ),
    row(
        "auth/accepts-any-password",
        RequirementId::AuthWrongPasswordRefused,
        "Any password is accepted.",
        |fault| fault.authentication.accepts = Some(|_, _, _, _| true),
    ),
    row(
        "auth/tells-unknown-users",
        RequirementId::AuthUnknownUserRefused,
        "Unknown users are rejected with another status than wrong passwords.",
        |fault| {
            fault.authentication.login_refusal = Some(|base, _, user_exists| match user_exists {
                true => base.login_refusal(true),
                false => Refusal::invalid("There is no such user."),
            });
        },
    ),
    row(
        "auth/refresh-gives-nothing",
        RequirementId::AuthRefresh,
        "Refreshing returns an empty access token.",
        |fault| fault.edit_responses(&[TokenRefresh], Edit::Set(&["/access"], "\"\"")),
    ),
    row(
        "auth/refreshed-token-is-broken",
        RequirementId::AuthRefreshedTokenWorks,
        "Refreshing returns an access token with an invalid signature.",
        |fault| fault.edit_responses(&[TokenRefresh], Edit::Map(&["/access"], break_signature)),
    ),
    row(
        "auth/refreshes-garbage",
        RequirementId::AuthGarbageRefreshRefused,
        "Malformed refresh tokens are accepted.",
        overlooks!(Refresh, Malformed),
    ),
    row(
        "auth/refreshes-tampered-token",
        RequirementId::AuthGarbageRefreshRefused,
        "The signature of refresh tokens is not verified.",
        overlooks!(Refresh, BadSignature),
    ),
    row(
        "auth/refreshes-access-token",
        RequirementId::AuthAccessAsRefreshRefused,
        "Access tokens are accepted as refresh tokens.",
        overlooks!(Refresh, WrongType),
    ),
    row(
        "auth/accepts-superseded-refresh",
        RequirementId::AuthSupersededRefreshRefused,
        "Refreshing returns a new refresh token, and the old one stays valid.",
        |fault| {
            let replace = Change::With(replace_refresh_token);
            fault.change_responses(&[TokenRefresh], When::Success, replace);
        },
    ),
    row(
        "auth/refresh-works-once",
        RequirementId::AuthRefresh,
        "A refresh token works only once, although it is not replaced.",
        |fault| {
            fault.change_responses(
                &[TokenRefresh],
                When::Success,
                Change::With(|app, memory, exchange| {
                    replace_refresh_token(app, memory, exchange);
                    exchange.forget("refresh");
                }),
            );
            fault.authentication.authenticate = Some(reject_replaced);
        },
    ),
    row(
        "auth/needs-no-token",
        RequirementId::AuthMissingTokenRefused,
        "Operations without a token are executed as the first user.",
        overlooks!(Operation, Missing),
    ),
    row(
        "auth/accepts-garbage-token",
        RequirementId::AuthGarbageTokenRefused,
        "Operations with a malformed token are executed as the first user.",
        overlooks!(Operation, Malformed),
    ),
    row(
        "auth/accepts-tampered-token",
        RequirementId::AuthTamperedTokenRefused,
        "Operations do not verify the signature of tokens.",
        overlooks!(Operation, BadSignature),
    ),
    row(
        "auth/accepts-alg-none",
        RequirementId::AuthAlgNoneRefused,
        "Operations accept unsigned tokens.",
        overlooks!(Operation, Unsigned),
    ),
    row(
        "auth/accepts-expired-token",
        RequirementId::AuthExpiredTokenRefused,
        "Operations do not verify the expiry of tokens.",
        overlooks!(Operation, Expired),
    ),
    row(
        "auth/accepts-refresh-token",
        RequirementId::AuthRefreshAsAccessRefused,
        "Operations accept refresh tokens.",
        overlooks!(Operation, WrongType),
    ),
    row(
        "auth/refuses-with-403",
        RequirementId::AuthRefusedWith401,
        "Missing and invalid tokens are rejected with 403.",
        |fault| fault.change_responses(&[], When::Status(401), Change::Status(403)),
    ),
    row(
        "auth/socket-needs-no-token",
        RequirementId::AuthSocketMissingTokenRefused,
        "A socket without a token opens as a member of the room.",
        |fault| fault.handshakes = Some(TokenProblem::Missing),
    ),
    row(
        "auth/socket-accepts-garbage-token",
        RequirementId::AuthSocketGarbageTokenRefused,
        "A socket with a malformed token opens as a member of the room.",
        |fault| fault.handshakes = Some(TokenProblem::Malformed),
    ),
    row(
        "auth/socket-accepts-tampered-token",
        RequirementId::AuthSocketTamperedTokenRefused,
        "Sockets do not verify the signature of tokens.",
        overlooks!(Socket, BadSignature),
    ),
    row(
        "auth/socket-accepts-alg-none",
        RequirementId::AuthSocketAlgNoneRefused,
        "Sockets accept unsigned tokens.",
        overlooks!(Socket, Unsigned),
    ),
    row(
        "auth/socket-accepts-expired-token",
        RequirementId::AuthSocketExpiredTokenRefused,
        "Sockets do not verify the expiry of tokens.",
        overlooks!(Socket, Expired),
    ),
    row(
        "auth/socket-outlives-token",
        RequirementId::AuthSocketEndsWithToken,
        "Sockets stay open after their access token has expired.",
        |fault| fault.authentication.ends_sockets = Some(|_, _| false),
    ),
    row(
        "auth/socket-accepts-refresh-token",
        RequirementId::AuthSocketRefreshAsAccessRefused,
        "Sockets accept refresh tokens.",
        overlooks!(Socket, WrongType),
    ),
];

fn overlook(
    base: &dyn Authentication,
    signer: &Signer,
    token: Option<&str>,
    entry: EntryPoint,
    overlooked: TokenProblem,
) -> Result<UserId, Refusal> {
    base.authenticate(signer, token, entry).or_else(|refusal| {
        match TokenProblem::of(signer, token, entry.token_type()) {
            Some((problem, user)) if problem == overlooked => Ok(user),
            _ => Err(refusal),
        }
    })
}
