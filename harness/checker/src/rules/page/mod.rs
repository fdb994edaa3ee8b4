//! Rules of family `page`.

mod bounds;
mod completeness;
mod last;
mod links;
pub(super) mod listing;
mod ordering;
mod size;
#[cfg(test)]
mod testing;
pub(super) mod walk;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: "page/default-size", check: size::default_size },
    Rule { requirement: "page/maximum-size", check: size::maximum_size },
    Rule { requirement: "page/size-honoured", check: size::size_honoured },
    Rule { requirement: "page/ordering-ascending", check: ordering::ascending },
    Rule { requirement: "page/ordering-descending", check: ordering::descending },
    Rule { requirement: "page/count", check: completeness::count },
    Rule { requirement: "page/walk-complete", check: completeness::walk_complete },
    Rule { requirement: "page/walk-while-writing", check: completeness::walk_while_writing },
    Rule { requirement: "page/previous", check: links::previous },
    Rule { requirement: "page/last-has-no-next", check: last::last_has_no_next },
    Rule { requirement: "page/links-own-origin", check: links::own_origin },
    Rule { requirement: "page/links-keep-query", check: links::keep_query },
    Rule { requirement: "page/beyond-the-last", check: bounds::beyond_the_last },
    Rule { requirement: "page/invalid-page", check: bounds::invalid_page },
];
