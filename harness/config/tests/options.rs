//! Configured options: precedence, environments, conflicts, and errors with their place.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgAction, Command, value_parser};
use hearback_config::options::{
    Configuration, FILE_NAME, OptionsError, Origin, Resolved, TypedTable, with_options,
};
use proptest::prelude::*;
use serde::Deserialize;

const TABLES: [TypedTable; 2] = [
    TypedTable {
        name: "account",
        schema: r#"{ "type": "array" }"#,
        replaces: Some("target.accounts"),
        requires: None,
    },
    TypedTable {
        name: "fixtures",
        schema: r#"{ "type": "object" }"#,
        replaces: None,
        requires: Some("account"),
    },
];

/// Two commands that share most options.
fn command() -> Command {
    let target = |id: &'static str| Arg::new(id).long(id).help_heading("Target");
    let execution = |id: &'static str| Arg::new(id).long(id).help_heading("Execution");
    let tested = |name: &'static str| {
        Command::new(name)
            .arg(target("target").value_name("URL").requires("accounts"))
            .arg(
                Arg::new("socket_url").long("socket-url").help_heading("Target").requires("target"),
            )
            .arg(target("accounts").value_name("FILE").requires("target"))
            .arg(target("user").hide_env_values(true))
            .arg(target("key-env"))
            .arg(target("fault").action(ArgAction::Append).conflicts_with("target"))
            .arg(
                execution("jobs")
                    .help("Jobs")
                    .default_value("4")
                    .value_parser(value_parser!(u8).range(1..=8)),
            )
            .arg(execution("quiet").short('q').action(ArgAction::SetTrue))
            .arg(execution("report").value_name("FORMAT=PATH").action(ArgAction::Append))
    };
    let depth = Arg::new("depth").long("depth").value_parser(["quick", "deep"]);
    let file = Arg::new("file").num_args(0..);
    let load = tested("load").mut_arg("jobs", |arg| arg.help("Other jobs"));
    with_options(
        Command::new("hearback")
            .subcommand_required(true)
            .subcommand(tested("check").arg(depth).arg(file))
            .subcommand(tested("fuzz"))
            .subcommand(load),
    )
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        Self(folder)
    }

    fn resolve(
        &self,
        variables: &[(&'static str, &'static str)],
        arguments: &[&str],
    ) -> Result<Resolved, OptionsError> {
        let environment: HashMap<_, _> = variables.iter().copied().collect();
        let configuration = Configuration {
            command: command(),
            tables: &TABLES,
            environment: &environment,
            folder: self.0.path().to_owned(),
        };
        let arguments: Vec<OsString> =
            ["hearback"].iter().chain(arguments).map(OsString::from).collect();
        in_folder(self.0.path(), || configuration.resolve(arguments))
    }

    fn error(&self, variables: &[(&'static str, &'static str)], arguments: &[&str]) -> String {
        match self.resolve(variables, arguments).expect_err("the configuration is invalid") {
            OptionsError::CommandLine { error, notes } => {
                format!("{error}{}", notes.join("\n"))
            }
            OptionsError::File(error) => format!("{:?}", miette::Report::new(error)),
        }
    }
}

/// Files are found relative to the working directory, which all tests share.
fn in_folder<T>(folder: &Path, run: impl FnOnce() -> T) -> T {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _only = LOCK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::env::set_current_dir(folder).unwrap();
    run()
}

/// The values of an option, as the command sees them.
fn values(resolved: &Resolved, id: &str) -> Vec<String> {
    let (_, matches) = resolved.matches.subcommand().unwrap();
    let raw = matches.get_raw(id).into_iter().flatten();
    raw.map(|value| value.to_string_lossy().into_owned()).collect()
}

fn origin(resolved: &Resolved, key: &str) -> Origin {
    resolved.effective.iter().find(|it| it.key == key).unwrap().origin.clone()
}

