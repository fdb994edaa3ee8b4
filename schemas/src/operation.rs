//! The REST operations.
//!
//! A new operation requires a variant here, a row in `operation/table.rs`, and schema files in `rest/`.

mod table;

use crate::table_id::table_id;

pub use table::OPERATIONS;

/// One documented REST operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the row of each variant in OPERATIONS describes it")]
pub enum Operation {
    TokenObtain,
    TokenRefresh,
    RoomsList,
    RoomsCreate,
    RoomsGet,
    RoomsMarkRead,
    RoomsLeave,
    RoomsArchive,
    RoomsStats,
    MessagesList,
    MessagesSend,
    MessagesGet,
    MessagesEdit,
    MessagesDelete,
    MessagesMarkRead,
    MessagesSearch,
    ParticipantsList,
    ParticipantsAdd,
    ParticipantsRemove,
    ParticipantsMute,
}

/// An HTTP method that the specification uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "HTTP defines them")]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    /// The method as written in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The kind of access: reading or changing the state of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The operation changes nothing and is safe to repeat.
    Read,
    /// The operation changes state; after a timeout its outcome is unknown.
    Write,
}

/// The values that a query parameter may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// A UUID.
    Uuid,
    /// An integer within inclusive bounds.
    Integer {
        /// Smallest value.
        minimum: u32,
        /// Largest value, if the specification states one.
        maximum: Option<u32>,
    },
    /// One of the listed words.
    Enumeration(&'static [&'static str]),
    /// Text.
    Text {
        /// Minimum length, in characters.
        minimum_length: u32,
    },
    /// The word `true` or `false`.
    Flag,
}

/// A documented query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryParameter {
    /// Its name in the query.
    pub name: &'static str,
    /// True if the specification requires it.
    pub required: bool,
    /// Its values.
    pub kind: QueryKind,
    /// The description in the specification, verbatim.
    pub description: &'static str,
}

/// The request body of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// The request has no body.
    None,
    /// JSON that conforms to the request schema of the operation.
    Json,
    /// JSON, or `multipart/form-data` with a part named `attachment`.
    JsonOrMultipart,
}

/// The documented properties of one operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationSpec {
    /// The operation that the row describes.
    pub operation: Operation,
    /// Stable id, `resource.verb`, and the stem of its schema files.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path relative to the base URL, with `{…}` for parameters.
    pub path: &'static str,
    /// Query parameters.
    pub query: &'static [QueryParameter],
    /// The kind of request body.
    pub body: RequestBody,
    /// Statuses that mean success: the documented one first, then other accepted ones.
    pub success: &'static [u16],
    /// Documented statuses that mean rejection.
    pub refusals: &'static [u16],
    /// True if a bearer token is required.
    pub authenticated: bool,
    /// The kind of access.
    pub access: Access,
    /// A heading of the specification.
    pub section: &'static str,
}

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

impl OperationSpec {
    /// Names of the `{…}` parameters in the path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }

    /// The path with its parameters replaced in order; those without a value stay as written.
    pub fn path_with(&self, parameters: &[&str]) -> String {
        let mut path = self.path.to_owned();
        for (name, value) in self.path_parameters().zip(parameters) {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
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
