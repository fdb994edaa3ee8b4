//! What is wrong with a profile is told with the place, before anything is sent.

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::Profile;

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
for = "5s"
"#;

/// What is said of the profile with one text replaced.
fn complaint(text: &str, by: &str) -> String {
    assert!(PROFILE.contains(text), "{text}");
    let text = PROFILE.replace(text, by);
    let error = Profile::parse("mine", "mine.toml", &text).expect_err("nothing is wrong with it");
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    let mut shown = String::new();
    handler.render_report(&mut shown, &error).unwrap();
    shown
}

#[test]
fn the_profile_itself_is_possible() {
    let profile = Profile::parse("mine", "mine.toml", PROFILE).unwrap();
    assert_eq!((profile.accounts, profile.peak_rate()), (10, 10.0));
}

#[test]
fn impossible_profiles_are_refused_with_the_place() {
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
        ("\"5s\"", "\"five\""),
        ("\"5s\"", "\"0s\""),
        ("accounts", "acounts"),
        ("[[rooms]]", "[[rooms"),
        ("count = 2", "count = \"2\""),
    ];
    let complaints: Vec<_> = cases
        .into_iter()
        .map(|(text, by)| format!("# {text} -> {by}\n{}", complaint(text, by)))
        .collect();
    insta::assert_snapshot!(complaints.join("\n"));
}
