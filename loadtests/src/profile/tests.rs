//! Errors in profiles are reported with their position.

use miette::{GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;

use super::Profile;
use crate::persona::names;

const PROFILE: &str = r#"description = "x"
accounts = 10
slos = ["delivery.p99 < 250 ms"]

[[rooms]]
count = 2
members = 10

[personas]
talker = { weight = 1 }

[[phase]]
kind = "constant"
rate = 10
duration = "5s"
"#;

/// The report of the error after one text was replaced.
fn report(text: &str, by: &str) -> String {
    assert!(PROFILE.contains(text), "{text}");
    let text = PROFILE.replace(text, by);
    let error = Profile::parse("mine", "mine.toml", &text).expect_err("the profile is invalid");
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    let mut report = String::new();
    handler.render_report(&mut report, &error).unwrap();
    report
}

#[test]
fn the_unaltered_profile_is_valid() {
    let profile = Profile::parse("mine", "mine.toml", PROFILE).unwrap();
    assert_eq!((profile.accounts, profile.peak_rate()), (10, 10.0));
}

#[test]
fn profiles_survive_json() {
    for (name, text) in super::files() {
        let profile = Profile::parse(&name, &name, text).unwrap();
        let json = serde_json::to_string(&profile).unwrap();
        let read: Profile = serde_json::from_str(&json).unwrap();
        assert_eq!(format!("{read:?}"), format!("{profile:?}"));
    }
}

#[test]
fn the_documentation_has_a_valid_profile_and_every_persona() {
    let page = include_str!("../../../docs/load-profiles.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let profile = Profile::parse("thousand", "thousand.toml", text).unwrap();
    assert!((900.0..1_100.0).contains(&profile.members()), "{}", profile.members());
    for name in names() {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn service_levels_can_end_the_run() {
    let levels = "\"lost = 0\", { slo = \"duplicate = 0\", abort_on_fail = true, delay = \"10s\" }, \
                  { slo = \"leaked = 0\", abort_on_fail = true }, { slo = \"late = 0\" }";
    let text = PROFILE.replace("\"delivery.p99 < 250 ms\"", levels);
    let profile = Profile::parse("mine", "mine.toml", &text).unwrap();
    let slos: Vec<_> = profile.slos.iter().map(ToString::to_string).collect();
    assert_eq!(slos, ["lost = 0", "duplicate = 0", "leaked = 0", "late = 0"]);
    let aborts = profile.aborts.iter().map(|abort| (abort.slo.to_string(), abort.delay.as_secs()));
    assert!(aborts.eq([("duplicate = 0".to_owned(), 10), ("leaked = 0".to_owned(), 0)]));
}

#[test]
fn invalid_profiles_are_rejected_with_the_position() {
    let cases = [
        ("members = 10", "members = 11"),
        ("members = 10", "members = { from = 20, to = 10 }"),
        ("rate = 10", "rate = 2e6"),
        ("rate = 10", "from = 1"),
        ("rate = 10", "rate = -1"),
        ("talker", "taker"),
        ("talker", "wizard"),
        ("talker", "reader"),
        ("delivery.p99 < 250 ms", "delivry.p99 < 250 ms"),
        ("delivery.p99 < 250 ms", "happiness > 3"),
        ("delivery.p99 < 250 ms", "lost = 0 ms"),
        ("\"delivery.p99 < 250 ms\"", "{ slo = \"delivery.p99 < 5 %\", abort_on_fail = true }"),
        ("\"delivery.p99 < 250 ms\"", "{ slo = \"lost = 0\", delay = \"5s\" }"),
        (
            "\"delivery.p99 < 250 ms\"",
            "{ slo = \"lost = 0\", abort_on_fail = true, delay = \"soon\" }",
        ),
        ("\"delivery.p99 < 250 ms\"", "{ slo = \"lost = 0\", abort = true }"),
        ("\"5s\"", "\"five\""),
        ("\"5s\"", "\"0s\""),
        ("accounts", "acounts"),
        ("[[rooms]]", "[[rooms"),
        ("count = 2", "count = \"2\""),
    ];
    let reports: Vec<_> = cases
        .into_iter()
        .map(|(text, by)| format!("# {text} -> {by}\n{}", report(text, by)))
        .collect();
    insta::assert_snapshot!(reports.join("\n"));
}

/// Lines that are close to a valid profile.
fn line() -> impl Strategy<Value = String> {
    let keys = "(accounts|rooms|personas|connect_rate|warm_up|late_after|count|members|rate|peak|steps|duration|kind|slos|talker)";
    let values = prop::sample::select(vec![
        "1",
        "0",
        "-1",
        "1e9",
        "true",
        "\"5s\"",
        "\"soak\"",
        "\"é\"",
        "[]",
        "[\"lost = 0\"]",
        "{ from = 1, to = 0 }",
        "{ weight = 1, interval = \"1ns\" }",
    ]);
    prop_oneof![
        (keys, values).prop_map(|(key, value)| format!("{key} = {value}")),
        Just("[[phase]]".to_owned()),
        Just("[[rooms]]".to_owned()),
        Just("[personas]".to_owned()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn arbitrary_text_parses_or_is_reported(text: String) {
        if let Err(error) = Profile::parse("any", "any.toml", &text) {
            let _report = format!("{:?}", miette::Report::new(error));
        }
    }

    #[test]
    fn altered_profiles_parse_or_are_reported(
        line in line(), at in 0..16_usize, replaced in 0..2_usize
    ) {
        let mut lines: Vec<&str> = PROFILE.lines().collect();
        let end = (at + replaced).min(lines.len());
        lines.splice(at.min(end)..end, [line.as_str()]);
        if let Err(error) = Profile::parse("any", "any.toml", &lines.join("\n")) {
            let _report = format!("{:?}", miette::Report::new(error));
        }
    }
}
