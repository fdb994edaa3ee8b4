//! The documented parts of a value: members and items at any depth.

use serde_json::Value;

use super::Schema;
use super::node::Node;
use crate::UnknownId;

/// The schemas of one part of a value.
#[derive(Clone, Debug, Default)]
pub struct SchemaPart(Vec<Node>);

impl SchemaPart {
    /// A value that conforms to at least one of `schemas`.
    pub fn any_of(schemas: impl IntoIterator<Item = &'static Schema>) -> Self {
        let roots = schemas.into_iter().map(|schema| Node { file: schema, json: schema.json });
        Self::applied(roots)
    }

    fn applied(roots: impl IntoIterator<Item = Node>) -> Self {
        let mut nodes = Vec::new();
        roots.into_iter().for_each(|node| node.applied(&mut nodes));
        Self(nodes)
    }

    /// Returns whether no schema restricts the part: every member of it is allowed.
    pub fn is_unrestricted(&self) -> bool {
        self.0.is_empty() || self.0.iter().any(|node| *node.json == Value::Bool(true))
    }

    /// Names of the documented members, in the order of the schemas.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for name in self.0.iter().flat_map(|node| node.names()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The items of the part, if it is an array.
    pub fn items(&self) -> Self {
        Self::applied(self.0.iter().filter_map(|node| node.items()))
    }

    /// The member with this name, or any item if `name` is an index.
    ///
    /// # Errors
    /// If no schema describes such a member; `kind` is what the error calls it.
    pub fn member(&self, kind: &'static str, name: &str) -> Result<Self, UnknownId> {
        if self.is_unrestricted() {
            return Ok(Self::default());
        }
        let is_index = name.parse::<usize>().is_ok();
        let items = self.0.iter().filter(|_| is_index).filter_map(|node| node.items());
        let described: Vec<Node> =
            self.0.iter().filter_map(|node| node.member(name)).chain(items).collect();
        match described.is_empty() {
            true => Err(UnknownId::new(kind, name, self.names())),
            false => Ok(Self::applied(described)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::{error, model, response};
    use crate::{Operation, ServerEvent};

    fn find(part: &SchemaPart, path: &str) -> Result<SchemaPart, String> {
        path.split('.')
            .try_fold(part.clone(), |part, name| part.member("field", name))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn documented_members_and_items_are_found_at_any_depth() {
        let page = SchemaPart::any_of(response(Operation::MessagesList, 200));
        for path in ["count", "results.0.sender.id", "results.12.read_by.7", "results.0.reply_to"] {
            assert!(find(&page, path).is_ok(), "{path}");
        }
        // An array or a page.
        let found = SchemaPart::any_of(response(Operation::MessagesSearch, 200));
        for path in ["0.content", "results.0.content"] {
            assert!(find(&found, path).is_ok(), "{path}");
        }
        assert!(find(&page, "results").unwrap().items().names().contains(&"content"));
    }

    #[test]
    fn unknown_members_suggest_documented_ones() {
        let room = SchemaPart::any_of(model("chat_room"));
        for (path, expected) in [
            ("unread_cuont", "unknown field `unread_cuont`; did you mean `unread_count`"),
            ("participants.0.usr.id", "unknown field `usr`; did you mean `user`?"),
            ("participants.user", "unknown field `user`"),
            ("participants.*.user", "unknown field `*`"),
            ("id.0", "unknown field `0`"),
            ("0.id", "unknown field `0`"),
        ] {
            let error = find(&room, path).unwrap_err();
            assert!(error.starts_with(expected), "{path}: {error}");
        }
    }

    #[test]
    fn several_schemas_allow_the_members_of_each() {
        let either = [response(Operation::RoomsGet, 200), Some(error())].into_iter().flatten();
        let either = SchemaPart::any_of(either);
        assert!(find(&either, "detail").is_ok() && find(&either, "display_name").is_ok());
        assert!(find(&either, "content").is_err());
    }

    #[test]
    fn undescribed_values_are_unrestricted() {
        let anything = SchemaPart::any_of(response(Operation::ParticipantsRemove, 200));
        assert!(find(&anything, "a.b.0").is_ok());
        assert!(find(&SchemaPart::default(), "a").is_ok());
        let event = SchemaPart::any_of([crate::schemas::server_event(ServerEvent::Typing)]);
        assert!(!event.is_unrestricted());
    }
}
