//! Files for those who write profiles: a template, the shipped profiles, and the JSON Schema.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::library::files;

/// The JSON Schema (2020-12) of profiles, for editors.
pub const PROFILE_SCHEMA: &str = include_str!("../../profile.schema.json");

/// A profile with every key, explained.
const TEMPLATE: &str = include_str!("template.toml");

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", .path.display())]
pub struct Unwritable {
    path: PathBuf,
    source: std::io::Error,
}

/// Creates a profile from the template, with or without `.toml` in its name, and returns the path.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn create(name: &str) -> Result<PathBuf, Unwritable> {
    let mut path = PathBuf::from(name);
    if path.extension().is_none_or(|extension| extension != "toml") {
        path.as_mut_os_string().push(".toml");
    }
    write_new(&path, TEMPLATE)?;
    Ok(path)
}

/// Writes the shipped profiles to a folder, and returns their number. Existing files are kept.
///
/// # Errors
/// If the folder cannot be created, or a file exists or cannot be written.
pub fn export(folder: &Path) -> Result<usize, Unwritable> {
    std::fs::create_dir_all(folder)
        .map_err(|source| Unwritable { path: folder.to_owned(), source })?;
    let files = files();
    for (name, text) in &files {
        write_new(&folder.join(format!("{name}.toml")), text)?;
    }
    Ok(files.len())
}

fn write_new(path: &Path, text: &str) -> Result<(), Unwritable> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| Unwritable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::super::file::{AbortTable, File, PhaseTable, Rooms, Share};
    use super::super::keys::keys;
    use super::*;
    use crate::{Profile, persona};

    fn schema() -> Value {
        serde_json::from_str(PROFILE_SCHEMA).unwrap()
    }

    #[test]
    fn the_template_and_the_shipped_profiles_fit_the_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let template = ("template".to_owned(), TEMPLATE);
        for (name, text) in files().into_iter().chain([template]) {
            Profile::parse(&name, &name, text).unwrap_or_else(|error| panic!("{error:?}"));
            let value: Value = toml::from_str(text).unwrap();
            let errors: Vec<_> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn the_template_has_every_key() {
        let template: Value = toml::from_str(TEMPLATE).unwrap();
        let schema = schema();
        let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        // What excludes another key is a comment.
        let is_missing = |key: &&&String| {
            template.get(key).is_none() && !TEMPLATE.contains(&format!("# {key} ="))
        };
        let missing: Vec<_> = keys.iter().filter(is_missing).collect();
        assert_eq!(missing, Vec::<&&String>::new());
    }

    #[test]
    fn the_schema_has_the_keys_of_the_parser() {
        let schema = schema();
        let tables = [
            ("/properties", keys::<File>()),
            ("/properties/rooms/items/properties", keys::<Rooms>()),
            ("/properties/personas/additionalProperties/properties", keys::<Share>()),
            ("/properties/phase/items/properties", keys::<PhaseTable>()),
            ("/properties/slos/items/oneOf/1/properties", keys::<AbortTable>()),
        ];
        for (pointer, keys) in tables {
            let properties = schema.pointer(pointer).and_then(Value::as_object).unwrap();
            let described: BTreeSet<_> = properties.keys().cloned().collect();
            assert_eq!(described, keys.into_iter().collect(), "{pointer}");
        }
        let named = schema.pointer("/properties/personas/propertyNames/enum").unwrap();
        assert_eq!(*named, json!(persona::names()));
    }

    #[test]
    fn files_are_created_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("night.shift");
        let path = create(name.to_str().unwrap()).unwrap();
        assert_eq!(path.file_name().unwrap(), "night.shift.toml");
        assert!(create(path.to_str().unwrap()).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), TEMPLATE);
        let exported = folder.path().join("profiles");
        assert_eq!(export(&exported).unwrap(), files().len());
        let error = export(&exported).unwrap_err().to_string();
        assert!(error.contains("big-room.toml"), "{error}");
    }
}
