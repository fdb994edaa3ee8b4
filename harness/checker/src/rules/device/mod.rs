//! Family `device`: several sockets of one user.

mod closing_keeps_others;
mod endings;
mod login_keeps_sockets;
mod new_socket_keeps_others;
mod receives_own_messages;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    receives_own_messages::RULE,
    new_socket_keeps_others::RULE,
    login_keeps_sockets::RULE,
    closing_keeps_others::RULE,
];
