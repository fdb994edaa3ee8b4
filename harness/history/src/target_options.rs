//! Command-line options that select a target.

use serde::{Deserialize, Serialize};

use crate::run::RunStart;
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
    },
    /// The target was given by its URL, which is [`RunStart::target`].
    External {
        /// Path of the accounts file.
        accounts: String,
        /// URL of the sockets, if it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        socket_url: Option<String>,
        /// Environment variable with the JWT secret, if it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jwt_secret_env: Option<String>,
    },
}

impl RunStart {
    /// Command-line options that select the same target again, each after a space and quoted for a shell.
    ///
    /// Empty for the embedded server without faults.
    pub fn target_arguments(&self) -> String {
        let mut arguments = String::new();
        let mut option = |name: &str, value: &str| {
            arguments.push_str(&format!(" --{name} {}", shell::quote(value)));
        };
        match &self.target_options {
            Some(TargetOptions::Embedded { faults }) => {
                faults.iter().for_each(|fault| option("fault", fault));
            }
            Some(TargetOptions::External { accounts, socket_url, jwt_secret_env }) => {
                option("target", &self.target);
                option("accounts", accounts);
                socket_url.iter().for_each(|url| option("socket-url", url));
                jwt_secret_env.iter().for_each(|variable| option("jwt-secret-env", variable));
            }
            None => {
                option("target", &self.target);
                option("accounts", ACCOUNTS_PLACEHOLDER);
            }
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(target_options: &str) -> String {
        let text = format!(
            r#"{{"run": "r", "version": "0", "specification": "1", "target": "https://host/api",
                "socket": "wss://host/ws", "seed": 1, "started_at": "", "timeout_ms": 1{target_options}}}"#
        );
        serde_json::from_str::<RunStart>(&text).unwrap().target_arguments()
    }

    #[test]
    fn arguments_select_the_same_target() {
        let arguments = |options: &str| arguments(&format!(r#", "target_options": {options}"#));
        assert_eq!(arguments(r#"{"embedded": {"faults": []}}"#), "");
        assert_eq!(
            arguments(r#"{"embedded": {"faults": ["room/a", "room/b"]}}"#),
            " --fault room/a --fault room/b"
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
    }

    #[test]
    fn unknown_options_select_the_target_by_url() {
        assert_eq!(arguments(""), " --target https://host/api --accounts accounts.toml");
    }
}
