//! Shards of a run as their users start and merge them.

use crate::support::{run, stderr, stdout};

#[test]
fn shards_are_merged_from_their_journals() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let only = ["check", "--quiet", "--only", "room/archive,room/stats", "--cases", "0"];
    let output = run(folder, &[&only[..], &["--shard", "1/2"]].concat());
    assert_eq!(output.status.code(), Some(2), "shards without a common seed cannot be merged");
    assert!(stderr(&output).contains("--seed"), "{}", stderr(&output));
    for shard in ["1/2", "2/2"] {
        let journal = format!("shard-{}.jsonl", &shard[..1]);
        let more = ["--seed", "1", "--shard", shard, "--journal", &journal];
        let output = run(folder, &[&only[..], &more].concat());
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains(&format!("shard {} of 2", &shard[..1])), "{text}");
    }
    let output = run(folder, &["merge", "shard-2.jsonl", "shard-1.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("2 of 2 shards"), "{}", stdout(&output));
    let output = run(folder, &["merge", "shard-2.jsonl"]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert!(stdout(&output).contains("missing shards of 2: 1"), "{}", stdout(&output));
}
