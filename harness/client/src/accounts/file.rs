//! The accounts file: TOML with one `[[account]]` per user.

use std::collections::HashSet;
use std::ops::Range;

use hearback_contract::{UnknownId, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::diagnostic::Problem;
use super::{Account, AccountSecret, Accounts, Fixtures};

/// A problem with its location, in bytes.
type Located = (Problem, Range<usize>);

/// All keys, for suggestions.
const KEYS: [&str; 14] = [
    "account",
    "fixtures",
    "username",
    "password",
    "password_env",
    "access",
    "access_env",
    "refresh",
    "refresh_env",
    "id",
    "full_name",
    "creates_rooms",
    "task",
    "property",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    account: Vec<AccountTable>,
    #[serde(default)]
    fixtures: Fixtures,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountTable {
    username: Spanned<String>,
    #[serde(default, deserialize_with = "secret")]
    password: Option<SecretString>,
    password_env: Option<Spanned<String>>,
    #[serde(default, deserialize_with = "secret")]
    access: Option<SecretString>,
    access_env: Option<Spanned<String>>,
    #[serde(default, deserialize_with = "secret")]
    refresh: Option<SecretString>,
    refresh_env: Option<Spanned<String>>,
    id: Option<Spanned<i64>>,
    full_name: Option<String>,
    #[serde(default = "yes")]
    creates_rooms: bool,
}

fn yes() -> bool {
    true
}

/// Parses a secret; the message of serde for a value of the wrong type would quote it.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(Some(text.into())),
        _ => Err(de::Error::custom("a secret must be a string in quotes")),
    }
}

