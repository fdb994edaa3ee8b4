//! The table of REST operations.
//!
//! A new operation is a variant here, a row in `operation/table.rs`, and its schema files in `rest/`.

mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use table::OPERATIONS;

/// One documented REST operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is described by its row of OPERATIONS")]
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

/// An HTTP method that the document uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are HTTP's")]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether an operation changes anything at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Safe to repeat.
    Read,
    /// Changes state; after a timeout its outcome is unknown.
    Write,
}

/// What a query parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// A UUID.
    Uuid,
    /// An integer between the bounds; no upper bound is `None`.
    Integer {
        /// Smallest value.
        minimum: u32,
        /// Largest value, where one is documented.
        maximum: Option<u32>,
    },
    /// One of the listed words.
    Enumeration(&'static [&'static str]),
    /// Text of at least so many characters.
    Text {
        /// Fewest characters.
        minimum_length: u32,
    },
    /// The word `true` or `false`.
    Flag,
}

/// A documented query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryParameter {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the document calls it required.
    pub required: bool,
    /// Its values.
    pub kind: QueryKind,
    /// The document's words for it.
    pub description: &'static str,
}

/// The request body that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// None is sent.
    None,
    /// JSON that fits the operation's request schema.
    Json,
    /// JSON, or `multipart/form-data` with an `attachment`.
    JsonOrMultipart,
}

/// A row of the table of operations.
#[derive(Clone, Copy, Debug)]
pub struct OperationSpec {
    /// The operation that the row is about.
    pub operation: Operation,
    /// Stable name, `resource.verb`; also the stem of its schema files.
    pub id: &'static str,
    /// Request method.
    pub method: Method,
    /// Path below the base URL, with `{…}` for parameters.
    pub path: &'static str,
    /// Documented query parameters.
    pub query: &'static [QueryParameter],
    /// Request body.
    pub body: RequestBody,
    /// Statuses of success: the documented one first, tolerated ones after it.
    pub success: &'static [u16],
    /// Documented statuses of refusal.
    pub refusals: &'static [u16],
    /// Whether a bearer token is needed.
    pub authenticated: bool,
    /// Read or write.
    pub access: Access,
    /// Heading of the document.
    pub section: &'static str,
}

impl Operation {
    /// The operation's row of [`OPERATIONS`].
    pub fn spec(self) -> &'static OperationSpec {
        &OPERATIONS[self as usize]
    }

    /// Stable name, `resource.verb`.
    pub fn id(self) -> &'static str {
        self.spec().id
    }

    /// Every operation, in the document's order.
    pub fn all() -> impl Iterator<Item = Self> {
        OPERATIONS.iter().map(|row| row.operation)
    }

    /// Whether `status` is one of its statuses of success.
    pub fn succeeds_with(self, status: u16) -> bool {
        self.spec().success.contains(&status)
    }
}

impl OperationSpec {
    /// Names of the `{…}` parameters in the path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }

    /// The path with its parameters filled in, in order; a missing one stays as written.
    pub fn path_with(&self, parameters: &[&str]) -> String {
        let mut path = self.path.to_owned();
        for (name, value) in self.path_parameters().zip(parameters) {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// A name that is no operation's.
#[derive(Debug, thiserror::Error)]
#[error("no operation is called `{0}`")]
pub struct UnknownOperation(pub String);

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        OPERATIONS
            .iter()
            .find(|row| row.id == name)
            .map(|row| row.operation)
            .ok_or_else(|| UnknownOperation(name.to_owned()))
    }
}

impl Serialize for Operation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_indexed_by_the_enum() {
        assert_eq!(OPERATIONS.len(), 20);
        for (index, row) in OPERATIONS.iter().enumerate() {
            assert_eq!(row.operation as usize, index, "{}", row.id);
            assert_eq!(row.id.parse::<Operation>().unwrap(), row.operation);
        }
    }

    #[test]
    fn every_row_quotes_the_document() {
        for row in OPERATIONS {
            let document = crate::SPECIFICATION;
            let line = format!("{} /api{}", row.method.as_str(), row.path);
            let section = crate::specification::section(row.section)
                .unwrap_or_else(|| panic!("no heading `{}`", row.section));
            assert!(section.contains(&line), "`{line}` is not in section {}", row.section);
            for parameter in row.query {
                assert!(document.contains(parameter.description), "{}", parameter.description);
            }
            assert!(
                row.success
                    .iter()
                    .all(|status| document.contains(&status.to_string()) || *status == 204)
            );
        }
    }

    #[test]
    fn paths_are_filled_in_order() {
        assert_eq!(Operation::RoomsLeave.spec().path_with(&["r1"]), "/chat/rooms/r1/leave/");
    }
}
