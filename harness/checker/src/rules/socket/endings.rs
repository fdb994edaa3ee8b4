//! Connections that the target ended or that broke.

use hearback_history::{CloseOrigin, Closing};

use crate::model::Listener;

/// Returns the end of a connection, if the target ended it or it broke.
pub(super) fn ending<'h>(listener: &Listener<'h>) -> Option<&'h Closing> {
    let closing = listener.connection.closed.as_ref()?;
    let is_expiry = listener.connection.may_have_expired(closing.at);
    (closing.by != CloseOrigin::Client && !closing.is_unavailability() && !is_expiry)
        .then_some(closing)
}

#[cfg(test)]
pub(super) mod testing {
    //! A room with a socket of alice's and one of bob's.

    pub(in super::super) fn sockets(lines: &[&str]) -> String {
        format!(
            r#"
            [1..2] alice rooms.create {{"room_type": "group", "participant_ids": [2]}} => 201 @room {{"id": "$r1"}}
            [5..5] alice@r1 open
            [6..6] bob@r1 open
            {}
            "#,
            lines.join("\n")
        )
    }
}
