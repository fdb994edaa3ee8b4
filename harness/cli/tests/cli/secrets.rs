//! Secrets that a target echoes, and those in files of the user, appear in no output.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback_testkit::servers::Echo;

use crate::support::{Server, TWO, hearback, run, stderr};

/// Names of the accounts.
const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// Part of the id of each room, which is a secret as well.
const KEY: &str = "kV3xQp92Lm7TzR41";

/// The commands, one run of each, which write everything that they log.
const RUNS: [&[&str]; 4] = [
    &["check", "-v", "--cases", "0", "--only", "auth,socket"],
    &["fuzz", "--cases", "1", "--only", "status/unknown-id"],
    &["scenario", "run", "newest.yaml"],
    &["load", "--profile", "two.toml"],
];

/// Number of bytes by which the search finds a text.
const START: usize = 4;

fn write_files(folder: &Path) {
    let accounts: String = NAMES
        .iter()
        .map(|name| {
            let password = toml::Value::from(Echo::password(name));
            format!("[[account]]\nusername = \"{name}\"\npassword = {password}\n")
        })
        .collect();
    std::fs::write(folder.join("accounts.toml"), accounts).unwrap();
    std::fs::write(folder.join("two.toml"), TWO).unwrap();
    let scenario = include_str!("../../../../scenarios/files/deletion/newest.yaml");
    std::fs::write(folder.join("newest.yaml"), scenario).unwrap();
}

/// The secrets that one run sent, and its outputs.
struct Searched {
    secrets: BTreeSet<String>,
    outputs: Vec<(String, Vec<u8>)>,
}

/// Runs a command against a relay that echoes secrets; a run does not know the tokens of another one.
fn searched(upstream: SocketAddr, arguments: &[&str]) -> Searched {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let echo = Echo::start(upstream, &format!("-{KEY}"));
    let base = echo.base();
    let reports =
        ["text", "json", "junit", "markdown", "html"].map(|it| format!("{it}=report.{it}"));
    let reports: Vec<&str> = reports.iter().flat_map(|it| ["--report", it.as_str()]).collect();
    let output = hearback()
        .current_dir(folder.path())
        .args(arguments)
        .args(["--target", &base, "--accounts", "accounts.toml", "--timeout", "1"])
        .args(["--header", &format!("X-Key: {KEY}"), "--log", "trace"])
        .args(if arguments[0] == "scenario" { &[][..] } else { &reports })
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let mut secrets = echo.secrets();
    assert!(secrets.len() > 3, "{} sent only {}", arguments[0], secrets.len());
    secrets.insert(KEY.to_owned());
    let mut outputs =
        vec![("stdout".to_owned(), output.stdout), ("stderr".to_owned(), output.stderr)];
    files(folder.path(), &mut outputs);
    Searched { secrets, outputs }
}

/// Adds the files that a run wrote.
fn files(folder: &Path, outputs: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, outputs);
        } else if !["accounts.toml", "tokens.json"].contains(&name.as_str()) {
            outputs.push((name, std::fs::read(&path).unwrap()));
        }
    }
}

/// The texts that must not appear for a secret: its forms, its halves, and what is left of it when it is cut.
fn forbidden(secret: &str) -> BTreeSet<String> {
    let at = |part: usize| {
        (0..=secret.len() * part / 4).rev().find(|at| secret.is_char_boundary(*at)).unwrap()
    };
    let (first, second) = secret.split_at(at(2));
    let is_token = secret.len() > 60;
    let mut forbidden: BTreeSet<String> = Echo::forms(secret).into_iter().collect();
    // All tokens begin alike, and those of tests do as well.
    let parts = if is_token { vec![second] } else { vec![first, second, &secret[at(1)..at(3)]] };
    forbidden.extend(parts.into_iter().map(str::to_owned));
    let inner = STANDARD.encode(format!("ab{secret}"));
    forbidden.insert(inner[4..inner.len() - 4].to_owned());
    forbidden
}

