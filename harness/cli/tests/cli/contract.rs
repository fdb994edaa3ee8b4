//! Overlays of the contract.

use std::path::Path;

use serde_json::Value;

use crate::support::{check, in_state, run, stderr, stdout};

/// A server that differs from the specification in eight ways, each a fault of the reference server.
const FAULTS: [&str; 16] = [
    "--fault",
    "status/refusals-without-detail",
    "--fault",
    "schema/rooms-leave-says-detail",
    "--fault",
    "schema/error-says-detail",
    "--fault",
    "status/mute-conflicts",
    "--fault",
    "room/archive-says-active",
    "--fault",
    "status/mark-read-answers-accepted",
    "--fault",
    "status/create-answers-ok",
    "--fault",
    "input/search-takes-query",
];

/// The requirements that these faults break.
const BROKEN: [&str; 8] = [
    "input/valid-accepted",
    "room/archive",
    "schema/rooms.leave",
    "schema/socket.error",
    "status/created",
    "status/documented",
    "status/error-body",
    "status/ok",
];

const CONTRACT: &str = r#"
name = "Acme 1.1"

[[operation]]
id = "participants.mute"
refusals = [400, 401, 403, 404, 409]

[[operation]]
id = "rooms.mark_read"
success = [202]

[[operation]]
id = "rooms.create"
success = [200]

[[operation]]
id = "messages.search"
query = { q = "query" }

[[requirement]]
id = "room/archive"
disabled = "archived rooms stay active"
"#;

const SCHEMAS: [(&str, &str); 3] = [
    ("models/error.patch.json", r#"{"required": ["error"], "properties": {"detail": null}}"#),
    (
        "rest/rooms.leave.200.json",
        r#"{"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}"#,
    ),
    (
        "socket/server/error.patch.json",
        r#"{"required": ["type", "detail"],
            "properties": {"message": null, "detail": {"type": "string"}}}"#,
    ),
];

fn write(folder: &Path, contract: &str, schemas: &[(&str, &str)]) {
    for (name, text) in schemas.iter().chain(&[("contract.toml", contract)]) {
        let path = folder.join("acme").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn checked(folder: &Path, arguments: &[&str]) -> (Value, i32) {
    let only = format!("{},room/create-group", BROKEN.join(","));
    let common = ["--cases", "0", "--seed", "1", "--fail-on", "should", "--only", only.as_str()];
    check(folder, &[&common[..], arguments].concat())
}

#[test]
fn an_overlay_describes_a_server_that_differs_in_eight_ways() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, CONTRACT, &SCHEMAS);
    let (shipped, code) = checked(folder, &FAULTS);
    let mut broken = in_state(&shipped, "broken");
    broken.sort_unstable();
    assert_eq!((broken, code), (BROKEN.to_vec(), 1));

    let (report, code) = checked(folder, &[&FAULTS[..], &["--contract", "acme"]].concat());
    assert_eq!((in_state(&report, "broken"), code), (Vec::new(), 0), "{report:#}");
    assert_eq!(report["contract"]["name"], "Acme 1.1");
    let changes = report["contract"]["changes"].as_array().unwrap();
    for subject in ["models/error.json /detail", "participants.mute", "room/archive"] {
        assert!(changes.iter().any(|change| change["subject"] == subject), "{changes:#?}");
    }

    // The overlay is tested, not waived: a server that keeps to the specification does not have what it describes.
    let (report, code) = checked(folder, &["--contract", "acme"]);
    assert_eq!(code, 1);
    assert_eq!(
        in_state(&report, "broken"),
        [
            "schema/rooms.leave",
            "schema/socket.error",
            "status/created",
            "status/ok",
            "input/valid-accepted",
        ]
    );
}

#[test]
fn every_report_names_the_overlay_and_its_changes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, CONTRACT, &SCHEMAS);
    let mut arguments = vec!["check", "--quiet", "--cases", "0", "--only", "room/create-group"];
    arguments.extend(["--contract", "acme", "--journal", "run.jsonl"]);
    let files: Vec<_> = ["text", "markdown", "html", "junit", "sarif"]
        .map(|format| (format, format!("--report={format}=report.{format}")))
        .into();
    arguments.extend(files.iter().map(|(_, option)| option.as_str()));
    let output = run(folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for (format, _) in files {
        let report = std::fs::read_to_string(folder.join(format!("report.{format}"))).unwrap();
        for text in ["Acme 1.1", "is not checked: archived rooms stay active"] {
            assert!(report.contains(text), "{format}: {report}");
        }
    }
    // Other verdicts of the same run have another contract.
    let warning = "recorded under another contract (Acme 1.1: ";
    let again = run(folder, &["recheck", "run.jsonl"]);
    assert!(stderr(&again).contains(warning), "{}", stderr(&again));
    let again = run(folder, &["recheck", "run.jsonl", "--contract", "acme"]);
    assert!(!stderr(&again).contains("warning"), "{}", stderr(&again));
}

