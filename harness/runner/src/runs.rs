//! The folder of runs: ignored by Git, and old runs are removed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hearback_results::{Results, Summary};

use crate::cleanup::journal::LeftRooms;
use crate::run::RUNS_FOLDER;

/// Number of hexadecimal digits of the name of a run.
const NAME_LENGTH: usize = 6;

/// The file that keeps the folder out of version control.
const IGNORE_FILE: &str = ".gitignore";

/// End of the name of the file with the summary of a run.
pub(crate) const SUMMARY: &str = ".summary.json";

/// Beginning of a journal, of the record of a load run, and of a page.
const BEGINNINGS: [&str; 3] =
    ["\"event\":\"run_started\"", "\"hearback_version\":", "<title>hearback"];

/// Files of one run.
#[derive(Debug)]
pub(crate) struct StoredRun {
    pub(crate) name: String,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) changed: SystemTime,
}

/// Makes Git ignore the folder of runs if a file there is about to be written; errors do not matter.
pub(crate) fn ignore(file: &Path) {
    if file.parent() == Some(Path::new(RUNS_FOLDER)) {
        ignore_folder(Path::new(RUNS_FOLDER)).ok();
    }
}

/// Keeps the summary of a run beside its journal if that is in the folder of runs; errors do not matter.
pub fn summarize(journal: Option<&Path>, results: &Results) {
    let journal = journal.filter(|file| file.parent() == Some(Path::new(RUNS_FOLDER)));
    let file = journal.map(|journal| journal.with_extension(&SUMMARY[1..]));
    if let (Some(file), Ok(text)) = (file, serde_json::to_string(&Summary::from(results))) {
        std::fs::write(file, text).ok();
    }
}

/// The summary in a file, if it is one.
pub(crate) fn summary(file: &Path) -> Option<Summary> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

fn ignore_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::File::create_new(folder.join(IGNORE_FILE))?.write_all(b"*\n")
}

/// Removes the oldest runs in the folder of runs, so that `keep` are left; never `current`, if one is running.
///
/// Only files that hearback has written are removed, and no journal that `hearback clean` still needs.
pub fn prune(keep: usize, current: Option<&str>) {
    prune_folder(Path::new(RUNS_FOLDER), keep, current);
}

fn prune_folder(folder: &Path, keep: usize, current: Option<&str>) {
    let mut runs = stored(folder);
    runs.sort_by(|one, other| other.changed.cmp(&one.changed).then(one.name.cmp(&other.name)));
    // The current one is the newest, whatever the clock says.
    runs.retain(|run| {
        current != Some(run.name.as_str()) && run.files.iter().all(|file| is_ours(file))
    });
    for run in runs.into_iter().skip(keep.saturating_sub(usize::from(current.is_some()))) {
        if run.is_needed() {
            continue;
        }
        tracing::debug!(run = run.name, "removing an old run");
        for file in &run.files {
            std::fs::remove_file(file).ok();
        }
        let scenarios = folder.join(&run.name);
        for file in entries(&scenarios).filter(|path| has_extension(path, "yaml")) {
            std::fs::remove_file(file).ok();
        }
        // Not removed if it has other files.
        std::fs::remove_dir(scenarios).ok();
    }
}

impl StoredRun {
    /// Returns whether the run may have left rooms behind.
    fn is_needed(&self) -> bool {
        let journals = self.files.iter().filter(|path| has_extension(path, "jsonl"));
        journals.into_iter().any(|journal| !matches!(LeftRooms::read(journal), Ok(None)))
    }
}

/// The runs in a folder, by the names of their files.
pub(crate) fn stored(folder: &Path) -> Vec<StoredRun> {
    let mut runs: Vec<StoredRun> = Vec::new();
    for path in entries(folder) {
        let Some(name) = run_of(&path) else { continue };
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        match runs.iter_mut().find(|run| run.name == name) {
            Some(run) => {
                run.files.push(path);
                run.changed = run.changed.max(changed);
            }
            None => runs.push(StoredRun { name, files: vec![path], changed }),
        }
    }
    runs
}

