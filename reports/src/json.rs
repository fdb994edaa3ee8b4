//! The record as JSON, and the JSON Schema that it fits.

use serde::Serialize;

use crate::escape::is_hidden;
use crate::format::Style;

/// The JSON Schema (2020-12) of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../report.schema.json");

/// The whole record, nothing cut. Hidden characters are written as `\uXXXX`, which reads back the same.
pub(crate) fn render<R: Serialize>(record: &R, _: Style) -> String {
    let json = serde_json::to_string_pretty(record).expect("a record has no keys but text");
    let mut safe = String::with_capacity(json.len() + 1);
    for letter in json.chars() {
        // Control characters inside strings are escaped already: a line feed here is layout.
        if letter != '\n' && is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(letter);
        }
    }
    safe.push('\n');
    safe
}

/// Holding schemas against what is written.
#[cfg(test)]
pub(crate) mod testing {
    use jsonschema::{Validator, draft202012};
    use serde_json::{Value, json};

    pub(crate) fn validator(schema: &str) -> Validator {
        let schema: Value = serde_json::from_str(schema).unwrap();
        draft202012::meta::validate(&schema).unwrap();
        draft202012::options().should_validate_formats(true).build(&schema).unwrap()
    }

    pub(crate) fn assert_fits(validator: &Validator, json: &Value) {
        let errors: Vec<_> = validator.iter_errors(json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// Every object must refuse members too many, and too few but those that are `optional`.
    pub(crate) fn assert_exact(
        validator: &Validator,
        json: &Value,
        optional: impl Fn(&str, &str) -> bool,
    ) {
        let mut paths = Vec::new();
        objects(json, "", &mut paths);
        assert!(paths.len() > 5, "{paths:?}");
        for path in paths {
            let mut more = json.clone();
            let object = more.pointer_mut(&path).unwrap().as_object_mut().unwrap();
            object.insert("another".to_owned(), json!(1));
            assert!(!validator.is_valid(&more), "one more in `{path}`");
            let names = json.pointer(&path).unwrap().as_object().unwrap().keys();
            for name in names.filter(|name| !optional(&path, name)) {
                let mut less = json.clone();
                let object = less.pointer_mut(&path).unwrap().as_object_mut().unwrap();
                object.shift_remove(name);
                assert!(!validator.is_valid(&less), "`{path}` without {name}");
            }
        }
    }

    /// Paths of all objects within `value`.
    fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.push(path.to_owned());
                for (name, member) in members {
                    objects(member, &format!("{path}/{name}"), found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    objects(item, &format!("{path}/{index}"), found);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::testing::{assert_exact, assert_fits, validator};
    use super::*;
    use crate::fixtures;
    use hearback_results::Results;

    fn rendered(record: &Results) -> Value {
        serde_json::from_str(&render(record, Style::default())).unwrap()
    }

    #[test]
    fn records_of_every_kind_fit_the_schema() {
        let validator = validator(REPORT_SCHEMA);
        for record in fixtures::all() {
            assert_fits(&validator, &rendered(&record));
        }
    }

    #[test]
    fn members_too_many_or_too_few_do_not_fit() {
        let json = rendered(&fixtures::broken());
        assert_exact(&validator(REPORT_SCHEMA), &json, |path, name| {
            // What a history without a beginning, or without a call, does not have; and what is left
            // out where it says nothing.
            let optional: &[&str] = match path.rsplit('/').nth(1) {
                None => &[
                    "run",
                    "target",
                    "seed",
                    "started_at",
                    "end",
                    "authorization",
                    "waivers",
                    "orphaned_rooms",
                ],
                Some("orphaned_rooms") => &["id", "name"],
                Some("waivers") => &["operation", "link", "expires"],
                Some("findings") => &["sequence"],
                _ if path.ends_with("/reason") => &["about"],
                Some("exchanges") => &["is_evidence", "omitted"],
                Some(_) => &[],
            };
            optional.contains(&name)
        });
    }

    #[test]
    fn states_have_what_they_need() {
        let validator = validator(REPORT_SCHEMA);
        let json = rendered(&fixtures::held());
        assert!(validator.is_valid(&json));
        for (member, value) in [("observations", json!(0)), ("state", json!("broken"))] {
            let mut wrong = json.clone();
            wrong["families"][0]["requirements"][0][member] = value;
            assert!(!validator.is_valid(&wrong), "{member}");
        }
    }

    #[test]
    fn hostile_text_is_kept_but_cannot_act_on_a_terminal() {
        let record = fixtures::hostile();
        let json = render(&record, Style::default());
        assert_eq!(json.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        assert_eq!(serde_json::from_str::<Results>(&json).unwrap(), record);
        assert_eq!(rendered(&record)["run"], fixtures::HOSTILE);
    }
}
