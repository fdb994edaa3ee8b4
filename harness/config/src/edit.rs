//! Edits a TOML file in place: comments, blank lines and order stay.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};

use crate::Problem;

/// A TOML file that is edited.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    document: DocumentMut,
}

/// A table to add, with the comment above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTable {
    /// The comment, one line; no comment if it is empty.
    pub comment: String,
    /// Keys with values, in order.
    pub entries: Vec<(String, Setting)>,
}

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A string.
    Text(String),
    /// A list of strings, one per line.
    List(Vec<String>),
    /// Anything else as it is written in TOML: a number, a Boolean, a date.
    Literal(String),
}

impl Edit {
    /// Parses a file.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let document =
            text.parse().map_err(|error| Problem::new(format_args!("invalid TOML: {error}")))?;
        Ok(Self { document })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Returns whether the file has an item at a path.
    pub fn has(&self, path: &[&str]) -> bool {
        let mut item = self.document.as_item();
        path.iter().all(|name| match item.get(name) {
            Some(below) => {
                item = below;
                true
            }
            None => false,
        })
    }

    /// Sets the value at a path; tables on the way are added. A comment after an existing value stays.
    ///
    /// # Errors
    /// If something on the way is not a table, or the setting is not valid TOML.
    pub fn set(&mut self, path: &[&str], setting: &Setting) -> Result<(), Problem> {
        let (table, name) = self.parent(path)?;
        assign(table, name, setting)
    }

    /// Removes the value at a path, with the comment above it, if there is one.
    ///
    /// # Errors
    /// If something on the way is not a table.
    pub fn unset(&mut self, path: &[&str]) -> Result<(), Problem> {
        let (table, name) = self.parent(path)?;
        table.remove(name);
        Ok(())
    }

    /// Adds strings to the list at a path that it does not contain yet.
    ///
    /// # Errors
    /// If something on the way is not a table, or the value is not a list.
    pub fn extend(&mut self, path: &[&str], texts: &[String]) -> Result<(), Problem> {
        let (table, name) = self.parent(path)?;
        if !table.contains_key(name) {
            return assign(table, name, &Setting::List(texts.to_vec()));
        }
        let item = &mut table[name];
        if let Some(only) = item.as_str().map(str::to_owned) {
            *item = value(Array::from_iter([only]));
        }
        let Some(array) = item.as_array_mut() else {
            return Err(Problem::new(format_args!("`{}` is not a list", path.join("."))));
        };
        for text in texts {
            if array.iter().all(|known| known.as_str() != Some(text)) {
                let end = array.trailing().as_str().unwrap_or_default().trim_end_matches(' ');
                let is_multiline = end.contains('\n');
                array.push(text);
                if is_multiline && let Some(last) = array.iter_mut().last() {
                    last.decor_mut().set_prefix("\n    ");
                }
            }
        }
        Ok(())
    }

    /// Adds a table to the end of the array at a path, `[[path]]`.
    ///
    /// # Errors
    /// If the array is written in another way.
    pub fn append(&mut self, path: &[&str], new: &NewTable) -> Result<(), Problem> {
        let mut table = Table::new();
        for (name, setting) in &new.entries {
            assign(&mut table, name, setting)?;
        }
        let comment = match new.comment.as_str() {
            "" => String::new(),
            comment => format!("# {}\n", comment.replace(['\n', '\r'], " ")),
        };
        table.decor_mut().set_prefix(format!("\n{comment}"));
        let (parent, name) = self.parent(path)?;
        let item = parent.entry(name).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        item.as_array_of_tables_mut().ok_or_else(|| not_tables(path))?.push(table);
        Ok(())
    }

    /// Removes tables of the array at a path, by their positions, with the comments above them.
    ///
    /// # Errors
    /// If the array is written in another way.
    pub fn remove(&mut self, path: &[&str], positions: &[usize]) -> Result<(), Problem> {
        let (parent, name) = self.parent(path)?;
        let Some(item) = parent.get_mut(name) else { return Ok(()) };
        let tables = item.as_array_of_tables_mut().ok_or_else(|| not_tables(path))?;
        let mut positions = positions.to_vec();
        positions.retain(|position| *position < tables.len());
        positions.sort_unstable();
        for position in positions.into_iter().rev() {
            tables.remove(position);
        }
        if tables.is_empty() {
            parent.remove(name);
        }
        Ok(())
    }

    /// Sets a value in one table of the array at a path.
    ///
    /// # Errors
    /// If the array is written in another way, or has no such table.
    pub fn set_in(
        &mut self,
        path: &[&str],
        position: usize,
        key: &str,
        setting: &Setting,
    ) -> Result<(), Problem> {
        let (parent, name) = self.parent(path)?;
        let tables = parent.get_mut(name).and_then(Item::as_array_of_tables_mut);
        let table = tables.and_then(|tables| tables.get_mut(position));
        assign(table.ok_or_else(|| not_tables(path))?, key, setting)
    }