/// The name of the run that a file belongs to: `1a2b3c.jsonl`, `1a2b3c.cleaned.json`, `load-1a2b3c.json`.
fn run_of(path: &Path) -> Option<String> {
    let file = path.file_name()?.to_str()?;
    let (stem, extension) = file.split_once('.')?;
    let name = stem.strip_prefix("load-").unwrap_or(stem);
    let is_name = name.len() == NAME_LENGTH
        && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_known = matches!(extension, "jsonl" | "json" | "cleaned.json" | "summary.json" | "html");
    (is_name && is_known).then(|| name.to_owned())
}

/// Returns whether hearback has written a file.
fn is_ours(path: &Path) -> bool {
    use std::io::Read as _;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(".cleaned.json") || name.ends_with(SUMMARY) && summary(path).is_some() {
        return true;
    }
    let mut beginning = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut beginning));
    let text = String::from_utf8_lossy(&beginning);
    read.is_ok() && BEGINNINGS.iter().any(|expected| text.contains(expected))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|it| it == extension)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    const STARTED: &str = r#"{"seq":0,"at":0,"event":"run_started","run":"aaaaaa","version":"0","specification":"1.0.0","target":"http://host/api","socket":"ws://host/ws","target_options":{"embedded":{"faults":[]}},"seed":1,"started_at":"2026-01-01T00:00:00Z","timeout_ms":1,"selection":[]}"#;

    fn names(folder: &Path) -> BTreeSet<String> {
        entries(folder).map(|it| it.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_old_runs_of_hearback_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let write = |name: &str, text: &str, age: u64| {
            std::fs::write(at.join(name), text).unwrap();
            let changed = SystemTime::now() - Duration::from_secs(age);
            File::options()
                .append(true)
                .open(at.join(name))
                .unwrap()
                .set_modified(changed)
                .unwrap();
        };
        for (name, age) in [("00000a.jsonl", 50), ("00000b.jsonl", 40), ("00000c.jsonl", 30)] {
            write(name, STARTED, age);
        }
        write("load-00000d.json", "{\"format\":1,\"hearback_version\":\"0\"}", 60);
        write("00000e.jsonl", "the notes of a user", 90);
        write("notes.jsonl", STARTED, 90);
        write("failed-logins.json", "{}", 90);
        for (folder, file) in [("00000a", "1.yaml"), ("00000b", "notes.txt"), ("others", "1.yaml")]
        {
            std::fs::create_dir(at.join(folder)).unwrap();
            std::fs::write(at.join(folder).join(file), "").unwrap();
        }
        prune_folder(at, 2, Some("00000f"));
        let left: BTreeSet<_> = [
            "00000c.jsonl",
            "00000b",
            "00000e.jsonl",
            "notes.jsonl",
            "failed-logins.json",
            "others",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(names(at), left);
        prune_folder(at, 1, Some("00000c"));
        assert!(names(at).contains("00000c.jsonl"), "the current run stays");
    }

    #[test]
    fn a_run_that_may_have_left_rooms_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let journal = STARTED.replace(
            r#"{"embedded":{"faults":[]}}"#,
            r#"{"external":{"accounts":"accounts.toml"}}"#,
        );
        let room = r#"{"seq":1,"at":1,"event":"room_created","id":"r1","creator":"alice","scenario":"x/y"}"#;
        std::fs::write(folder.path().join("00000a.jsonl"), format!("{journal}\n{room}\n")).unwrap();
        std::fs::write(folder.path().join("00000b.jsonl"), format!("{journal}\n")).unwrap();
        prune_folder(folder.path(), 1, Some("00000f"));
        assert_eq!(names(folder.path()), BTreeSet::from(["00000a.jsonl".to_owned()]));
    }

    #[test]
    fn the_folder_of_runs_is_ignored_by_git() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        ignore_folder(&runs).unwrap();
        assert_eq!(std::fs::read_to_string(runs.join(IGNORE_FILE)).unwrap(), "*\n");
        std::fs::write(runs.join(IGNORE_FILE), "mine").unwrap();
        assert!(ignore_folder(&runs).is_err());
        assert_eq!(std::fs::read_to_string(runs.join(IGNORE_FILE)).unwrap(), "mine");
    }
}
