//! Changes between two versions of a schema, and what they mean to clients.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::{Change, Effect};

/// The side that sends the values of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Client,
    Server,
}

impl Sender {
    /// The sender of the values of a schema. Models are parts of responses.
    fn of(id: &str) -> Self {
        let is_request = [".request.json", ".multipart.json"].iter().any(|end| id.ends_with(end));
        match is_request || id.starts_with("socket/client/") {
            true => Self::Client,
            false => Self::Server,
        }
    }

    /// The effect on clients if values of the server may differ more than before.
    fn of_wider(self) -> Effect {
        match self {
            Self::Server => Effect::Breaking,
            Self::Client => Effect::Compatible,
        }
    }

    /// The effect on clients if values may differ less than before.
    fn of_narrower(self) -> Effect {
        match self {
            Self::Server => Effect::Compatible,
            Self::Client => Effect::Breaking,
        }
    }
}

/// The differences of two versions of a schema, each at its member.
pub(super) fn changes(id: &str, old: &Value, new: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(Sender::of(id), old, new, "", &mut |path: &str, effect, text: String| {
        let place = if path.is_empty() { id.to_owned() } else { format!("{id} {path}") };
        found.push(Change { subject: place, effect, text });
    });
    found
}

fn compare(
    sender: Sender,
    old: &Value,
    new: &Value,
    path: &str,
    add: &mut dyn FnMut(&str, Effect, String),
) {
    let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else {
        if old != new {
            add(path, Effect::Breaking, format!("was {old}, is {new}"));
        }
        return;
    };
    let keywords: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for keyword in keywords {
        let (old, new) = (before.get(keyword), after.get(keyword));
        if old == new {
            continue;
        }
        match keyword.as_str() {
            "$schema" | "title" | "description" | "$comment" | "examples" => {}
            "required" => {
                // That a member is not documented any more says as much.
                let is_gone = |name: &str| {
                    let has = |members: &Map<String, Value>| {
                        members.get("properties").is_some_and(|it| it.get(name).is_some())
                    };
                    has(before) && !has(after)
                };
                required(sender, old, new, path, &is_gone, add);
            }
            "properties" => properties(sender, old, new, path, add),
            "items" => {
                let any = Value::Bool(true);
                let (old, new) = (old.unwrap_or(&any), new.unwrap_or(&any));
                compare(sender, old, new, &format!("{path}/*"), add);
            }
            "enum" | "type" => words(sender, keyword, [old, new], path, add),
            _ => {
                let of =
                    |value: Option<&Value>| value.map_or("absent".to_owned(), Value::to_string);
                add(path, Effect::Breaking, format!("`{keyword}` was {}, is {}", of(old), of(new)));
            }
        }
    }
}

fn required(
    sender: Sender,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &str,
    is_gone: &dyn Fn(&str) -> bool,
    add: &mut dyn FnMut(&str, Effect, String),
) {
    let (old, new) = (names(old), names(new));
    for name in old.difference(&new).filter(|name| !is_gone(name)) {
        add(&format!("{path}/{name}"), sender.of_wider(), "is not required any more".to_owned());
    }
    for name in new.difference(&old) {
        add(&format!("{path}/{name}"), sender.of_narrower(), "is required".to_owned());
    }
}

fn properties(
    sender: Sender,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &str,
    add: &mut dyn FnMut(&str, Effect, String),
) {
    let members = |value: Option<&'_ Value>| {
        let members = value.and_then(Value::as_object).cloned();
        members.unwrap_or_default()
    };
    let (old, new) = (members(old), members(new));
    for (name, schema) in &old {
        let path = format!("{path}/{name}");
        match new.get(name) {
            Some(other) => compare(sender, schema, other, &path, add),
            None => add(&path, Effect::Breaking, "is not documented any more".to_owned()),
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        add(&format!("{path}/{name}"), Effect::Compatible, "is new".to_owned());
    }
}

/// Values of a keyword that lists what is allowed.
fn words(
    sender: Sender,
    keyword: &str,
    [old, new]: [Option<&Value>; 2],
    path: &str,
    add: &mut dyn FnMut(&str, Effect, String),
) {
    let (old, new) = (names(old), names(new));
    // Without the keyword, everything is allowed.
    let is_wider = new.is_empty() || !old.is_empty() && new.difference(&old).next().is_some();
    let is_narrower = old.is_empty() || !new.is_empty() && old.difference(&new).next().is_some();
    let effect = match (is_wider, is_narrower) {
        (true, true) => Effect::Breaking,
        (true, false) => sender.of_wider(),
        (false, _) => sender.of_narrower(),
    };
    let of = |words: &BTreeSet<String>| match words.is_empty() {
        true => "anything".to_owned(),
        false => words.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    add(path, effect, format!("`{keyword}` was {}, is {}", of(&old), of(&new)));
}

/// A text, or the values of an array as texts.
fn names(value: Option<&Value>) -> BTreeSet<String> {
    let name = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Some(Value::Array(values)) => values.iter().map(name).collect(),
        Some(other) => BTreeSet::from([name(other)]),
        None => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn effects(id: &str, old: Value, new: Value) -> Vec<(String, Effect)> {
        let changes = changes(id, &old, &new).into_iter();
        changes
            .map(|change| (format!("{} {}", change.subject, change.text), change.effect))
            .collect()
    }

    #[test]
    fn effects_depend_on_the_sender() {
        let (old, new) = (json!({ "required": ["a"] }), json!({ "required": ["a", "b"] }));
        let text = |id: &str, text: &str| format!("{id} /b {text}");
        let cases = [
            ("models/error.json", &old, &new, "is required", Effect::Compatible),
            ("models/error.json", &new, &old, "is not required any more", Effect::Breaking),
            ("rest/a.request.json", &old, &new, "is required", Effect::Breaking),
            ("rest/a.request.json", &new, &old, "is not required any more", Effect::Compatible),
        ];
        for (id, old, new, change, effect) in cases {
            assert_eq!(effects(id, old.clone(), new.clone()), [(text(id, change), effect)]);
        }
    }

    #[test]
    fn fields_types_and_words_are_compared_at_any_depth() {
        let schema = |kind: Value, word: &str| {
            json!({ "items": { "properties": {
                "a": { "type": kind },
                word: { "enum": ["x"] },
            } } })
        };
        let found = effects(
            "models/m.json",
            schema(json!("string"), "old"),
            schema(json!(["string", "null"]), "new"),
        );
        assert_eq!(
            found,
            [
                (
                    "models/m.json /*/a `type` was string, is null, string".to_owned(),
                    Effect::Breaking
                ),
                ("models/m.json /*/old is not documented any more".to_owned(), Effect::Breaking),
                ("models/m.json /*/new is new".to_owned(), Effect::Compatible),
            ]
        );
        assert_eq!(effects("m", json!({ "title": "A" }), json!({ "title": "B" })), []);
    }
}