#[test]
fn flags_precede_variables_environments_the_file_and_defaults() {
    let folder = Folder::with("[execution]\njobs = 2\n[env.ci.execution]\njobs = 3\n");
    let jobs = |variables: &[(&'static str, &'static str)], arguments: &[&str]| {
        let resolved = folder.resolve(variables, arguments).unwrap();
        (values(&resolved, "jobs").concat(), origin(&resolved, "execution.jobs"))
    };
    let variable = [("HEARBACK_EXECUTION_JOBS", "5")];
    let file = || FILE_NAME.to_owned();
    assert_eq!(jobs(&[], &["check"]), ("2".to_owned(), Origin::File(file(), 2)));
    let staging = Origin::Environment(file(), 4, "ci".to_owned());
    assert_eq!(jobs(&[], &["--env", "ci", "check"]), ("3".to_owned(), staging.clone()));
    assert_eq!(jobs(&[("HEARBACK_ENV", "ci")], &["check"]), ("3".to_owned(), staging));
    let origin = Origin::Variable("HEARBACK_EXECUTION_JOBS".to_owned());
    assert_eq!(jobs(&variable, &["check", "--env=ci"]), ("5".to_owned(), origin));
    assert_eq!(jobs(&variable, &["check", "--jobs", "6"]), ("6".to_owned(), Origin::Flag));
    let none = jobs(&variable, &["check", "--config", "none"]);
    assert_eq!(none, ("4".to_owned(), Origin::Default));
}

#[test]
fn the_section_of_a_command_precedes_the_one_that_commands_share() {
    let folder =
        Folder::with("[execution]\njobs = 2\n[fuzz]\njobs = 3\n[load]\nreport = \"a=b\"\n");
    let jobs = |command: &str| values(&folder.resolve(&[], &[command]).unwrap(), "jobs").concat();
    assert_eq!((jobs("check"), jobs("fuzz")), ("2".to_owned(), "3".to_owned()));
    // Its `jobs` means something else.
    assert_eq!(jobs("load"), "4");
    assert_eq!(values(&folder.resolve(&[], &["load"]).unwrap(), "report"), ["a=b"]);
    let variable = [("HEARBACK_FUZZ_JOBS", "7")];
    assert_eq!(values(&folder.resolve(&variable, &["fuzz"]).unwrap(), "jobs"), ["7"]);
}

#[test]
fn variables_without_their_section_are_reported() {
    let folder = Folder::with("");
    let variables = [("HEARBACK_TARGET", "x"), ("HEARBACK_ALICE", "y"), ("HEARBACK_ENV", "")];
    let resolved = folder.resolve(&variables, &["check"]).unwrap();
    let expected = "the environment variable HEARBACK_TARGET has no effect; did you mean `HEARBACK_TARGET_URL`?";
    assert_eq!(resolved.ignored, [expected]);
    let resolved = folder.resolve(&variables, &["check", "--config=none"]).unwrap();
    assert_eq!(resolved.ignored, [""; 0]);
}

#[test]
fn lists_and_flags_are_replaced_as_a_whole() {
    let folder = Folder::with("[execution]\nquiet = true\nreport = [\"json=-\", \"a=b\"]\n");
    let resolved = |variables: &[(&'static str, &'static str)], arguments: &[&str]| {
        let resolved = folder.resolve(variables, arguments).unwrap();
        (values(&resolved, "quiet").concat(), values(&resolved, "report").join(" "))
    };
    let of = |quiet: &str, report: &str| (quiet.to_owned(), report.to_owned());
    assert_eq!(resolved(&[], &["check"]), of("true", "json=- a=b"));
    assert_eq!(resolved(&[], &["check", "--quiet=false", "--report", "c=d"]), of("false", "c=d"));
    let variables =
        [("HEARBACK_EXECUTION_QUIET", "false"), ("HEARBACK_EXECUTION_REPORT", "a=1\nb=2")];
    assert_eq!(resolved(&variables, &["check", "file"]), of("false", "a=1 b=2"));
    assert_eq!(resolved(&variables, &["check", "-q", "--", "file"]), of("true", "a=1 b=2"));
}

#[test]
fn the_file_is_found_above_and_its_paths_are_relative_to_it() {
    let folder = Folder::with(
        "[target]\nurl = \"http://h\"\naccounts = \"a.toml\"\n[check]\nreport = [\"junit=r/x.xml\"]\n",
    );
    let below = folder.0.path().join("one/two");
    std::fs::create_dir_all(&below).unwrap();
    let environment = HashMap::<&str, &str>::new();
    let configuration = Configuration {
        command: command(),
        tables: &TABLES,
        environment: &environment,
        folder: below.clone(),
    };
    let arguments = ["hearback", "check"].map(OsString::from).to_vec();
    let resolved = in_folder(&below, || configuration.resolve(arguments)).unwrap();
    assert_eq!(values(&resolved, "accounts"), ["../../a.toml"]);
    assert_eq!(values(&resolved, "report"), ["junit=../../r/x.xml"]);
    assert_eq!(resolved.file.unwrap().path(), Path::new("../../hearback.toml"));
}

