//! Rules of family `order`: one order for all, and time does not run back.

mod agreement;
mod created;
mod cycle;
mod reply;
mod sending;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "order/per-sender", examine: sending::per_sender },
    Rule { requirement: "order/common", examine: agreement::common },
    Rule { requirement: "order/history-agrees", examine: agreement::history_agrees },
    Rule { requirement: "order/created-at", examine: created::created_at },
    Rule { requirement: "order/real-time", examine: sending::real_time },
    Rule { requirement: "order/reply-after-question", examine: reply::after_question },
    Rule { requirement: "order/list-is-stable", examine: agreement::list_is_stable },
];
