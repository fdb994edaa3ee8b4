//! The examples in the documentation of the scenario language.

use crate::support::{run, stderr, stdout};

/// The pages with examples. The first example begins with the head of all examples that are steps only.
const PAGES: [&str; 2] = [
    include_str!("../../../../docs/scenario-language.md"),
    include_str!("../../../../docs/scenario-values.md"),
];

/// The blocks of YAML of all pages.
fn examples() -> Vec<&'static str> {
    let rests = PAGES.into_iter().flat_map(|page| page.split("```yaml\n").skip(1));
    rests.filter_map(|rest| rest.split("```").next()).collect()
}

/// An example as a file.
fn whole(example: &str, head: &str) -> String {
    if example.starts_with("title:") {
        return example.to_owned();
    }
    let steps: Vec<String> = example.lines().map(|line| format!("  {line}\n")).collect();
    format!("{head}steps:\n{}", steps.concat())
}

#[test]
fn examples_are_valid_and_hold() {
    let examples = examples();
    assert!(examples.len() >= 14, "only {} examples were found", examples.len());
    let (head, _) = examples[0].split_once("steps:\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (index, example) in examples.iter().enumerate() {
        let path = folder.path().join(format!("{:02}.yaml", index + 1));
        std::fs::write(path, whole(example, head)).unwrap();
    }
    let lint = run(folder.path(), &["scenario", "lint", "."]);
    assert_eq!((lint.status.code(), stderr(&lint).as_str()), (Some(0), ""));
    let ran = run(folder.path(), &["scenario", "run", ".", "-q"]);
    let text = stdout(&ran);
    assert_eq!(ran.status.code(), Some(0), "{text}");
    let mut outcomes = text.lines().take_while(|line| !line.starts_with("Requirements:"));
    assert!(outcomes.all(|line| line.starts_with("passed ")), "{text}");
}