#[test]
fn configured_options_satisfy_what_flags_require() {
    let folder = Folder::with("[target]\naccounts = \"a.toml\"\n");
    let resolved = folder.resolve(&[], &["check", "--target", "http://h"]).unwrap();
    assert_eq!(values(&resolved, "accounts"), ["a.toml"]);
    let error = folder.error(&[], &["check"]);
    assert!(error.contains("--target") && error.contains("hearback.toml:2"), "{error}");
}

#[test]
fn flags_displace_what_they_contradict_and_what_depends_on_it() {
    let folder = Folder::with(
        "[target]\nurl = \"http://h\"\nsocket_url = \"ws://h\"\naccounts = \"a.toml\"\nuser = \"u:p\"\n",
    );
    let resolved = folder.resolve(&[], &["check", "--fault", "x"]).unwrap();
    assert_eq!(values(&resolved, "fault"), ["x"]);
    for gone in ["target", "socket_url", "accounts"] {
        assert_eq!(values(&resolved, gone), [""; 0], "{gone}");
    }
    assert_eq!(values(&resolved, "user"), ["u:p"]);
    // The sockets belong to the URL that the flag replaces; the accounts may be the same.
    let resolved = folder.resolve(&[], &["check", "--target", "http://other"]).unwrap();
    assert_eq!(values(&resolved, "socket_url"), [""; 0]);
    assert_eq!(values(&resolved, "accounts"), ["a.toml"]);
    let resolved = folder.resolve(&[("HEARBACK_TARGET_FAULT", "y")], &["check"]).unwrap();
    assert_eq!(
        (values(&resolved, "fault"), values(&resolved, "target").len()),
        (vec!["y".to_owned()], 0)
    );
    let both = Folder::with("[target]\nurl = \"http://h\"\naccounts = \"a\"\nfault = [\"x\"]\n");
    let error = both.error(&[], &["check"]);
    assert!(
        error.contains("`target.fault` cannot be used with `target.url`")
            && error.contains("hearback.toml:4"),
        "{error}"
    );
}

#[test]
fn tables_take_the_place_of_files() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Accounts {
        account: Vec<HashMap<String, String>>,
    }
    let text = "[target]\nurl = \"http://h\"\n[[account]]\nname = \"a\"\n[[env.ci.account]]\nname = \"b\"\n";
    let folder = Folder::with(text);
    let name = |arguments: &[&str]| {
        let resolved = folder.resolve(&[], arguments).unwrap();
        assert_eq!(values(&resolved, "accounts"), [FILE_NAME]);
        let source = resolved.file.unwrap();
        let document = in_folder(folder.0.path(), || {
            source.read("file", hearback_config::Excerpt::Full).unwrap()
        });
        let accounts: Accounts = document.parse().unwrap();
        accounts.account[0]["name"].clone()
    };
    assert_eq!(name(&["check"]), "a");
    assert_eq!(name(&["check", "--env", "ci"]), "b");
    let given = folder.resolve(&[], &["check", "--accounts", "x.toml"]).unwrap();
    assert_eq!(values(&given, "accounts"), ["x.toml"]);
    let both = Folder::with(&format!(
        "target.accounts = \"x\"\n{}",
        text.replace("[target]\nurl = \"http://h\"\n", "")
    ));
    assert!(both.error(&[], &["check"]).contains("are both given"));
    let alone = Folder::with("[fixtures]\ntask = 1\n");
    let error = alone.error(&[], &["check"]);
    assert!(error.contains("no effect without [[account]]"), "{error}");
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    for (text, expected) in [
        (
            "[excution]\n",
            &["unknown key `excution`", "did you mean `execution`", "hearback.toml:1"][..],
        ),
        (
            "[execution]\njob = 1\n",
            &["unknown key `job`", "did you mean `jobs`", "hearback.toml:2"],
        ),
        ("[target]\njobs = 1\n", &["unknown key `jobs`", "did you mean `execution.jobs`"]),
        ("[env.ci.target]\nulr = 1\n", &["unknown key `ulr`", "`socket_url`, `url` or `user`"]),
        ("[env.ci.env.x]\n", &["unknown key `env`"]),
        (
            "[execution]\njobs = \"3\"\n",
            &["expected a whole number, found a string", "hearback.toml:2"],
        ),
        ("[execution]\njobs = 9\n", &["`jobs`: 9 is not in 1..=8", "hearback.toml:2"]),
        ("[check]\ndepth = \"dep\"\n", &["unknown value `dep`", "did you mean `deep`"]),
        ("execution = 3\n", &["`execution` must be a table"]),
        (
            "[target]\nurl = \"${NOT}\"\naccounts = \"a\"\n",
            &["`url`: the environment variable NOT is not set", "hearback.toml:2"],
        ),
    ] {
        let error = Folder::with(text).error(&[], &["check"]);
        for part in expected {
            assert!(error.contains(part), "{text}: `{part}` is not in\n{error}");
        }
    }
    let folder = Folder::with("[env.staging.target]\nurl = \"http://h\"\n");
    let error = folder.error(&[], &["check", "--env", "stagin"]);
    assert!(
        error.contains("unknown environment `stagin`") && error.contains("did you mean `staging`"),
        "{error}"
    );
    let error = folder.error(&[("HEARBACK_EXECUTION_JOBS", "many")], &["check"]);
    assert!(error.contains("`HEARBACK_EXECUTION_JOBS`: "), "{error}");
    let error = folder.error(&[("HEARBACK_EXECUTION_QUIET", "1")], &["check"]);
    assert!(error.contains("`HEARBACK_EXECUTION_QUIET` must be true or false"), "{error}");
    let error = folder.error(&[], &["check", "--quiet=false", "--jobs", "many"]);
    assert!(error.contains("invalid value 'many' for '--jobs <jobs>'"), "{error}");
    let error = folder.error(&[], &["check", "--config", "not.toml"]);
    assert!(error.contains("cannot read the configuration file not.toml"), "{error}");
}

