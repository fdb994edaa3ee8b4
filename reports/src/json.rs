//! JSON reports and their JSON Schema.

use serde::Serialize;

use crate::style::Style;
use hearback_history::escape::is_hidden;

/// The JSON Schema (2020-12) of the report of a run.
pub const REPORT_SCHEMA: &str = include_str!("../report.schema.json");

/// Renders a result completely. Hidden characters are written as `\uXXXX`, which parses to the same text.
pub(crate) fn render<R: Serialize>(result: &R, _: Style) -> String {
    let json = serde_json::to_string_pretty(result).expect("all keys are strings");
    let mut safe = String::with_capacity(json.len() + 1);
    for letter in json.chars() {
        // Control characters in strings are escaped already, so a line feed is layout.
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

/// Checks of JSON against its schema.
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

    /// Checks that every object rejects unknown members and requires those that are not `optional`.
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

    /// Adds the paths of all objects in `value`.
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
    fn all_kinds_of_results_fit_the_schema() {
        let validator = validator(REPORT_SCHEMA);
        for record in fixtures::all() {
            assert_fits(&validator, &rendered(&record));
        }
    }

    #[test]
    fn unknown_and_missing_members_do_not_fit() {
        let json = rendered(&fixtures::broken());
        assert_exact(&validator(REPORT_SCHEMA), &json, |path, name| {
            let mut last = path.rsplit('/').filter(|name| name.parse::<usize>().is_err());
            let optional: &[&str] = match last.next().filter(|name| !name.is_empty()) {
                None => &[
                    "contract",
                    "run",
                    "shards",
                    "target",
                    "host",
                    "seed",
                    "started_at",
                    "end",
                    "authorization",
                    "waivers",
                    "orphaned_rooms",
                    "may_be_untested",
                    "flaky",
                    "expectations",
                    "needs_pinned",
                    "changes",
                    "response_times",
                    "answers",
                    "groups",
                ],
                Some("requirements") => &["protects", "waived", "known"],
                Some("groups") => &["not_reproduced"],
                Some("members") => &["explained"],
                Some("subject") => &[
                    "operation",
                    "event",
                    "actor",
                    "room",
                    "message",
                    "member",
                    "status",
                    "defect",
                ],
                Some("untested") => &["remedy"],
                Some("failed") => &["actual"],
                Some("answers") => &["pinned"],
                Some("stopped_scenarios") => &["cause"],
                Some("orphaned_rooms") => &["id", "name", "is_verified"],
                Some("waivers") => &["operation", "variant", "link", "expires", "place"],
                Some("findings") => &["reproduction", "sequence", "magnitude", "waived", "known"],
                Some("reproduction") => &["file", "expected", "actual", "commands"],
                Some("confirmation") => &["reproduced", "repetitions", "reason"],
                Some("reason") => &["about"],
                Some("sequence") => &["audit"],
                Some("exchanges" | "audit") => &["is_evidence", "omitted"],
                Some(_) => &[],
            };
            optional.contains(&name)
        });
    }

    #[test]
    fn changes_since_a_baseline_fit_the_schema() {
        let validator = validator(REPORT_SCHEMA);
        let record = fixtures::broken().against(&fixtures::held());
        let json = rendered(&record);
        assert!(json["changes"]["new"][0]["requirement"].is_string(), "{json}");
        assert_fits(&validator, &json);
        assert_eq!(serde_json::from_value::<Results>(json).unwrap().changes, record.changes);
    }

    #[test]
    fn states_require_their_members() {
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
    fn hidden_characters_are_escaped_and_parse_to_the_same_text() {
        let record = fixtures::hostile();
        let json = render(&record, Style::default());
        assert_eq!(json.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        assert_eq!(serde_json::from_str::<Results>(&json).unwrap(), record);
        assert_eq!(rendered(&record)["run"], fixtures::HOSTILE);
    }
}
