//! The contract as an OpenAPI 3.1 document and an AsyncAPI 3.0 document, for other tools.
//!
//! Both are assembled from the tables and the schema files; one build always writes the same bytes.

mod asyncapi;
mod components;
mod openapi;

pub use asyncapi::{Side, asyncapi};
pub use openapi::openapi;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::components::{component, components};
    use super::*;
    use crate::schemas::{self, references};

    #[test]
    fn component_names_are_unique() {
        let names: BTreeSet<String> = schemas::all().map(component).collect();
        assert_eq!(names.len(), schemas::all().count());
    }

    #[test]
    fn each_reference_resolves() {
        for document in [openapi(), asyncapi(Side::Server)] {
            let references = references(&document);
            assert!(references.len() > 10);
            for reference in references {
                let pointer = reference.strip_prefix('#').expect("references are internal");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            assert!(!document.to_string().contains(".invalid"), "an `$id` remains");
        }
    }

    #[test]
    fn components_include_referenced_schemas() {
        let components = components(schemas::find("rest/rooms.get.200.json"));
        let names: Vec<&String> = components.as_object().unwrap().keys().collect();
        assert_eq!(names, ["chat_participant", "chat_room", "rooms.get.200", "user_brief"]);
    }
}
