//! Readings of tokens and handshakes.

use hearback_contract::Operation::{TokenObtain, TokenRefresh};
use hearback_contract::ReadingId;

use super::switch::{ReadingSwitch, row};
use crate::rotation::{reject_replaced, replace_access_token, replace_refresh_token};
use crate::wire::{Change, When};

pub(super) const ROWS: &[ReadingSwitch] = &[
    row(ReadingId::HandshakeRefusalClose, |reading| reading.closes_refused = true),
    row(ReadingId::SessionsSingle, |reading| {
        let replace = Change::With(replace_access_token);
        reading.change_responses(&[TokenObtain], When::Success, replace);
        reading.authentication.authenticate = Some(reject_replaced);
    }),
    row(ReadingId::RefreshRotationReplaced, |reading| {
        let replace = Change::With(replace_refresh_token);
        reading.change_responses(&[TokenRefresh], When::Success, replace);
        reading.authentication.authenticate = Some(reject_replaced);
    }),
];
