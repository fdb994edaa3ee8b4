//! Readings of tokens and handshakes.

use hearback_contract::ReadingId;

use super::switch::{ReadingSwitch, row};

pub(super) const ROWS: &[ReadingSwitch] =
    &[row(ReadingId::HandshakeRefusalClose, |reading| reading.closes_refused = true)];
