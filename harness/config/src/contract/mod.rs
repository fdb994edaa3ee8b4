//! The folder of an overlay of the contract: `contract.toml` and JSON Schemas.

mod requirement_row;
mod row;
mod rows;
mod schema_file;

use std::path::Path;

use hearback_contract::UnknownId;
use hearback_contract::overlay::{self, Overlay};

use crate::{Excerpt, FileError, Problem, Source};

/// The file with the name of the overlay, and its changes of operations, requirements and policy.
pub const CONTRACT_FILE: &str = "contract.toml";

/// Reads the folder of an overlay, without the pinned readings of its file.
///
/// # Errors
/// Every problem of its files: at least one.
pub fn read(folder: &Path) -> Result<Overlay, Vec<FileError>> {
    let source = Source::from(folder.join(CONTRACT_FILE));
    let document = source.read("contract file", Excerpt::Full).map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let (mut overlay, named) = rows::parse(&document, &mut errors);
    if overlay.name.is_empty() {
        overlay.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    let files = schema_file::read_all(folder, &mut errors);
    for file in &files {
        overlay.schemas.insert(file.id.clone(), file.schema.clone());
    }
    if errors.is_empty() {
        match overlay::schemas_of(&overlay) {
            Ok(schemas) => {
                let unknown = named.iter().filter(|id| !schemas.contains_key(id.get_ref()));
                errors.extend(unknown.map(|id| {
                    let known = schemas.keys().map(String::as_str);
                    let error = UnknownId::new("schema", id.get_ref(), known);
                    document.invalid(Problem::from(error).at(id.span()))
                }));
            }
            Err(defects) => {
                errors.extend(defects.iter().map(|defect| schema_file::located(&files, defect)));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(overlay),
        false => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearback_contract::overlay::{CustomCheck, RequirementChange, SchemaOverlay};
    use hearback_contract::policy::{Permission, Role};
    use hearback_contract::{Level, Operation, Relation};
    use miette::Diagnostic as _;
    use serde_json::json;

    use super::*;

    fn read_files(files: &[(&str, &str)]) -> Result<Overlay, Vec<FileError>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        read(folder.path())
    }

    /// Each problem with its help, and the text at its place.
    fn problems(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let errors = read_files(files).unwrap_err().into_iter();
        errors
            .map(|error| {
                let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
                let span = error.problem().span().unwrap_or_default();
                let texts = files.iter().map(|(_, text)| text.get(span.clone()).unwrap_or(""));
                (format!("{error}{help}"), texts.collect::<Vec<_>>().join("|"))
            })
            .collect()
    }

    #[test]
    fn a_folder_becomes_an_overlay() {
        let contract = r#"
            name = "Acme 1.1"
            [[operation]]
            id = "rooms.leave"
            path = "/chat/rooms/{room_id}/exit/"
            query = {}
            success = [202, 200]
            refusals = [400, 401, 403, 404, 409]
            [[requirement]]
            id = "room/archive"
            level = "note"
            [[requirement]]
            id = "message/send"
            disabled = "sent by another service"
            [[permission]]
            role = "admin"
            operation = "messages.edit"
            is = "allow"
        "#;
        let patch = r#"{"required": ["detail"]}"#;
        let overlay = read_files(&[
            ("contract.toml", contract),
            ("models/error.patch.json", patch),
            ("rest/rooms.leave.200.json", r#"{"type": "object"}"#),
        ]);
        let overlay = overlay.unwrap();
        assert_eq!(overlay.name, "Acme 1.1");
        assert_eq!(overlay.operations[0].operation, Operation::RoomsLeave);
        assert_eq!(overlay.operations[0].success, Some(vec![202, 200]));
        assert_eq!(overlay.operations[0].refusals, Some(vec![400, 401, 403, 404, 409]));
        assert_eq!(overlay.requirements[0].change, RequirementChange::Level(Level::Note));
        assert!(matches!(&overlay.requirements[1].change, RequirementChange::Disabled(_)));
        assert_eq!(overlay.policy[0].permission, Permission::Allow);
        let schemas = BTreeMap::from([
            (
                "models/error.json".to_owned(),
                SchemaOverlay::Patch(json!({ "required": ["detail"] })),
            ),
            (
                "rest/rooms.leave.200.json".to_owned(),
                SchemaOverlay::Complete(json!({ "type": "object" })),
            ),
        ]);
        assert_eq!(overlay.schemas, schemas);
    }

    #[test]
    fn unknown_names_have_suggestions() {
        let contract = r#"
            [[operation]]
            id = "rooms.leav"
            [[requirement]]
            id = "room/archiv"
            level = "note"
            [[permission]]
            role = "admins"
            operation = "messages.edit"
            is = "allow"
        "#;
        let found = problems(&[("contract.toml", contract), ("models/errors.patch.json", "{}")]);
        let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
        for (text, expected) in texts.iter().zip([
            "unknown operation `rooms.leav`; did you mean `rooms.leave`",
            "unknown requirement `room/archiv`; did you mean `room/archive`",
            "unknown role `admins`; did you mean `admin`?",
            "unknown schema `models/errors.json`; did you mean `models/error.json`",
        ]) {
            assert!(text.starts_with(expected), "{texts:#?}");
        }
        assert_eq!((found.len(), found[0].1.as_str()), (4, "\"rooms.leav\"|"));
    }

    #[test]
    fn changes_are_validated() {
        let of = |contract: &str| problems(&[("contract.toml", contract)])[0].0.clone();
        let operation = |text: &str| of(&format!("[[operation]]\nid = \"rooms.leave\"\n{text}\n"));
        assert!(operation("path = \"/exit/\"").contains("{room_id}"));
        assert!(operation("query = { q = \"query\" }").contains("unknown query parameter `q`"));
        let list = |text: &str| of(&format!("[[operation]]\nid = \"rooms.list\"\n{text}\n"));
        for name in ["", "room_type"] {
            let problem = list(&format!("query = {{ search = \"{name}\" }}"));
            assert!(problem.contains("cannot be the name of `search`"), "{problem}");
        }
        assert!(operation("success = [404]").contains("404"));
        assert!(operation("success = []").contains("is empty"));
        assert!(operation("refusals = []").contains("is empty"));
        assert!(operation("refusals = [200]").contains("200"));
        let requirement =
            |text: &str| of(&format!("[[requirement]]\nid = \"room/archive\"\n{text}\n"));
        assert!(requirement("").contains("`level` or `disabled`"));
        assert!(requirement("disabled = \" \"").contains("reason"));
        let twice = "[[requirement]]\nid = \"room/archive\"\nlevel = \"note\"\n".repeat(2);
        assert!(of(&twice).contains("twice"));
    }

    /// A new requirement without its check.
    const CUSTOM: &str = r#"
        [[requirement]]
        id = "custom/coded-errors"
        level = "should"
        statement = "Rejections SHOULD have a code."
        violation = "Rejections have no code."
        reason = "The app translates codes."
        operation = "rooms.get"
    "#;

    #[test]
    fn requirements_are_added() {
        let outsider = Role::Authenticated(Relation::Outsider);
        let operation = Operation::RoomsGet;
        for (keys, check) in [
            (
                "status = [404]\nschema = \"models/error.json\"",
                CustomCheck::Schema {
                    operation,
                    statuses: vec![404],
                    schema: "models/error.json".to_owned(),
                },
            ),
            (
                "role = \"outsider\"\nrejected_with = [404]",
                CustomCheck::Rejection { operation, role: outsider, statuses: vec![404] },
            ),
            (
                "role = \"outsider\"\nis = \"deny\"",
                CustomCheck::Policy { operation, role: outsider, permission: Permission::Deny },
            ),
        ] {
            let overlay = read_files(&[("contract.toml", &format!("{CUSTOM}{keys}\n"))]).unwrap();
            assert_eq!(overlay.custom[0].check, check);
            let change = overlay.changes().pop().unwrap();
            assert_eq!(change.subject, "custom/coded-errors");
        }
    }

    #[test]
    fn added_requirements_are_validated() {
        let of = |text: &str| problems(&[("contract.toml", text)])[0].clone();
        for (keys, expected) in [
            ("", "one of `schema`, `rejected_with` and `is`"),
            ("is = \"deny\"", "need a `role`"),
            ("role = \"outsider\"\nis = \"either\"", "`is` is \"allow\" or \"deny\""),
            ("role = \"admins\"\nis = \"deny\"", "unknown role `admins`"),
            ("role = \"outsider\"\nrejected_with = [200]", "`rejected_with` contains 200"),
            ("status = [404]\nrole = \"admin\"\nis = \"deny\"", "`status` selects"),
            ("schema = \"models/eror.json\"", "unknown schema `models/eror.json`; did you mean"),
        ] {
            let (problem, place) = of(&format!("{CUSTOM}{keys}\n"));
            assert!(problem.contains(expected) && !place.is_empty(), "{problem} {place}");
        }
        let other = CUSTOM.replace("custom/", "room/");
        assert!(of(&other).0.contains("unknown requirement"), "{:?}", of(&other));
        let shipped = CUSTOM.replace("custom/coded-errors", "room/archive");
        assert!(of(&shipped).0.contains("begin the id of a new requirement with `custom/`"));
        let nameless = CUSTOM.replace("coded-errors", "");
        assert!(of(&nameless).0.contains("the name of a requirement"));
    }

    #[test]
    fn problems_of_schemas_name_the_place() {
        let broken = "{\n  \"type\": \"object\",,\n}";
        let found = problems(&[("contract.toml", ""), ("models/error.json", broken)]);
        assert!(found[0].0.contains("not JSON"), "{found:?}");
        assert_eq!(found[0].1, "|,");
        let invalid = "{\n  \"properties\": { \"error\": { \"type\": \"sting\" } }\n}";
        let found = problems(&[("contract.toml", ""), ("models/error.json", invalid)]);
        assert!(found[0].0.contains("sting"), "{found:?}");
        assert_eq!(found[0].1, "|\"type\"");
        let found = problems(&[
            ("contract.toml", ""),
            ("models/error.json", "{}"),
            ("models/error.patch.json", "{}"),
        ]);
        assert!(found[0].0.contains("both"), "{found:?}");
    }

    #[test]
    fn a_folder_without_its_file_is_not_a_contract() {
        let error = &read_files(&[]).unwrap_err()[0];
        assert!(error.to_string().contains("cannot read the contract file"), "{error}");
    }
}
