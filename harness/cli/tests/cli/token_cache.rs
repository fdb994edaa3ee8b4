//! `--token-cache`: tokens of an earlier run.

use std::os::unix::fs::PermissionsExt as _;

use hearback_testkit::servers::Gateway;

use crate::connection::address;
use crate::support::{Server, run, stderr, write_accounts};

/// A scenario that logs no account in by itself.
const SCENARIO: &str = "title: Rooms are listed\nrequirements: [room/listed-for-members]\nactors: [alice]\n\
                        room: group\nsteps:\n  - { alice: rooms.list }\n";

#[test]
fn the_second_run_uses_the_tokens_of_the_first_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_accounts(&folder.join("accounts.toml"));
    std::fs::write(folder.join("list.yaml"), SCENARIO).unwrap();
    let server = Server::start(&[]);
    let gateway = Gateway::start("127.0.0.1", address(&server), None, |_| None);
    let target = format!("http://127.0.0.1:{}/api", gateway.port());
    let again = || {
        let arguments = ["scenario", "run", "list.yaml", "--quiet", "--target", &target];
        let options = ["--accounts", "accounts.toml", "--token-cache", "tokens.json"];
        run(folder, &[&arguments[..], &options[..]].concat())
    };
    let logins = || {
        let heads = gateway.heads();
        heads.iter().filter(|head| head.line.starts_with("POST /api/token/")).count()
    };

    let output = again();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let first = logins();
    assert!(first > 0);
    let path = folder.join("tokens.json");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let output = again();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(logins(), first, "the second run logged in");

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = again();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("tokens.json can be read by others (mode 644)"), "{text}");

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "{\"http://host\": {\"alice\": {\"access\": \"hunter2-Secret\"").unwrap();
    let output = again();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("tokens.json is not a token cache"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(logins(), first, "a request was sent");
}
