//! The configuration file of this process, and the options that select it.

use std::path::Path;
use std::sync::OnceLock;

use hearback_config::Source;

/// The file, if there is one, and the arguments that select it.
static SELECTED: OnceLock<(Option<Source>, Vec<String>)> = OnceLock::new();

/// Remembers the configuration that the command line was completed with.
pub(crate) fn remember(file: Option<Source>, selection: Vec<String>) {
    SELECTED.get_or_init(|| (file, selection));
}

/// The arguments that select the configuration, for another command line.
pub(crate) fn selection() -> Vec<String> {
    SELECTED.get().map(|(_, selection)| selection.clone()).unwrap_or_default()
}

/// The file at `path` to read: of the configuration file, each reader takes its own tables.
pub(crate) fn source(path: &Path) -> Source {
    let file = SELECTED.get().and_then(|(file, _)| file.as_ref());
    let file = file.filter(|file| file.path() == path);
    file.cloned().unwrap_or_else(|| path.to_owned().into())
}
