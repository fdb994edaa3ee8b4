//! Rules of family `order`: one order for all, and time does not run back.

mod agreement;
mod created;
mod cycle;
mod reply;
mod sending;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "order/per-sender", check: sending::per_sender },
    Rule { requirement: "order/common", check: agreement::common },
    Rule { requirement: "order/history-agrees", check: agreement::history_agrees },
    Rule { requirement: "order/created-at", check: created::created_at },
    Rule { requirement: "order/real-time", check: sending::real_time },
    Rule { requirement: "order/reply-after-question", check: reply::after_question },
    Rule { requirement: "order/list-is-stable", check: agreement::list_is_stable },
];
