//! Faults of authentication.

use hearback_contract::Operation::{TokenObtain, TokenRefresh};

use super::{Edit, FaultSpec, behaviour, changed, edited, row};
use crate::faults::behaviour::Behaviour::{AcceptsAnyPassword, Overlooks, TellsUnknownUsers};
use crate::faults::response::{Change, When};
use crate::faults::token::Check;
use crate::faults::values::tamper;
use crate::token::Door::{Operations, Refresh, Socket};

pub(super) const ROWS: &[FaultSpec] = &[
    row(
        "auth/refresh-is-access",
        "auth/token-pair",
        "The access token is handed out as refresh token, too.",
        edited(
            &[TokenObtain],
            Edit::Map(&[""], |tokens| {
                let access = tokens["access"].clone();
                tokens["refresh"] = access;
            }),
        ),
    ),
    row(
        "auth/accepts-any-password",
        "auth/wrong-password-refused",
        "Any password is right.",
        behaviour(AcceptsAnyPassword),
    ),
    row(
        "auth/tells-unknown-users",
        "auth/unknown-user-refused",
        "An unknown user is refused with another status than a wrong password.",
        behaviour(TellsUnknownUsers),
    ),
    row(
        "auth/refresh-gives-nothing",
        "auth/refresh",
        "The access token that refreshing gives is empty.",
        edited(&[TokenRefresh], Edit::Set(&["/access"], "\"\"")),
    ),
    row(
        "auth/refreshed-token-is-broken",
        "auth/refreshed-token-works",
        "The access token that refreshing gives has a wrong signature.",
        edited(&[TokenRefresh], Edit::Map(&["/access"], tamper)),
    ),
    row(
        "auth/refreshes-garbage",
        "auth/garbage-refresh-refused",
        "Anything can be used to refresh.",
        behaviour(Overlooks(Refresh, Check::Form)),
    ),
    row(
        "auth/refreshes-tampered-token",
        "auth/garbage-refresh-refused",
        "The signature of refresh tokens is not checked.",
        behaviour(Overlooks(Refresh, Check::Signature)),
    ),
    row(
        "auth/refreshes-access-token",
        "auth/access-as-refresh-refused",
        "An access token can be used to refresh.",
        behaviour(Overlooks(Refresh, Check::Type)),
    ),
    row(
        "auth/needs-no-token",
        "auth/missing-token-refused",
        "Operations without a token are carried out for the first user.",
        behaviour(Overlooks(Operations, Check::Presence)),
    ),
    row(
        "auth/accepts-garbage-token",
        "auth/garbage-token-refused",
        "Operations with a token that is none are carried out for the first user.",
        behaviour(Overlooks(Operations, Check::Form)),
    ),
    row(
        "auth/accepts-tampered-token",
        "auth/tampered-token-refused",
        "Operations do not check the signature of tokens.",
        behaviour(Overlooks(Operations, Check::Signature)),
    ),
    row(
        "auth/accepts-alg-none",
        "auth/alg-none-refused",
        "Operations accept unsigned tokens.",
        behaviour(Overlooks(Operations, Check::Algorithm)),
    ),
    row(
        "auth/accepts-expired-token",
        "auth/expired-token-refused",
        "Operations do not check the expiry of tokens.",
        behaviour(Overlooks(Operations, Check::Expiry)),
    ),
    row(
        "auth/accepts-refresh-token",
        "auth/refresh-as-access-refused",
        "Operations accept refresh tokens.",
        behaviour(Overlooks(Operations, Check::Type)),
    ),
    row(
        "auth/refuses-with-403",
        "auth/refused-with-401",
        "Missing and invalid tokens are answered with 403.",
        changed(&[], When::Status(401), Change::Status(403)),
    ),
    row(
        "auth/socket-needs-no-token",
        "auth/socket-missing-token-refused",
        "A socket without a token is opened for a member of the room.",
        behaviour(Overlooks(Socket, Check::Presence)),
    ),
    row(
        "auth/socket-accepts-garbage-token",
        "auth/socket-garbage-token-refused",
        "A socket with a token that is none is opened for a member of the room.",
        behaviour(Overlooks(Socket, Check::Form)),
    ),
    row(
        "auth/socket-accepts-tampered-token",
        "auth/socket-tampered-token-refused",
        "Sockets do not check the signature of tokens.",
        behaviour(Overlooks(Socket, Check::Signature)),
    ),
    row(
        "auth/socket-accepts-alg-none",
        "auth/socket-alg-none-refused",
        "Sockets accept unsigned tokens.",
        behaviour(Overlooks(Socket, Check::Algorithm)),
    ),
    row(
        "auth/socket-accepts-expired-token",
        "auth/socket-expired-token-refused",
        "Sockets do not check the expiry of tokens.",
        behaviour(Overlooks(Socket, Check::Expiry)),
    ),
    row(
        "auth/socket-accepts-refresh-token",
        "auth/socket-refresh-as-access-refused",
        "Sockets accept refresh tokens.",
        behaviour(Overlooks(Socket, Check::Type)),
    ),
];
