//! Requests to the target.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::Operation;
use hearback_history::{CredentialKind, Payload};
use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, header};
use serde_json::{Map, Value, json};

/// A request of a documented operation; its parameters and body may be invalid.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation.
    pub operation: Operation,
    /// Values of the path parameters, in order, decoded.
    pub path_parameters: Vec<String>,
    /// Query parameters, in order, decoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Option<Body>,
    /// Kind of the token to send, or of the credential in the body of a token operation.
    pub credential: CredentialKind,
}

/// A request body.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// Any bytes with any content type.
    Raw {
        /// The content type.
        content_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// `multipart/form-data`.
    Form {
        /// Names and values, in order.
        fields: Vec<(String, String)>,
        /// The file, which is the last part.
        file: Option<FormFile>,
    },
}

/// A file in a form. Section *Send Message*.
#[derive(Clone, Debug)]
pub struct FormFile {
    /// Name of the form field, `attachment` in the specification.
    pub field: String,
    /// File name.
    pub name: String,
    /// Content type of the file.
    pub content_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Request {
    /// A request without parameters and body, with the access token if the operation requires one.
    ///
    /// For the token operations, `Actor::token_request` sets the credential and the body.
    pub fn new(operation: Operation) -> Self {
        let credential = if operation.spec().authenticated {
            CredentialKind::Access
        } else {
            CredentialKind::Anonymous
        };
        Self { operation, path_parameters: Vec::new(), query: Vec::new(), body: None, credential }
    }

    /// Adds the next path parameter.
    #[must_use]
    pub fn path(mut self, parameter: impl Into<String>) -> Self {
        self.path_parameters.push(parameter.into());
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, value: Value) -> Self {
        self.body(Body::Json(value))
    }

    /// Sets the kind of the token to send, or of the credential in the body of a token operation.
    #[must_use]
    pub fn credential(mut self, credential: CredentialKind) -> Self {
        self.credential = credential;
        self
    }
}

impl Body {
    /// The content type to record; that of a form has no boundary.
    pub(crate) fn content_type(&self) -> &str {
        match self {
            Self::Json(_) => "application/json",
            Self::Raw { content_type, .. } => content_type,
            Self::Form { .. } => "multipart/form-data",
        }
    }

    /// The body to record. A form is a JSON object of its fields, a file `{name, content_type, base64}`.
    pub(crate) fn payload(&self) -> Payload {
        match self {
            Self::Json(value) => value.to_string().into(),
            Self::Raw { bytes, .. } => Payload::from_bytes(bytes.clone()),
            Self::Form { fields, file } => {
                let mut object: Map<String, Value> =
                    fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
                if let Some(file) = file {
                    let value = json!({
                        "name": file.name,
                        "content_type": file.content_type,
                        "base64": STANDARD.encode(&file.bytes),
                    });
                    object.insert(file.field.clone(), value);
                }
                Value::Object(object).to_string().into()
            }
        }
    }

    /// The body as text, with replacements for bytes that are not UTF-8.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload().to_bytes()).into_owned()
    }

    /// Adds the body to a request.
    ///
    /// # Errors
    /// If the content type of a file is invalid.
    pub(crate) fn attach(&self, request: RequestBuilder) -> reqwest::Result<RequestBuilder> {
        Ok(match self {
            Self::Json(value) => {
                request.header(header::CONTENT_TYPE, self.content_type()).body(value.to_string())
            }
            Self::Raw { content_type, bytes } => {
                request.header(header::CONTENT_TYPE, content_type).body(bytes.clone())
            }
            Self::Form { fields, file } => {
                let mut form = Form::new();
                for (name, value) in fields {
                    form = form.text(name.clone(), value.clone());
                }
                if let Some(file) = file {
                    let part = Part::bytes(file.bytes.clone())
                        .file_name(file.name.clone())
                        .mime_str(&file.content_type)?;
                    form = form.part(file.field.clone(), part);
                }
                request.multipart(form)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_recorded_as_objects() {
        let body = Body::Form {
            fields: vec![("room".to_owned(), "r".to_owned())],
            file: Some(FormFile {
                field: "attachment".to_owned(),
                name: "a.txt".to_owned(),
                content_type: "text/plain".to_owned(),
                bytes: b"hi".to_vec(),
            }),
        };
        assert_eq!(
            body.payload().to_json().unwrap(),
            json!({
                "room": "r",
                "attachment": {"name": "a.txt", "content_type": "text/plain", "base64": "aGk="},
            })
        );
    }
}
