//! Family `page`: pages of messages and walks from page to page.

mod beyond_the_last;
mod count;
mod default_size;
mod invalid_page;
mod last_has_no_next;
mod links;
mod links_keep_query;
mod links_own_origin;
pub(super) mod listing;
mod maximum_size;
mod newest_first_while_writing;
mod ordering;
mod ordering_ascending;
mod ordering_descending;
mod previous;
mod refusal;
mod size_honoured;
#[cfg(test)]
mod testing;
mod visits;
pub(super) mod walk;
mod walk_complete;
mod walk_while_writing;
mod whole_while_writing;

use crate::rule::Rule;

/// The rules of this family, in the order of the requirements.
pub(super) static RULES: &[Rule] = &[
    default_size::RULE,
    maximum_size::RULE,
    size_honoured::RULE,
    ordering_ascending::RULE,
    ordering_descending::RULE,
    count::RULE,
    walk_complete::RULE,
    walk_while_writing::RULE,
    newest_first_while_writing::RULE,
    whole_while_writing::RULE,
    previous::RULE,
    last_has_no_next::RULE,
    links_own_origin::RULE,
    links_keep_query::RULE,
    beyond_the_last::RULE,
    invalid_page::RULE,
];
