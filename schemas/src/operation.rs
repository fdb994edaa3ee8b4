//! The REST operations.
//!
//! A new operation requires a variant in `operation/variant.rs`, a row in `operation/table.rs`, and schema files in `rest/`.

mod link;
mod spec;
mod table;
mod variant;

use std::sync::LazyLock;

use crate::overlay;
use crate::table_id::table_id;

pub use spec::{Access, Method, OperationSpec, QueryKind, QueryParameter, RequestBody};
use table::SHIPPED;
pub use variant::Operation;

/// Every documented REST operation, in the order of the specification, with the overlay of this process.
pub static OPERATIONS: LazyLock<Vec<OperationSpec>> = LazyLock::new(|| match overlay::in_force() {
    Some(overlay) => SHIPPED.iter().map(|row| overlay.operation(row)).collect(),
    None => SHIPPED.to_vec(),
});

impl Operation {
    /// The operation's row of the contract of this process.
    pub fn spec(self) -> &'static OperationSpec {
        &OPERATIONS[self as usize]
    }

    /// The operation's row of the shipped contract.
    pub fn shipped(self) -> &'static OperationSpec {
        &SHIPPED[self as usize]
    }

    /// Stable id, `resource.verb`.
    pub fn id(self) -> &'static str {
        self.shipped().id
    }

    /// Every operation, in the order of the specification.
    pub fn all() -> impl Iterator<Item = Self> {
        SHIPPED.iter().map(|row| row.operation)
    }

    /// Returns true if `status` means success.
    pub fn succeeds_with(self, status: u16) -> bool {
        self.spec().success.contains(&status)
    }
}

table_id!(Operation, kind: "operation", all: Operation::all(), text: Operation::id);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SPECIFICATION, specification};

    #[test]
    fn the_table_is_indexed_by_the_enum() {
        assert_eq!(OPERATIONS.len(), 20);
        for (index, row) in OPERATIONS.iter().enumerate() {
            assert_eq!(row.operation as usize, index, "{}", row.id);
            assert_eq!(row.id.parse::<Operation>().unwrap(), row.operation);
        }
    }

    #[test]
    fn every_row_quotes_the_specification() {
        for row in SHIPPED {
            let line = format!("{} /api{}", row.method.as_str(), row.path);
            let section = specification::section(row.section)
                .unwrap_or_else(|| panic!("no heading `{}`", row.section));
            assert!(section.contains(&line), "`{line}` is not in section {}", row.section);
            for parameter in row.query {
                assert!(SPECIFICATION.contains(parameter.description), "{}", parameter.description);
            }
            assert!(
                row.success
                    .iter()
                    .all(|status| SPECIFICATION.contains(&status.to_string()) || *status == 204)
            );
        }
    }

    #[test]
    fn path_parameters_are_replaced_in_order() {
        assert_eq!(Operation::RoomsLeave.spec().path_with(&["r1"]), "/chat/rooms/r1/leave/");
    }
}
