//! Family `protocol`: WebSocket (RFC 6455) and HTTP.

mod allow;
mod close_answered;
mod close_code_echoed;
mod compression_works;
mod failure_code;
mod foreign_origin_refused;
mod fragments_joined;
mod frames_valid;
mod handshake_valid;
mod head_and_options;
mod idle_can_rejoin;
mod invalid_text_refused;
mod other_methods;
mod ping_answered;
mod private_not_shared;
mod probes;
mod reserved_refused;
mod unmasked_refused;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    handshake_valid::RULE,
    frames_valid::RULE,
    foreign_origin_refused::RULE,
    ping_answered::RULE,
    fragments_joined::RULE,
    close_answered::RULE,
    close_code_echoed::RULE,
    invalid_text_refused::RULE,
    reserved_refused::RULE,
    unmasked_refused::RULE,
    failure_code::RULE,
    compression_works::RULE,
    idle_can_rejoin::RULE,
    head_and_options::RULE,
    allow::RULE,
    private_not_shared::RULE,
];