    /// The table that contains the last name of a path; those on the way are added.
    fn parent<'p>(&mut self, path: &[&'p str]) -> Result<(&mut Table, &'p str), Problem> {
        let (name, above) = path.split_last().ok_or_else(|| Problem::new("an empty path"))?;
        let mut table = self.document.as_table_mut();
        for part in above {
            let item = table.entry(part).or_insert(Item::Table(Table::new()));
            table = item.as_table_mut().ok_or_else(|| {
                Problem::new(format_args!("`{part}` must be written as a table, [{part}]"))
            })?;
        }
        Ok((table, name))
    }
}

fn not_tables(path: &[&str]) -> Problem {
    let name = path.join(".");
    Problem::new(format_args!("`{name}` must be written as tables, [[{name}]]"))
}

fn assign(table: &mut Table, name: &str, setting: &Setting) -> Result<(), Problem> {
    let mut new = match setting {
        Setting::Text(text) => Value::from(text.as_str()),
        Setting::List(texts) => {
            let mut array: Array = texts.iter().map(String::as_str).collect();
            array.iter_mut().for_each(|text| text.decor_mut().set_prefix("\n    "));
            array.set_trailing_comma(true);
            array.set_trailing("\n");
            Value::Array(array)
        }
        Setting::Literal(text) => text
            .parse()
            .map_err(|_| Problem::new(format_args!("`{text}` is not a value of TOML")))?,
    };
    if let Some(known) = table.get(name).and_then(Item::as_value) {
        *new.decor_mut() = known.decor().clone();
    }
    table[name] = Item::Value(new);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# The gate.
[target]
url = \"http://host/api\" # staging

# The first.
[[waiver]]
requirement = \"a/b\"
expires = 2026-01-01 # soon

# The second.
[[waiver]]
requirement = \"c/d\"
";

    fn literal(text: &str) -> Setting {
        Setting::Literal(text.to_owned())
    }

    #[test]
    fn comments_and_order_stay() {
        let mut edit = Edit::parse(FILE).unwrap();
        assert_eq!(edit.text(), FILE);
        edit.set_in(&["waiver"], 0, "expires", &literal("2026-04-01")).unwrap();
        edit.set(&["target", "url"], &Setting::Text("http://other/api".to_owned())).unwrap();
        let expected = FILE.replace("2026-01-01", "2026-04-01").replace("host", "other");
        assert_eq!(edit.text(), expected);
        edit.set(&["target", "fault"], &Setting::List(Vec::new())).unwrap();
        edit.unset(&["target", "fault"]).unwrap();
        assert_eq!(edit.text(), expected);
        let new = NewTable {
            comment: "The\nthird.".to_owned(),
            entries: vec![("requirement".to_owned(), Setting::Text("e/\"f".to_owned()))],
        };
        edit.append(&["waiver"], &new).unwrap();
        let third = "\n# The third.\n[[waiver]]\nrequirement = 'e/\"f'\n";
        assert_eq!(edit.text(), format!("{expected}{third}"));
    }

    #[test]
    fn a_table_is_removed_with_its_comment() {
        let mut edit = Edit::parse(FILE).unwrap();
        edit.remove(&["waiver"], &[0]).unwrap();
        let text = edit.text();
        assert!(!text.contains("first") && !text.contains("a/b"), "{text}");
        assert!(text.contains("\n# The second.\n[[waiver]]\nrequirement = \"c/d\"\n"), "{text}");
        edit.remove(&["waiver"], &[0, 7]).unwrap();
        assert!(!edit.has(&["waiver"]) && edit.has(&["target", "url"]));
    }

    #[test]
    fn lists_are_extended() {
        let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let mut edit = Edit::default();
        edit.extend(&["gate", "x"], &texts(&["a"])).unwrap();
        edit.extend(&["gate", "x"], &texts(&["a", "b"])).unwrap();
        assert_eq!(edit.text(), "[gate]\nx = [\n    \"a\",\n    \"b\",\n]\n");
        let mut edit = Edit::parse("x = \"a\"\ny = [\"a\"] # few\nz = 1\n").unwrap();
        edit.extend(&["x"], &texts(&["b"])).unwrap();
        edit.extend(&["y"], &texts(&["b"])).unwrap();
        assert_eq!(edit.text(), "x = [\"a\", \"b\"]\ny = [\"a\", \"b\"] # few\nz = 1\n");
        assert_eq!(
            edit.extend(&["z"], &texts(&["b"])).unwrap_err().to_string(),
            "`z` is not a list"
        );
    }

    #[test]
    fn what_cannot_be_edited_is_named() {
        let mut edit = Edit::parse("waiver = []\ntarget = 1\n").unwrap();
        let error = edit.append(&["waiver"], &NewTable::default()).unwrap_err();
        assert_eq!(error.to_string(), "`waiver` must be written as tables, [[waiver]]");
        let error = edit.set(&["target", "url"], &literal("1")).unwrap_err();
        assert_eq!(error.to_string(), "`target` must be written as a table, [target]");
        assert!(edit.set(&["x"], &literal("nonsense!")).is_err());
        assert!(Edit::parse("x = ").is_err());
    }
}
