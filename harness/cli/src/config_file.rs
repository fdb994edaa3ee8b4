//! The configuration of this process: its file, and where values come from.

use std::path::Path;
use std::sync::OnceLock;

use hearback_config::Source;
use hearback_config::edit::Setting;
use hearback_config::options::{Origin, Resolved};

static RESOLVED: OnceLock<Resolved> = OnceLock::new();

/// Remembers the configuration that the command line was completed with.
pub(crate) fn remember(resolved: Resolved) -> &'static Resolved {
    RESOLVED.get_or_init(|| resolved)
}

/// The arguments that select the configuration, for another command line.
pub(crate) fn selection() -> &'static [String] {
    RESOLVED.get().map(|resolved| &resolved.selection[..]).unwrap_or_default()
}

/// The file at `path` to read: of the configuration file, each reader takes its own tables.
pub(crate) fn source(path: &Path) -> Source {
    let file = RESOLVED.get().and_then(|resolved| resolved.file.as_ref());
    let file = file.filter(|file| file.path() == path);
    file.cloned().unwrap_or_else(|| path.to_owned().into())
}

/// The configuration file, if there is one; each reader takes its own tables.
pub(crate) fn file() -> Option<Source> {
    RESOLVED.get().and_then(|resolved| resolved.file.clone())
}

/// Returns whether the option with this key is given on the command line, as opposed to configured.
pub(crate) fn is_flag(key: &str) -> bool {
    let mut values = RESOLVED.get().into_iter().flat_map(|resolved| &resolved.effective);
    values.any(|value| value.key == key && value.origin == Origin::Flag)
}

/// The flags of the command line with these keys, as a file has them.
pub(crate) fn flags(is_wanted: impl Fn(&str) -> bool) -> Vec<(String, Setting)> {
    let values = RESOLVED.get().into_iter().flat_map(|resolved| &resolved.effective);
    let given = values.filter(|value| value.origin == Origin::Flag && is_wanted(&value.key));
    given.filter_map(|value| Some((value.key.clone(), value.setting.clone()?))).collect()
}

/// Keys of flags of the command line whose values may contain secrets.
pub(crate) fn hidden_flags(is_wanted: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let values = RESOLVED.get().into_iter().flat_map(|resolved| &resolved.effective);
    let given = values.filter(|value| value.origin == Origin::Flag && is_wanted(&value.key));
    given.filter(|value| value.setting.is_none()).map(|value| value.key.as_str()).collect()
}
