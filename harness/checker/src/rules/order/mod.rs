//! Family `order`: all participants see one order, and time does not run backwards.

mod chains;
mod common;
mod created_at;
mod cycle;
mod history_agrees;
mod list_is_stable;
mod overtaking;
mod per_sender;
mod real_time;
mod reply_after_question;
#[cfg(test)]
mod testing;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    per_sender::RULE,
    common::RULE,
    history_agrees::RULE,
    created_at::RULE,
    real_time::RULE,
    reply_after_question::RULE,
    list_is_stable::RULE,
];
