//! The requirements that the overlay of this process adds.

use super::table::{Basis, FamilyId, Requirement, RequirementId};
use crate::overlay::{self, CustomRequirement, Overlay};

/// Every requirement that the overlay of this process adds.
pub(super) fn all() -> &'static [CustomRequirement] {
    overlay::in_force().map_or(&[], |overlay| &overlay.custom)
}

/// The rows of the requirements that an overlay adds.
pub(super) fn rows(overlay: &'static Overlay) -> impl Iterator<Item = Requirement> {
    let ids = (RequirementId::SHIPPED.len()..).map_while(RequirementId::at);
    ids.zip(&overlay.custom).map(|(id, row)| Requirement {
        id,
        family: FamilyId::Custom,
        level: row.level,
        section: &overlay.name,
        basis: Basis::Added(&row.reason),
        statement: &row.statement,
        violation: &row.violation,
        checked: &row.checked,
        needs: &[],
        conclusive: row.check.conclusive(),
        explains: &[],
    })
}
