//! Rules of family `order`: one order for all, and time does not run back.

mod agreement;
mod created;
mod cycle;
mod reply;
mod sending;

use hearback_contract::RequirementId;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::OrderPerSender, check: sending::per_sender },
    Rule { requirement: RequirementId::OrderCommon, check: agreement::common },
    Rule { requirement: RequirementId::OrderHistoryAgrees, check: agreement::history_agrees },
    Rule { requirement: RequirementId::OrderCreatedAt, check: created::created_at },
    Rule { requirement: RequirementId::OrderRealTime, check: sending::real_time },
    Rule { requirement: RequirementId::OrderReplyAfterQuestion, check: reply::after_question },
    Rule { requirement: RequirementId::OrderListIsStable, check: agreement::list_is_stable },
];