/// Requirements of a team: one that the reference server meets, and two that it does not.
const ADDED: &str = r#"
name = "Acme 1.2"

[[requirement]]
id = "custom/rejections-say-why"
level = "must"
statement = "Rejections of unknown rooms MUST say why."
violation = "Rejections of unknown rooms do not say why."
reason = "The app shows the detail to users."
operation = "rooms.get"
status = [403, 404]
schema = "models/error.json"

[[requirement]]
id = "custom/outsiders-are-forbidden"
level = "should"
statement = "Outsiders SHOULD be rejected with 403."
violation = "Outsiders are not rejected with 403."
reason = "The app offers to request access."
operation = "rooms.get"
role = "outsider"
rejected_with = [403]

[[requirement]]
id = "custom/members-have-no-statistics"
level = "must"
statement = "Members MUST NOT read statistics."
violation = "Members read statistics."
reason = "Statistics show how diligent colleagues are."
operation = "rooms.stats"
role = "member"
is = "deny"
"#;

#[test]
fn requirements_of_a_team_are_checked_like_shipped_ones() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, ADDED, &[]);
    let common = ["--cases", "0", "--seed", "1", "--contract", "acme", "--only", "custom"];
    let (report, code) = check(folder, &[&common[..], &["--journal", "run.jsonl"]].concat());
    assert_eq!(code, 1);
    let broken = ["custom/outsiders-are-forbidden", "custom/members-have-no-statistics"];
    assert_eq!(in_state(&report, "broken"), broken);
    assert_eq!(in_state(&report, "held"), ["custom/rejections-say-why"]);

    // Their ids are filters and subjects of waivers.
    let explained = run(folder, &["explain", "--contract", "acme", broken[0]]);
    assert!(stdout(&explained).contains("Added by the contract Acme 1.2"), "{explained:?}");
    let adopt = ["adopt", "run.jsonl", "--contract", "acme", "--fail-on", "should"];
    let adopted = run(folder, &adopt);
    assert_eq!(adopted.status.code(), Some(0), "{}", stderr(&adopted));
    let waivers = std::fs::read_to_string(folder.join("hearback.toml")).unwrap();
    assert!(broken.iter().all(|id| waivers.contains(id)), "{waivers}");
    let (report, code) = check(folder, &common);
    assert_eq!((in_state(&report, "broken"), code), (broken.to_vec(), 0), "{report:#}");
}

#[test]
fn lint_reports_every_problem_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let contract = CONTRACT.replace("participants.mute", "participants.mut");
    write(folder, &contract, &[("models/errors.patch.json", "{}"), ("rest/x.json", "{")]);
    let output = run(folder, &["contract", "lint", "acme"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    for part in [
        "unknown operation `participants.mut`",
        "contract.toml:5:6",
        "did you mean `participants.mute`",
        "did you mean `models/error.json`",
        "not JSON",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(stdout(&output), "3 errors\n");
    // No command starts with a contract that is invalid.
    let output = run(folder, &["check", "--contract", "acme"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("unknown operation `participants.mut`"));
}

#[test]
fn a_request_that_cannot_be_generated_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let patch = r#"{"properties": {"note": {"maxLength": 3}}}"#;
    write(folder.path(), "", &[("rest/messages.send.request.patch.json", patch)]);
    let output = run(folder.path(), &["contract", "lint", "acme"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`/note` has the schema"), "{}", stderr(&output));
}

#[test]
fn exports_and_differences_include_the_overlay() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, CONTRACT, &SCHEMAS);
    let output = run(folder, &["contract", "export", "openapi", "--contract", "acme"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &document["components"]["schemas"]["error"];
    assert_eq!(error["required"], serde_json::json!(["error"]));
    let mute = &document["paths"]["/chat/participants/{participant_id}/mute/"]["post"];
    assert!(mute["responses"]["409"].is_object(), "{mute:#}");
    let output = run(folder, &["contract", "export", "asyncapi", "--contract", "acme"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document.to_string().contains("\"required\":[\"type\",\"detail\"]"));

    let output = run(folder, &["contract", "diff", "--contract", "acme"]);
    assert_eq!(output.status.code(), Some(1), "a breaking change");
    let text = stdout(&output);
    assert!(text.contains("compatible  rest/rooms.leave.200.json /detail"), "{text}");
    assert!(text.starts_with("breaking"), "{text}");
    write(folder, "", &[]);
    for (name, _) in SCHEMAS {
        std::fs::remove_file(folder.join("acme").join(name)).unwrap();
    }
    let patch = r#"{"properties": {"reactions": {"type": "array"}}}"#;
    write(folder, "", &[("models/chat_message.patch.json", patch)]);
    let output = run(folder, &["contract", "diff", "--contract", "acme"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn a_folder_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["contract", "diff"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--contract"), "{}", stderr(&output));
    let output = run(folder.path(), &["check", "--contract", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot read the contract file"), "{}", stderr(&output));
}
