//! The documented properties of operations.

use super::Operation;

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
    /// Documented names of query parameters that the target gives other names, and these.
    pub query_names: &'static [(String, String)],
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

impl OperationSpec {
    /// The name by which the target knows a query parameter.
    pub fn sent_name<'n>(&self, documented: &'n str) -> &'n str
    where
        'static: 'n,
    {
        let renamed = self.query_names.iter().find(|(name, _)| name == documented);
        renamed.map_or(documented, |(_, sent)| sent)
    }

    /// The documented name of a query parameter that the target knows by this name.
    pub fn documented_name<'n>(&self, sent: &'n str) -> &'n str
    where
        'static: 'n,
    {
        let renamed = self.query_names.iter().find(|(_, name)| name == sent);
        renamed.map_or(sent, |(documented, _)| documented)
    }

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
