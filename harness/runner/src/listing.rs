//! The stored runs, as their files describe them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hearback_history::{Event, EventKind, RunEnd, RunStart};
use hearback_results::Summary;
use hearback_stats::LoadOutcome;

use crate::load;
use crate::run::RUNS_FOLDER;
use crate::runs::{SUMMARY, StoredRun, stored, summary};

/// Number of bytes at the end of a journal within which its last event is looked for.
const LAST_EVENT: u64 = 64 << 10;

/// A stored run.
#[derive(Clone, Debug)]
pub struct ListedRun {
    /// Its name.
    pub name: String,
    /// The journal, if there is one.
    pub journal: Option<PathBuf>,
    /// The record, if it is a load run.
    pub record: Option<PathBuf>,
    /// Beginning of the run, if the journal has one.
    pub start: Option<RunStart>,
    /// End of the run; `None` if the journal is truncated.
    pub end: Option<RunEnd>,
    /// The decision on the run, if it was kept.
    pub decision: Option<Decision>,
    /// Size of all files, in bytes.
    pub size: u64,
    /// Time of the last change.
    pub changed: SystemTime,
}

/// The decision on a stored run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// That on a check.
    Check(Summary),
    /// That on a load run.
    Load(LoadOutcome),
}

impl ListedRun {
    /// Returns whether it is a load run.
    pub fn is_load(&self) -> bool {
        let is_named = |path: &PathBuf| {
            path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("load-"))
        };
        self.record.is_some() || self.journal.as_ref().is_some_and(is_named)
    }
}

/// The runs in the folder of runs, the latest first.
pub fn list() -> Vec<ListedRun> {
    list_folder(Path::new(RUNS_FOLDER))
}

/// The run with a name, if it is stored.
pub fn find(name: &str) -> Option<ListedRun> {
    list().into_iter().find(|run| run.name == name)
}

fn list_folder(folder: &Path) -> Vec<ListedRun> {
    let mut runs: Vec<_> = stored(folder).into_iter().map(listed).collect();
    runs.sort_by(|one, other| other.changed.cmp(&one.changed).then(one.name.cmp(&other.name)));
    runs
}

fn listed(run: StoredRun) -> ListedRun {
    let with = |end: &str| {
        let named = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name == format!("{}{end}", run.name) || name == format!("load-{}{end}", run.name)
        };
        run.files.iter().find(named).cloned()
    };
    let journal = with(".jsonl");
    let record = with(".json");
    let check = with(SUMMARY).and_then(|file| summary(&file)).map(Decision::Check);
    let load = || Some(Decision::Load(load::read(record.as_ref()?).ok()?.outcome()));
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    ListedRun {
        start: journal.as_deref().and_then(start),
        end: journal.as_deref().and_then(end),
        journal,
        decision: check.or_else(load),
        record,
        size: run.files.iter().map(size).sum(),
        changed: run.changed,
        name: run.name,
    }
}

/// The first event of a journal.
fn start(journal: &Path) -> Option<RunStart> {
    let mut line = String::new();
    BufReader::new(File::open(journal).ok()?).read_line(&mut line).ok()?;
    match serde_json::from_str::<Event>(&line).ok()?.kind {
        EventKind::RunStarted(start) => Some(*start),
        _ => None,
    }
}

/// The end of the run, if the last event of the journal is it.
fn end(journal: &Path) -> Option<RunEnd> {
    let mut file = File::open(journal).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_EVENT))).ok()?;
    let mut last = Vec::new();
    file.read_to_end(&mut last).ok()?;
    let text = String::from_utf8_lossy(&last);
    let line = text.lines().next_back()?;
    match serde_json::from_str::<Event>(line).ok()?.kind {
        EventKind::RunEnded(end) => Some(end),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_listed_with_their_beginning_and_end() {
        let folder = tempfile::tempdir().unwrap();
        let start = r#"{"seq":0,"at":0,"event":"run_started","run":"aaaaaa","version":"0","specification":"1.0.0","target":"http://host/api","socket":"ws://host/ws","seed":1,"started_at":"2026-01-01T00:00:00Z","timeout_ms":1}"#;
        let end = r#"{"seq":1,"at":1,"event":"run_ended","status":"interrupted"}"#;
        let write = |name: &str, text: &str, age: u64| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let changed = SystemTime::now() - std::time::Duration::from_secs(age);
            File::options().append(true).open(path).unwrap().set_modified(changed).unwrap();
        };
        write("aaaaaa.jsonl", &format!("{start}\n{end}\n"), 30);
        write("bbbbbb.jsonl", &format!("{start}\n{{\"seq\":1,"), 20);
        write("load-cccccc.json", "{}", 10);
        write("notes.jsonl", start, 5);
        let runs = list_folder(folder.path());
        let names: Vec<_> = runs.iter().map(|run| run.name.as_str()).collect();
        assert_eq!(names, ["cccccc", "bbbbbb", "aaaaaa"]);
        assert_eq!((runs[2].end.clone(), runs[1].end.clone()), (Some(RunEnd::Interrupted), None));
        assert_eq!(runs[2].start.as_ref().unwrap().target, "http://host/api");
        assert!(runs[0].is_load() && !runs[1].is_load());
        assert_eq!(runs[0].size, 2);
    }
}
