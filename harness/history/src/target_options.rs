//! Command-line options that select a target.

use hearback_contract::ReadingId;
use serde::{Deserialize, Serialize};

use crate::connection_options::ConnectionOptions;
use crate::shell;

/// Accounts file in a command if its path is unknown.
const ACCOUNTS_PLACEHOLDER: &str = "accounts.toml";

/// Command-line options that selected the target of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetOptions {
    /// No target was given: the embedded server was started.
    Embedded {
        /// Ids of the faults that were switched on.
        faults: Vec<String>,
        /// The weather that it was started in, as `--weather` takes it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        weather: String,
        /// Readings that it takes instead of the documented ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        readings: Vec<ReadingId>,
    },
    /// The target was given by its URL, which is `RunStart::target`.
    External {
        /// Path of the accounts file.
        accounts: String,
        /// URL of the sockets, if it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        socket_url: Option<String>,
        /// Environment variable with the JWT secret, if it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jwt_secret_env: Option<String>,
        /// The connection to the target.
        #[serde(default, skip_serializing_if = "ConnectionOptions::is_default")]
        connection: Box<ConnectionOptions>,
    },
}

/// Command-line options that select `target` again, each after a space and quoted for a shell.
pub(crate) fn arguments(options: Option<&TargetOptions>, target: &str) -> String {
    let mut arguments = String::new();
    let mut option = |name: &str, value: &str| {
        arguments.push_str(&format!(" --{name} {}", shell::quote(value)));
    };
    match options {
        Some(TargetOptions::Embedded { faults, weather, readings }) => {
            faults.iter().for_each(|fault| option("fault", fault));
            if !weather.is_empty() {
                option("weather", weather);
            }
            readings.iter().for_each(|reading| option("reading", reading.as_str()));
        }
        Some(TargetOptions::External { accounts, socket_url, jwt_secret_env, connection }) => {
            option("target", target);
            option("accounts", accounts);
            socket_url.iter().for_each(|url| option("socket-url", url));
            jwt_secret_env.iter().for_each(|variable| option("jwt-secret-env", variable));
            arguments.push_str(&connection.arguments());
        }
        None => {
            option("target", target);
            option("accounts", ACCOUNTS_PLACEHOLDER);
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_select_the_same_target() {
        let arguments = |options: &str| {
            let options = serde_json::from_str(options).unwrap();
            arguments(Some(&options), "https://host/api")
        };
        assert_eq!(arguments(r#"{"embedded": {"faults": []}}"#), "");
        assert_eq!(
            arguments(r#"{"embedded": {"faults": ["room/a", "room/b"]}}"#),
            " --fault room/a --fault room/b"
        );
        assert_eq!(
            arguments(r#"{"embedded": {"faults": [], "weather": "latency=200ms"}}"#),
            " --weather 'latency=200ms'"
        );
        assert_eq!(
            arguments(r#"{"embedded": {"faults": [], "readings": ["delete-status=204"]}}"#),
            " --reading 'delete-status=204'"
        );
        assert_eq!(
            arguments(
                r#"{"external": {"accounts": "it's mine.toml", "socket_url": "wss://b/ws"}}"#
            ),
            r#" --target https://host/api --accounts "it's mine.toml" --socket-url wss://b/ws"#
        );
        assert_eq!(
            arguments(r#"{"external": {"accounts": "a.toml", "jwt_secret_env": "KEY"}}"#),
            " --target https://host/api --accounts a.toml --jwt-secret-env KEY"
        );
        assert_eq!(
            arguments(
                r#"{"external": {"accounts": "a.toml", "connection": {"headers": [{"name": "X-Key"}]}}}"#
            ),
            " --target https://host/api --accounts a.toml --header 'X-Key: '\"$X_KEY\""
        );
    }

    #[test]
    fn unknown_options_select_the_target_by_url() {
        let expected = " --target https://host/api --accounts accounts.toml";
        assert_eq!(arguments(None, "https://host/api"), expected);
    }
}
