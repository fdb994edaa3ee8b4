//! Calls of operations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_contract::{Operation, UnknownId};
use serde_json::Value;

use super::payload::is_intended;
use super::{Entries, Parser};
use crate::diagnostic::{Diagnostic, listed_beside};
use crate::grammar::{FILE_SOURCE, RESPONSE};
use crate::step::{Call, FileSource};
use crate::syntax::{Node, Span};

/// Maximum size of a file to upload, in bytes.
const MAX_FILE: usize = 16 << 20;

impl Parser<'_> {
    /// Parses a call, and compares it with the documentation of the operation.
    pub(super) fn call(
        &mut self,
        operation: Operation,
        actor: &str,
        span: Span,
        arguments: &Entries<'_>,
    ) -> Call {
        let spec = operation.spec();
        let query = arguments.node("query").and_then(Node::as_mapping).unwrap_or_default();
        for parameter in query {
            let names = spec.query.iter().map(|parameter| parameter.name);
            let is_known = names.clone().any(|name| name == parameter.key);
            if !is_known && !is_intended(arguments) {
                let error = UnknownId::new("query parameter", &parameter.key, names.clone());
                let help = listed_beside(&error, &format!("parameters of `{operation}`"), names);
                let warning = Diagnostic::warning(parameter.span, error.to_string());
                self.report(warning.help_if(help));
            }
        }
        let bodies = ["body", "raw", "form"];
        if let Some(second) = bodies.iter().filter_map(|key| arguments.entry(key)).nth(1) {
            let help = "use one of `body`, `raw` and `form`";
            self.error(second.span, "a request has only one body", help);
        }
        if arguments.entry("form").is_some() != arguments.entry("file").is_some() {
            let help = "`form` contains the fields, `file` the attachment";
            self.error(span, "`form` and `file` require each other", help);
        }
        let form = arguments.node("form").zip(arguments.node("file"));
        let expect = self.response_expectation(arguments, RESPONSE, Some(spec.access));
        self.check_body(operation, span, arguments, expect.as_ref());
        self.check_response_fields(operation, arguments, expect.as_ref());
        let content_type =
            arguments.text("content_type").unwrap_or_else(|| "application/json".to_owned());
        Call {
            actor: actor.to_owned(),
            operation,
            at: arguments.value("at").map(|at| match at {
                Value::String(text) => text,
                other => other.to_string(),
            }),
            query: query.iter().map(|entry| (entry.key.clone(), entry.node.to_value())).collect(),
            body: arguments.value("body"),
            raw: arguments.text("raw").map(|text| (content_type, text)),
            form: form
                .and_then(|(fields, file)| Some((fields.to_value(), self.file_source(file)?))),
            credential: arguments.text("as"),
            save: arguments.text("save"),
            expect,
        }
    }

    fn file_source(&mut self, node: &Node) -> Option<FileSource> {
        let entries = self.entries("`file`", node.span, node.as_mapping()?, FILE_SOURCE);
        let mut bytes = match (entries.text("text"), entries.node("base64")) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(encoded)) => match STANDARD.decode(encoded.as_text()?) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!("invalid base64: {error}");
                    self.report(Diagnostic::error(encoded.span, message));
                    return None;
                }
            },
            _ => {
                let help = "`text` and `base64` are alternatives for the content of the file";
                self.error(node.span, "`file` requires one of `text` and `base64`", help);
                return None;
            }
        };
        if let Some(size) = entries.value("size").and_then(|size| size.as_u64()) {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if size > MAX_FILE {
                let help = format!("at most {MAX_FILE} bytes");
                self.error(node.span, "the file is too large", help);
                return None;
            }
            bytes.resize(size.max(bytes.len()), 0);
        }
        Some(FileSource {
            name: entries.text("name")?,
            content_type: entries.text("content_type")?,
            bytes,
        })
    }
}