/// Parses and checks the text of an accounts file.
pub(super) fn parse(
    text: &str,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Accounts, Located> {
    let file: File = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    if file.account.is_empty() {
        return Err((Problem::NoAccount, 0..text.len().min(1)));
    }
    let mut names = HashSet::new();
    let mut accounts = Vec::new();
    for row in file.account {
        let account = row.into_account(&environment)?;
        if !names.insert(account.0.username.clone()) {
            return Err((Problem::DuplicateUsername(account.0.username.to_string()), account.1));
        }
        accounts.push(account.0);
    }
    Ok(Accounts {
        accounts,
        fixtures: Fixtures { task: file.fixtures.task, property: file.fixtures.property },
    })
}

/// Location of the id of an account.
pub(super) fn span_of_id(text: &str, username: &str) -> Option<Range<usize>> {
    let file: File = toml::from_str(text).ok()?;
    let row = file.account.into_iter().find(|row| row.username.get_ref() == username)?;
    Some(row.id?.span())
}

fn syntax(text: &str, error: &toml::de::Error) -> Located {
    let span = error.span().unwrap_or(0..text.len().min(1));
    let message = error.message();
    if message.starts_with("unknown field") {
        let key = text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
        return (Problem::UnknownKey(UnknownId::new("key", key, KEYS)), span);
    }
    (Problem::Syntax(message.to_owned()), span)
}

impl AccountTable {
    fn into_account(
        self,
        environment: &impl Fn(&str) -> Option<String>,
    ) -> Result<(Account, Range<usize>), Located> {
        let span = self.username.span();
        let username = self.username.into_inner();
        if username.is_empty() {
            return Err((Problem::EmptyUsername, span));
        }
        let conflicting = || (Problem::ConflictingSecrets(username.clone()), span.clone());
        let given = |direct: Option<SecretString>, variable: Option<Spanned<String>>| match (
            direct, variable,
        ) {
            (direct, None) => Ok(direct),
            (Some(_), Some(_)) => Err(conflicting()),
            (None, Some(name)) => environment(name.get_ref())
                .filter(|value| !value.is_empty())
                .map(|value| Some(value.into()))
                .ok_or_else(|| (Problem::UnsetVariable(name.get_ref().clone()), name.span())),
        };
        let secret = match (
            given(self.password, self.password_env)?,
            given(self.access, self.access_env)?,
            given(self.refresh, self.refresh_env)?,
        ) {
            (Some(password), None, None) => AccountSecret::Password(password),
            (None, Some(access), refresh) => AccountSecret::Tokens { access, refresh },
            (None, None, None) => return Err((Problem::NoSecret(username), span)),
            _ => return Err(conflicting()),
        };
        let account = Account {
            username: username.into(),
            secret,
            id: self.id.map(|id| UserId::new(id.into_inner())),
            full_name: self.full_name,
            creates_rooms: self.creates_rooms,
        };
        Ok((account, span))
    }
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic as _;
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::super::{AccountsError, InvalidAccounts};
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "ALICE" => Some("from-environment".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn invalid(text: &str) -> InvalidAccounts {
        match Accounts::parse("accounts.toml", text, environment) {
            Err(AccountsError::Invalid(invalid)) => *invalid,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_kind_of_secret_is_read() {
        let text = r#"
            [[account]]
            username = "alice"
            password_env = "ALICE"
            id = 3
            [[account]]
            username = "bob"
            access = "access-of-bob"
            refresh = "refresh-of-bob"
            full_name = "Bob Smith"
            creates_rooms = false
            [[account]]
            username = "carol"
            password = "hunter2"
            [fixtures]
            task = 1
        "#;
        let accounts = Accounts::parse("accounts.toml", text, environment).unwrap();
        assert_eq!(accounts.fixtures, Fixtures { task: Some(1), property: None });
        let [alice, bob, carol] = &accounts.accounts[..] else { panic!() };
        let AccountSecret::Password(password) = &alice.secret else { panic!() };
        assert_eq!(password.expose_secret(), "from-environment");
        assert_eq!((alice.id, alice.creates_rooms), (Some(UserId::new(3)), true));
        let AccountSecret::Tokens { access, refresh: Some(refresh) } = &bob.secret else {
            panic!()
        };
        assert_eq!(access.expose_secret(), "access-of-bob");
        assert_eq!(refresh.expose_secret(), "refresh-of-bob");
        assert_eq!((bob.full_name.as_deref(), bob.creates_rooms), (Some("Bob Smith"), false));
        let shown = format!("{accounts:?} {carol:?}");
        for secret in ["from-environment", "access-of-bob", "refresh-of-bob", "hunter2"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn problems_are_named() {
        let problem = |account: &str| invalid(&format!("[[account]]\n{account}")).problem;
        let name = "username = \"a\"\n";
        assert_eq!(invalid("").problem, Problem::NoAccount);
        assert!(matches!(invalid("[[account").problem, Problem::Syntax(_)));
        assert_eq!(problem("username = \"\"\npassword = \"x\""), Problem::EmptyUsername);
        assert_eq!(problem(name), Problem::NoSecret("a".to_owned()));
        let two = format!("{name}password = \"x\"\naccess = \"y\"");
        assert_eq!(problem(&two), Problem::ConflictingSecrets("a".to_owned()));
        let alone = format!("{name}refresh = \"x\"");
        assert_eq!(problem(&alone), Problem::ConflictingSecrets("a".to_owned()));
        let both = format!("{name}password = \"x\"\npassword_env = \"ALICE\"");
        assert_eq!(problem(&both), Problem::ConflictingSecrets("a".to_owned()));
        for unset in ["EMPTY", "NOBODY"] {
            let text = format!("{name}access_env = \"{unset}\"");
            assert_eq!(problem(&text), Problem::UnsetVariable(unset.to_owned()));
        }
        let twice = format!("{name}password = \"x\"\n[[account]]\n{name}password = \"y\"");
        assert_eq!(problem(&twice), Problem::DuplicateUsername("a".to_owned()));
    }

    #[test]
    fn unknown_keys_have_a_suggestion_and_no_secret() {
        let invalid = invalid("[[account]]\nusername = \"a\"\npasword = \"hunter2\"\n");
        assert_eq!(invalid.problem.to_string(), "unknown key `pasword`");
        let help = invalid.help().unwrap().to_string();
        assert!(help.starts_with("did you mean `password`"), "{help}");
        let label = invalid.labels().unwrap().next().unwrap();
        assert_eq!((label.offset(), label.len()), (27, 7));
        let shown = format!("{:?}", miette::Report::new(invalid));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("accounts.toml") && shown.contains("pasword"), "{shown}");
    }

    #[test]
    fn secrets_of_the_wrong_type_are_not_quoted() {
        let invalid = invalid("[[account]]\nusername = \"a\"\npassword = 987654\n");
        let shown = format!("{:?}", miette::Report::new(invalid));
        assert!(shown.contains("string in quotes") && !shown.contains("987654"), "{shown}");
    }

    #[test]
    fn unreadable_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Accounts::read(&folder.path().join("none.toml")).unwrap_err();
        assert!(matches!(error, AccountsError::Unreadable { .. }));
        assert!(error.to_string().contains("none.toml"));
    }

    /// Texts that break lines, strings and tables.
    const INSERTED: [&str; 10] = ["\n", "\n[", "[", "]", "=", "\"", "\"\n", "'", "# ", "ü"];

    /// A file with a secret.
    fn file_with(secret: &str) -> String {
        format!(
            "[[account]]\nusername = \"alice\"\nid = 3\npassword = \"{secret}\"\n\
             full_name = 'Alice'\ncreates_rooms = true\n[fixtures]\ntask = 1\n"
        )
    }

    proptest! {
        #[test]
        fn errors_of_edited_files_contain_no_secret(
            secret in "[A-Z]{8}[a-z0-9]{4,12}",
            position in proptest::option::of(any::<prop::sample::Index>()),
            removed in 0..4_usize,
            inserted in prop::collection::vec(prop::sample::select(INSERTED.to_vec()), 0..4),
        ) {
            let mut text = file_with(&secret);
            let start = text.find(&secret).unwrap();
            let inside = start + 1..start + secret.len();
            let outside: Vec<_> = (0..=text.len()).filter(|at| !inside.contains(at)).collect();
            let position = position.map_or(start, |position| *position.get(&outside));
            let longest = if position <= start { start } else { text.len() };
            text.replace_range(position..(position + removed).min(longest), &inserted.concat());
            match Accounts::parse("accounts.toml", &text, environment) {
                Ok(accounts) => {
                    let shown = format!("{accounts:?}");
                    prop_assert!(!shown.contains(&secret), "{shown}");
                }
                Err(error) => {
                    let shown = format!("{:?}", miette::Report::new(error));
                    prop_assert!(!shown.contains(&secret), "{shown}\n{text}");
                }
            }
        }

        #[test]
        fn any_text_is_parsed_or_rejected(text in "(\\PC|\n){0,80}") {
            if let Err(error) = Accounts::parse("accounts.toml", &text, environment) {
                let _rendered = format!("{:?}", miette::Report::new(error));
            }
            let _span = span_of_id(&text, "alice");
        }
    }
}
