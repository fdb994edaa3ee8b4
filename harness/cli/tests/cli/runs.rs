//! The folder of runs.

use crate::support::{run, stderr};

#[test]
fn old_runs_are_removed_and_the_folder_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("hearback-runs");
    std::fs::write(folder.path().join("hearback.toml"), "[runs]\nkeep = 2\n").unwrap();
    let scenario = include_str!("../../../../scenarios/files/auth/tokens.yaml");
    std::fs::write(folder.path().join("tokens.yaml"), scenario).unwrap();
    let mut seen = Vec::new();
    for number in 0..4 {
        let output = run(folder.path(), &["scenario", "run", "tokens.yaml", "--quiet"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut names: Vec<String> = std::fs::read_dir(&runs)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".jsonl"))
            .collect();
        names.sort();
        if number == 0 {
            // Of the user, and kept.
            std::fs::write(runs.join("abcdef.jsonl"), "notes").unwrap();
            std::fs::write(runs.join("README"), "notes").unwrap();
        }
        seen.push(names);
    }
    let ours = |names: &[String]| names.iter().filter(|name| *name != "abcdef.jsonl").count();
    assert_eq!(seen.iter().map(|names| ours(names)).collect::<Vec<_>>(), [1, 2, 2, 2], "{seen:?}");
    assert!(!seen[3].contains(&seen[0][0]), "the oldest run is kept: {seen:?}");
    assert_eq!(std::fs::read_to_string(runs.join("abcdef.jsonl")).unwrap(), "notes");
    assert!(runs.join("README").exists());
    assert_eq!(std::fs::read_to_string(runs.join(".gitignore")).unwrap(), "*\n");
}
