//! The live page about a run: the report of the measurements so far, which a script replaces by the next one.

use hearback_runner::load::WorkerStatus;
use hearback_stats::LoadRecord;
use minijinja::{Value, context};

use super::{html, table, words};
use crate::style::Style;

/// The script, and its hash, which the policy of the page permits.
const SCRIPT: &str = include_str!("live.js");
const SCRIPT_HASH: &str = "sha256-rCW8w/F3M39Nvvpt6XEJqV2IG1xH1iG01KBDK7btPRQ=";

/// The page of a run that is going on, with its workers if several perform it.
pub fn running(record: &LoadRecord, workers: &[WorkerStatus]) -> String {
    let now = record.series.last().map(table::second);
    let workers = (!workers.is_empty()).then(|| table::worker_states(workers));
    html::report(
        record,
        context! {
            title => "hearback load: running",
            tone => "unsure",
            verdict => words::running(record),
            now => now.map(|table| table.html()),
            workers => workers.map(|table| table.html()),
            script => context! {
                text => Value::from_safe_string(SCRIPT.to_owned()),
                hash => Value::from_safe_string(SCRIPT_HASH.to_owned()),
            },
        },
    )
}

/// The page of a finished run.
pub fn finished(record: &LoadRecord) -> String {
    html::render(record, Style::default())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hearback_history::RunEnd;
    use hearback_history::escape::is_hidden;
    use hearback_runner::load::WorkerState;
    use hearback_testkit::load::example_record;

    use super::*;
    use crate::fixtures::HOSTILE;

    fn so_far() -> LoadRecord {
        LoadRecord { end: RunEnd::Interrupted, duration_s: 12.4, ..example_record() }
    }

    #[test]
    fn the_policy_permits_the_script_and_the_stream_and_nothing_else() {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SCRIPT.as_bytes());
        let hash = format!("sha256-{}", STANDARD.encode(digest));
        assert_eq!(SCRIPT_HASH, hash, "the script has changed");
        let page = running(&so_far(), &[]);
        let policy = format!("script-src '{hash}'; connect-src 'self'\">");
        assert!(page.contains(&policy), "{page}");
        assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
        assert!(!finished(&example_record()).contains("<script"));
    }

    #[test]
    fn a_run_that_is_going_on_has_no_verdict() {
        let page = running(&so_far(), &[]);
        assert!(page.contains("RUNNING: 12 of 32 s; "), "{page}");
        assert!(!page.contains("INCOMPLETE"));
        assert!(page.contains("Last second"));
        assert!(page.contains("Offered and achieved"));
    }

    #[test]
    fn a_run_that_has_not_begun_is_shown() {
        let page = running(&LoadRecord::default(), &[]);
        assert!(page.contains("RUNNING: "), "{page}");
        assert!(!page.contains("Last second"));
    }

    fn worker(state: WorkerState) -> WorkerStatus {
        let host = HOSTILE.to_owned();
        WorkerStatus { number: 2, host, state, rooms: 12, members: 340, heard_s: 3.6 }
    }

    #[test]
    fn the_states_of_workers_are_shown() {
        for (state, shown) in [
            (WorkerState::Waiting, "waiting"),
            (WorkerState::Running, "running"),
            (WorkerState::Done, "done"),
            (WorkerState::Silent, "silent"),
            (WorkerState::Lost { reason: "it died".to_owned() }, "lost: it died"),
        ] {
            let page = running(&so_far(), &[worker(state)]);
            for part in [shown, "340", "3.6 s ago"] {
                assert!(page.contains(&format!(">{part}<")), "{part}");
            }
        }
        assert!(!running(&so_far(), &[]).contains("last report"));
    }

    #[test]
    fn hostile_text_is_escaped() {
        let mut record = so_far();
        record.target = HOSTILE.to_owned();
        record.examples[0].text = HOSTILE.to_owned();
        let page = running(&record, &[worker(WorkerState::Lost { reason: HOSTILE.to_owned() })]);
        assert_eq!(page.chars().find(|letter| is_hidden(*letter) && *letter != '\n'), None);
        assert!(!page.contains("<script>alert"), "{page}");
    }
}