/// Texts by their first bytes: one pass finds all of them.
struct Search<'a> {
    texts: HashMap<[u8; START], Vec<&'a str>>,
    /// True at each pair of bytes with which a text begins.
    is_start: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(texts: &'a BTreeSet<String>) -> Self {
        let mut search = Self { texts: HashMap::new(), is_start: vec![false; 1 << 16] };
        for text in texts {
            let start: [u8; START] = text.as_bytes()[..START].try_into().unwrap();
            search.texts.entry(start).or_default().push(text);
            search.is_start[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
        }
        search
    }

    /// Position of a text, and the text.
    fn find(&self, output: &[u8]) -> Option<(usize, &'a str)> {
        let mut pair = 0_u16;
        for (index, byte) in output.iter().enumerate() {
            pair = pair << 8 | u16::from(*byte);
            if !self.is_start[usize::from(pair)] || index == 0 {
                continue;
            }
            let rest = &output[index - 1..];
            let start = rest.get(..START).and_then(|start| <[u8; START]>::try_from(start).ok());
            let texts = start.and_then(|start| self.texts.get(&start));
            let found = texts.into_iter().flatten().find(|it| rest.starts_with(it.as_bytes()));
            if let Some(text) = found {
                return Some((index - 1, text));
            }
        }
        None
    }
}

#[test]
fn secrets_that_the_target_echoes_appear_in_no_output() {
    let server = Server::start(&[]);
    let upstream = server.base.trim_start_matches("http://").trim_end_matches("/api");
    let upstream: SocketAddr = upstream.parse().unwrap();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let runs = RUNS.map(|arguments| scope.spawn(move || searched(upstream, arguments)));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for (searched, arguments) in runs.iter().zip(RUNS) {
        let command = arguments[0];
        let journal = searched.outputs.iter().find(|(name, _)| name.ends_with(".jsonl"));
        if command == "check" {
            let journal = String::from_utf8_lossy(&journal.unwrap().1);
            assert!(journal.contains("[password of alice]"), "the target echoed nothing");
        }
        let texts = searched.secrets.iter().flat_map(|secret| forbidden(secret)).collect();
        let search = Search::new(&texts);
        for (name, output) in &searched.outputs {
            if let Some((at, text)) = search.find(output) {
                let before = String::from_utf8_lossy(&output[at.saturating_sub(200)..at]);
                panic!("{name} of {command} has {text:?} after {before:?}");
            }
        }
    }
}

#[test]
fn the_search_finds_a_text_wherever_it_is() {
    let texts = BTreeSet::from(["secret".to_owned(), "secure".to_owned()]);
    let search = Search::new(&texts);
    assert_eq!(search.find(b"secret"), Some((0, "secret")));
    assert_eq!(search.find(b"sesecsecure"), Some((5, "secure")));
    assert_eq!(search.find(b"secre secur"), None);
}

#[test]
fn the_relay_echoes_every_encoding() {
    let secret = "a\"b/\u{f6}c-0123456789";
    let forms = Echo::forms(secret);
    for (encoding, form) in [
        ("verbatim", secret),
        ("percent-encoded", "%61%22%62%2f%c3%b6"),
        ("JSON escapes", "\\u0061\\u0022"),
        ("JSON escapes, escaped again", "\\\\u0061\\\\u0022"),
        ("JSON, escaped twice", "a\\\\\\\"b"),
        ("base64", "YSJiL8O2Yy0wMTIzNDU2Nzg5"),
        ("hexadecimal", "6122622fc3b6"),
        ("upper case", "A\"B/"),
    ] {
        assert!(forms.iter().any(|it| it.contains(form)), "{encoding}: {forms:#?}");
    }
}

#[test]
fn secrets_in_files_of_the_user_are_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("hearback.toml"), text).unwrap();
    let target = "[target]\nurl = \"http://127.0.0.1:9/api\"\n";
    for account in [
        "username = \"alice\"\npassword_env = \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = \"hunter2-Secret\n",
        "username = \"alice\"\npassword \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = hunter2-Secret\n",
        "username = \"alice\" password = \"hunter2-Secret\"\n",
        "username = \"alice\"\npasword = \"hunter2-Secret\"\n",
        "username = \"alice\"\npassword = [\"hunter2-Secret\"]\n",
    ] {
        write(&format!("{target}[[account]]\n{account}"));
        let output = run(folder.path(), &["check", "-q"]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(!text.contains("hunter2"), "{account}: {text}");
    }
}
