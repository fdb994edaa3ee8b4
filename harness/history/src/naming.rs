//! Naming the target of a run again, as the command line has it.

use std::borrow::Cow;

use crate::event::{RunStart, TargetKind};

/// What stands for an accounts file whose name is not known.
const SOME_ACCOUNTS: &str = "accounts.toml";

impl RunStart {
    /// The options with which hearback talks to the target of this run again, each after a space, for a
    /// shell; empty for the embedded server as it is.
    pub fn options(&self) -> String {
        let mut options = String::new();
        let mut option = |name: &str, value: &str| {
            options.push_str(&format!(" --{name} {}", word(value)));
        };
        match &self.target_kind {
            Some(TargetKind::Embedded { faults }) => {
                faults.iter().for_each(|fault| option("fault", fault));
            }
            Some(TargetKind::Named { accounts, socket_url, jwt_secret_env }) => {
                option("target", &self.target);
                option("accounts", accounts);
                socket_url.iter().for_each(|url| option("socket-url", url));
                jwt_secret_env.iter().for_each(|variable| option("jwt-secret-env", variable));
            }
            None => {
                option("target", &self.target);
                option("accounts", SOME_ACCOUNTS);
            }
        }
        options
    }
}

/// `text` as one shell word.
fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/:.-_[]".contains(letter);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', r"'\''")).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(target_kind: &str) -> RunStart {
        let text = format!(
            r#"{{"run": "r", "version": "0", "document": "1", "target": "https://host/api",
                "socket": "wss://host/ws", "seed": 1, "started_at": "", "timeout_ms": 1{target_kind}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_target_is_named_as_it_was() {
        let options =
            |target_kind: &str| start(&format!(r#", "target_kind": {target_kind}"#)).options();
        assert_eq!(options(r#"{"embedded": {"faults": []}}"#), "");
        assert_eq!(
            options(r#"{"embedded": {"faults": ["room/a", "room/b"]}}"#),
            " --fault room/a --fault room/b"
        );
        assert_eq!(
            options(r#"{"named": {"accounts": "it's mine.toml", "socket_url": "wss://b/ws"}}"#),
            r" --target https://host/api --accounts 'it'\''s mine.toml' --socket-url wss://b/ws"
        );
        assert_eq!(
            options(r#"{"named": {"accounts": "a.toml", "jwt_secret_env": "KEY"}}"#),
            " --target https://host/api --accounts a.toml --jwt-secret-env KEY"
        );
    }

    #[test]
    fn a_journal_that_does_not_say_how_has_the_target_named() {
        assert_eq!(start("").options(), " --target https://host/api --accounts accounts.toml");
    }
}
