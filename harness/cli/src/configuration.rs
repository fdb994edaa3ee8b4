//! The command line, completed by `hearback.toml` and environment variables.

use clap::FromArgMatches as _;
use hearback_client::accounts;
use hearback_client::limits::throttle_rules;
use hearback_config::options::{Configuration, OptionsError, TypedTable};
use hearback_config::variable::ProcessEnvironment;
use hearback_results::{readings, waiver};

use crate::arguments::{Arguments, command};
use crate::config_file;

/// Tables of `hearback.toml` that are not options.
const TABLES: [TypedTable; 5] = [
    TypedTable {
        name: "account",
        schema: accounts::ACCOUNT_SCHEMA,
        replaces: Some("target.accounts"),
        requires: None,
    },
    TypedTable {
        name: "fixtures",
        schema: accounts::FIXTURES_SCHEMA,
        replaces: None,
        requires: Some("account"),
    },
    TypedTable {
        name: "waiver",
        schema: waiver::SCHEMA,
        replaces: Some("gate.waivers"),
        requires: None,
    },
    TypedTable { name: "throttle", schema: throttle_rules::SCHEMA, replaces: None, requires: None },
    TypedTable { name: "readings", schema: readings::SCHEMA, replaces: None, requires: None },
];

/// The options of hearback, and how to configure them.
pub(crate) fn configuration() -> Configuration<'static> {
    Configuration {
        command: command(),
        tables: &TABLES,
        environment: &ProcessEnvironment,
        folder: std::env::current_dir().unwrap_or_default(),
    }
}

/// Parses the command line of this process and completes it.
pub(crate) fn parse() -> Result<Arguments, OptionsError> {
    let resolved = configuration().resolve(std::env::args_os().collect())?;
    resolved.ignored.iter().for_each(|warning| eprintln!("warning: {warning}"));
    Ok(Arguments::from_arg_matches(&config_file::remember(resolved).matches)?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_config::{Document, Excerpt};
    use serde_json::{Value, json};

    use super::*;

    /// Long names of the options of each command, by the path of the command.
    fn options(command: &clap::Command, path: &str) -> Vec<(String, String)> {
        let own = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let own = own.filter_map(|arg| Some((path.to_owned(), arg.get_long()?.replace('-', "_"))));
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        let below = below.flat_map(|below| {
            let path = format!("{path}/properties/{}", below.get_name());
            options(below, &path)
        });
        own.chain(below).collect()
    }

    /// A schema below another one, with its references followed.
    fn at<'s>(schema: &'s Value, pointer: &str) -> Option<&'s Value> {
        let mut found = schema;
        for part in pointer.split('/').skip(1) {
            while let Some(reference) = found.get("$ref").and_then(Value::as_str) {
                found = schema.pointer(reference.trim_start_matches('#'))?;
            }
            found = found.get(part)?;
        }
        Some(found)
    }

    #[test]
    fn every_option_of_every_command_has_a_key_in_the_schema() {
        let schema = configuration().schema();
        let options = options(&command(), "");
        assert!(options.len() > 80, "{}", options.len());
        for (path, name) in options {
            let selects = ["help", "version", "config", "env"].contains(&name.as_str());
            let key = at(&schema, &format!("{path}/properties/{name}"));
            assert!(selects || key.is_some(), "{path} --{name} has no key");
        }
    }

    #[test]
    fn keys_and_variables_are_unambiguous() {
        let documented = configuration().documented();
        let keys: HashSet<_> = documented.iter().map(|it| it.key.clone()).collect();
        let variables: HashSet<_> = documented.iter().map(|it| it.variable.clone()).collect();
        assert_eq!((keys.len(), variables.len()), (documented.len(), documented.len()));
        for it in &documented {
            assert!(!it.description.is_empty(), "{} has no help", it.key);
            let is_plain = |part: &str| {
                part.bytes().all(|it| it.is_ascii_lowercase() || it == b'_' || it == b'-')
            };
            assert!(it.key.split('.').all(is_plain), "{}", it.key);
        }
        // The sections of headings, of commands and of tables.
        let commands = command();
        let commands: Vec<_> = commands.get_subcommands().map(clap::Command::get_name).collect();
        for table in TABLES {
            assert!(!keys.iter().any(|key| key.split('.').next() == Some(table.name)));
            assert!(!commands.contains(&table.name));
        }
    }

    #[test]
    fn keys_that_documents_name_exist() {
        let documented = configuration().documented();
        for key in [
            "log",
            "target.url",
            "target.accounts",
            "execution.timeout",
            "gate.fail_on",
            "load.profile",
        ] {
            assert!(documented.iter().any(|it| it.key == key), "{key}");
        }
    }

    #[test]
    fn schemas_of_tables_have_the_keys_that_their_readers_accept() {
        let keys = |schema: &str| {
            let schema: Value = serde_json::from_str(schema).unwrap();
            let object = schema.get("items").unwrap_or(&schema);
            object["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        for key in keys(accounts::ACCOUNT_SCHEMA) {
            let text = format!("[[account]]\n{key} = []\n");
            let error = read_accounts(&text);
            assert!(!error.contains("unknown key"), "{key}: {error}");
        }
        for key in keys(accounts::FIXTURES_SCHEMA) {
            let error = read_accounts(&format!("[fixtures]\n{key} = []\n"));
            assert!(!error.contains("unknown key"), "{key}: {error}");
        }
        assert!(read_accounts("[[account]]\nid_ = 1\n").contains("unknown key"));
        for key in keys(throttle_rules::SCHEMA) {
            let text = format!("[[throttle]]\n{key} = []\n");
            let document = Document::new("t", text, Excerpt::Full);
            let error = hearback_client::ThrottleRule::parse(&document).unwrap_err();
            assert!(!error.to_string().contains("unknown key"), "{key}: {error}");
        }
        for key in keys(waiver::SCHEMA) {
            let text = format!("[[waiver]]\n{key} = []\n");
            let error = waiver::parse(&Document::new("w", text, Excerpt::Full)).unwrap_err();
            assert!(!error.to_string().contains("unknown key"), "{key}: {error}");
        }
    }

    fn read_accounts(text: &str) -> String {
        let document = Document::new("a", text, Excerpt::Full);
        hearback_client::Accounts::parse(&document, &ProcessEnvironment).unwrap_err().to_string()
    }

    /// The example of the documentation.
    fn example() -> String {
        let page = include_str!("../../../docs/configuration.md");
        let (_, rest) = page.split_once("```toml\n").unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    }

    #[test]
    fn the_documented_example_matches_the_schema_and_mistakes_do_not() {
        let schema = configuration().schema();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document =
            |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        let example = document(&example());
        let errors: Vec<_> = validator.iter_errors(&example).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        for mistake in [
            "[execution]\njobs = 1\n",
            "[execution]\ntimeout = true\n",
            "[env.ci.target]\nulr = \"x\"\n",
            "[gate]\nfail_on = \"never\"\n",
        ] {
            assert!(!validator.is_valid(&document(mistake)), "{mistake}");
        }
        assert!(validator.is_valid(&json!({})));
    }
}
