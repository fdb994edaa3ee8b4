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

use hearback_contract::RequirementId;

use crate::rule::Rule;

/// The rules of this family.
pub static RULES: &[Rule] = &[
    Rule { requirement: RequirementId::PageDefaultSize, check: size::default_size },
    Rule { requirement: RequirementId::PageMaximumSize, check: size::maximum_size },
    Rule { requirement: RequirementId::PageSizeHonoured, check: size::size_honoured },
    Rule { requirement: RequirementId::PageOrderingAscending, check: ordering::ascending },
    Rule { requirement: RequirementId::PageOrderingDescending, check: ordering::descending },
    Rule { requirement: RequirementId::PageCount, check: completeness::count },
    Rule { requirement: RequirementId::PageWalkComplete, check: completeness::walk_complete },
    Rule {
        requirement: RequirementId::PageWalkWhileWriting,
        check: completeness::walk_while_writing,
    },
    Rule { requirement: RequirementId::PagePrevious, check: links::previous },
    Rule { requirement: RequirementId::PageLastHasNoNext, check: last::last_has_no_next },
    Rule { requirement: RequirementId::PageLinksOwnOrigin, check: links::own_origin },
    Rule { requirement: RequirementId::PageLinksKeepQuery, check: links::keep_query },
    Rule { requirement: RequirementId::PageBeyondTheLast, check: bounds::beyond_the_last },
    Rule { requirement: RequirementId::PageInvalidPage, check: bounds::invalid_page },
];
