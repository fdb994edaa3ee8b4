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
    Rule { requirement: "page/default-size", examine: size::default_size },
    Rule { requirement: "page/maximum-size", examine: size::maximum_size },
    Rule { requirement: "page/size-honoured", examine: size::size_honoured },
    Rule { requirement: "page/ordering-ascending", examine: ordering::ascending },
    Rule { requirement: "page/ordering-descending", examine: ordering::descending },
    Rule { requirement: "page/count", examine: completeness::count },
    Rule { requirement: "page/walk-complete", examine: completeness::walk_complete },
    Rule { requirement: "page/walk-while-writing", examine: completeness::walk_while_writing },
    Rule { requirement: "page/previous", examine: links::previous },
    Rule { requirement: "page/last-has-no-next", examine: last::last_has_no_next },
    Rule { requirement: "page/links-own-origin", examine: links::own_origin },
    Rule { requirement: "page/links-keep-query", examine: links::keep_query },
    Rule { requirement: "page/beyond-the-last", examine: bounds::beyond_the_last },
    Rule { requirement: "page/invalid-page", examine: bounds::invalid_page },
];
