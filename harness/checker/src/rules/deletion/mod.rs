//! Family `deletion`: a deleted message is gone from every view, for good.

mod attachment_is_gone;
mod changes_nothing_else;
mod delete_own;
mod deleted_at_kept;
mod deleted_messages;
mod flags;
mod get_agrees_with_list;
mod not_in_preview;
mod not_in_replies;
mod not_in_search;
mod placeholder;
mod stays_deleted;
mod text_is_gone;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    placeholder::RULE,
    flags::RULE,
    text_is_gone::RULE,
    not_in_search::RULE,
    not_in_preview::RULE,
    not_in_replies::RULE,
    stays_deleted::RULE,
    get_agrees_with_list::RULE,
    deleted_at_kept::RULE,
    changes_nothing_else::RULE,
    delete_own::RULE,
    attachment_is_gone::RULE,
];