#[test]
fn secrets_are_never_shown() {
    let folder = Folder::with(
        "[execution]\njobs = \"${HUNTER}\"\n[target]\nuser = \"alice:hunter1\"\n\
         # password hunter3\nkey_env = \"hunter5\"\nurl = \"http://u:hunter4@h/\"\naccounts = \"${HUNTER}\"\n",
    );
    let variables = [("HUNTER", "hunter2")];
    let mut texts = vec![folder.error(&variables, &["check"])];
    assert!(texts[0].contains("`jobs` is invalid"), "{}", texts[0]);
    let resolved = folder.resolve(&variables, &["check", "--jobs=1"]).unwrap();
    assert_eq!(values(&resolved, "accounts"), ["hunter2"]);
    texts.extend(resolved.effective.into_iter().map(|row| row.value));
    let unknown = Folder::with("[target]\nusr = \"alice:hunter1\"\n# hunter2\n");
    texts.push(unknown.error(&[], &["check"]));
    for text in texts {
        assert!(!text.contains("hunter"), "{text}");
    }
}

/// Lines that are close to a valid file.
fn line() -> impl Strategy<Value = String> {
    let names =
        ["target", "execution", "check", "env", "env.ci.target", "account", "fixtures", "ü"];
    let keys = ["url", "jobs", "quiet", "report", "depth", "accounts", "env.ci", "target.url", "x"];
    let values = [
        "1",
        "-1",
        "1e9",
        "true",
        "\"é\"",
        "[]",
        "[\"a=b\", 2]",
        "{ x = 1 }",
        "\"${X\"",
        "\"${PATH}\"",
        "2026-01-01",
        "\"\"\"\n",
        "99999999999999999999",
    ];
    let name = prop::sample::select(names.to_vec());
    let value = (prop::sample::select(keys.to_vec()), prop::sample::select(values.to_vec()));
    prop_oneof![
        name.clone().prop_map(|name| format!("[{name}]")),
        name.prop_map(|name| format!("[[{name}]]")),
        value.prop_map(|(key, value)| format!("{key} = {value}")),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn any_file_is_applied_or_rejected(lines in prop::collection::vec(line(), 0..8)) {
        let folder = Folder::with(&lines.join("\n"));
        if let Err(OptionsError::File(error)) = folder.resolve(&[], &["check", "--env=ci"]) {
            let _rendered = format!("{:?}", miette::Report::new(error));
        }
    }
}
