//! The REST operations.
//!
//! A new operation requires a variant in `operation/variant.rs`, a row in `operation/table.rs`, and schema files in `rest/`.

mod spec;
mod table;
mod variant;

use crate::table_id::table_id;

pub use spec::{Access, Method, OperationSpec, QueryKind, QueryParameter, RequestBody};
pub use table::OPERATIONS;
pub use variant::Operation;

impl Operation {
    /// The operation's row of [`OPERATIONS`].
    pub fn spec(self) -> &'static OperationSpec {
        &OPERATIONS[self as usize]
    }

    /// Stable id, `resource.verb`.
    pub fn id(self) -> &'static str {
        self.spec().id
    }

    /// Every operation, in the order of the specification.
    pub fn all() -> impl Iterator<Item = Self> {
        OPERATIONS.iter().map(|row| row.operation)
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
        for row in OPERATIONS {
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
