//! Edits of JSON values, by pointer. `*` in a pointer matches every element of an array.

use serde_json::Value;

type Pointers = &'static [&'static str];

/// One edit. A pointer that matches nothing changes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// Removes members of objects.
    Remove(Pointers),
    /// Sets members of objects to a JSON text, whether or not they exist.
    Set(Pointers, &'static str),
    /// Renames a member of an object.
    Rename(&'static str, &'static str),
    /// Distorts values in place.
    Map(Pointers, fn(&mut Value)),
}

impl Edit {
    /// Applies the edit.
    pub(crate) fn apply(self, document: &mut Value) {
        match self {
            Self::Remove(pointers) => in_parents(document, pointers, |members, name| {
                members.shift_remove(name);
            }),
            Self::Set(pointers, json) => in_parents(document, pointers, |members, name| {
                let value = serde_json::from_str(json).unwrap_or(Value::Null);
                members.insert(name.to_owned(), value);
            }),
            Self::Rename(pointer, to) => in_parents(document, &[pointer], |members, name| {
                if let Some(value) = members.shift_remove(name) {
                    members.insert(to.to_owned(), value);
                }
            }),
            Self::Map(pointers, change) => {
                for pointer in pointers {
                    visit(document, pointer, &mut |value| change(value));
                }
            }
        }
    }
}

fn in_parents(
    document: &mut Value,
    pointers: &[&str],
    mut change: impl FnMut(&mut serde_json::Map<String, Value>, &str),
) {
    for pointer in pointers {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        visit(document, parent, &mut |value| {
            if let Value::Object(members) = value {
                change(members, name);
            }
        });
    }
}

/// Calls `change` with every value that the pointer matches.
fn visit(value: &mut Value, pointer: &str, change: &mut dyn FnMut(&mut Value)) {
    let Some(rest) = pointer.strip_prefix('/') else { return change(value) };
    let (name, rest) = match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    match value {
        Value::Array(elements) if name == "*" => {
            elements.iter_mut().for_each(|element| visit(element, rest, change));
        }
        Value::Object(members) => {
            if let Some(member) = members.get_mut(name) {
                visit(member, rest, change);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edited(edit: Edit) -> Value {
        let mut document = json!({ "a": 1, "list": [{ "b": 2 }, { "b": 3, "c": 4 }] });
        edit.apply(&mut document);
        document
    }

    #[test]
    fn edits_reach_every_element() {
        assert_eq!(
            edited(Edit::Remove(&["/list/*/b", "/nothing"])),
            json!({ "a": 1, "list": [{}, { "c": 4 }] })
        );
        assert_eq!(
            edited(Edit::Set(&["/list/*/c"], "null")),
            json!({ "a": 1, "list": [{ "b": 2, "c": null }, { "b": 3, "c": null }] })
        );
        assert_eq!(
            edited(Edit::Map(&["/list/*/c", "/a"], |value| *value = json!("x"))),
            json!({ "a": "x", "list": [{ "b": 2 }, { "b": 3, "c": "x" }] })
        );
        assert_eq!(
            edited(Edit::Rename("/list", "items")),
            json!({ "a": 1, "items": [{ "b": 2 }, { "b": 3, "c": 4 }] })
        );
    }
}
