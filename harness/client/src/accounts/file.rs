//! The accounts file: TOML with one `[[account]]` per user.

use std::collections::HashSet;
use std::ops::Range;

use hearback_config::variable::{Environment, is_variable_name, named};
use hearback_config::{Document, Excerpt, FileError, Problem, Spanned};
use hearback_contract::UserId;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::problem::AccountProblem;
use super::{Account, AccountSecret, Accounts, Fixtures, ListedAccount};

/// Keys whose values are not secrets, and tables.
const PUBLIC: [&str; 11] = [
    "account",
    "fixtures",
    "username",
    "password_env",
    "access_env",
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
    password: Option<SecretString>,
    password_env: Option<Spanned<String>>,
    access: Option<SecretString>,
    access_env: Option<Spanned<String>>,
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

/// The part of an accounts file that errors show.
pub(super) fn excerpt() -> Excerpt {
    Excerpt::only(PUBLIC)
}

/// Parses and checks an accounts file.
pub(super) fn parse(
    document: &Document,
    environment: &dyn Environment,
) -> Result<Accounts, FileError> {
    let file: File = document.parse_with(environment)?;
    if file.account.is_empty() {
        return Err(document.invalid(AccountProblem::NoAccount.into()));
    }
    let mut names = HashSet::new();
    let mut accounts = Vec::new();
    for row in file.account {
        let span = row.username.span();
        let account = row.into_account(environment).map_err(|problem| document.invalid(problem))?;
        if !names.insert(account.username.clone()) {
            let problem = AccountProblem::DuplicateUsername(account.username.to_string());
            return Err(document.invalid(Problem::from(problem).at(span)));
        }
        accounts.push(account);
    }
    Ok(Accounts { accounts, fixtures: file.fixtures })
}

/// The accounts as they are written, without secrets, and the fixtures.
pub(super) fn list(document: &Document) -> Result<(Vec<ListedAccount>, Fixtures), FileError> {
    let file: File = document.parse()?;
    Ok((file.account.into_iter().map(AccountTable::into_listed).collect(), file.fixtures))
}

/// Place of the id of an account.
pub(super) fn span_of_id(
    document: &Document,
    environment: &dyn Environment,
    username: &str,
) -> Option<Range<usize>> {
    let file: File = document.parse_with(environment).ok()?;
    let row = file.account.into_iter().find(|row| row.username.get_ref() == username)?;
    Some(row.id?.span())
}

impl AccountTable {
    fn into_listed(self) -> ListedAccount {
        let mut secrets = Vec::new();
        for (direct, variable, key, suffix) in [
            (self.password, self.password_env, "password_env", "PASSWORD"),
            (self.access, self.access_env, "access_env", "ACCESS"),
            (self.refresh, self.refresh_env, "refresh_env", "REFRESH"),
        ] {
            let referred = direct.as_ref().and_then(|text| referred(text.expose_secret()));
            let named = variable.map(Spanned::into_inner).filter(|name| is_variable_name(name));
            if let Some(name) = named.or(referred) {
                secrets.push((key, name));
            } else if direct.is_some() {
                secrets.push((key, format!("{}_{suffix}", prefix(self.username.get_ref()))));
            }
        }
        ListedAccount {
            username: self.username.into_inner(),
            secrets,
            id: self.id.map(Spanned::into_inner),
            full_name: self.full_name,
            creates_rooms: self.creates_rooms,
        }
    }

    fn into_account(self, environment: &dyn Environment) -> Result<Account, Problem> {
        let span = self.username.span();
        let username = self.username.into_inner();
        let located = |problem: AccountProblem| Problem::from(problem).at(span.clone());
        if username.is_empty() {
            return Err(located(AccountProblem::EmptyUsername));
        }
        let conflicting = || located(AccountProblem::ConflictingSecrets(username.clone()));
        let given = |direct: Option<SecretString>, key, variable: Option<Spanned<String>>| match (
            direct, variable,
        ) {
            (direct, None) => Ok(direct),
            (Some(_), Some(_)) => Err(conflicting()),
            (None, Some(name)) => named(key, name.get_ref(), environment)
                .map(|value| Some(value.into()))
                .map_err(|problem| problem.at(name.span())),
        };
        let token = |kind, token: SecretString| {
            bare(&token)
                .ok_or_else(|| located(AccountProblem::Token { username: username.clone(), kind }))
        };
        let secret = match (
            given(self.password, "password_env", self.password_env)?,
            given(self.access, "access_env", self.access_env)?,
            given(self.refresh, "refresh_env", self.refresh_env)?,
        ) {
            (Some(password), None, None) => AccountSecret::Password(password),
            (None, Some(access), refresh) => AccountSecret::Tokens {
                access: token("access", access)?,
                refresh: refresh.map(|refresh| token("refresh", refresh)).transpose()?,
            },
            (None, None, None) => return Err(located(AccountProblem::NoSecret(username))),
            _ => return Err(conflicting()),
        };
        Ok(Account {
            username: username.into(),
            secret,
            id: self.id.map(|id| UserId::new(id.into_inner())),
            full_name: self.full_name,
            creates_rooms: self.creates_rooms,
        })
    }
}

/// The variable that a text consists of, `${NAME}`.
fn referred(text: &str) -> Option<String> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    is_variable_name(name).then(|| name.to_owned())
}

/// The beginning of names of variables for an account: `ALICE` for `alice@example.com`.
fn prefix(username: &str) -> String {
    let name = username.split_once('@').map_or(username, |(name, _)| name);
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(letter).collect();
    if is_variable_name(&name) { name } else { format!("ACCOUNT_{name}") }
}

/// The token without spaces around it and without the scheme that headers put before it; `None` if the rest cannot be
/// sent in a header.
fn bare(token: &SecretString) -> Option<SecretString> {
    let token = token.expose_secret().trim();
    let token = match token.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => token,
    };
    let is_sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    is_sendable.then(|| token.to_owned().into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use miette::Diagnostic as _;
    use proptest::prelude::*;

    use super::*;

    fn environment() -> HashMap<&'static str, &'static str> {
        HashMap::from([
            ("ALICE", "from-environment\n"),
            ("TOKEN", "Bearer a.b.c\r\n"),
            ("EMPTY", ""),
        ])
    }

    fn parsed(text: &str) -> Result<Accounts, FileError> {
        parse(&Document::new("accounts.toml", text, excerpt()), &environment())
    }

    fn invalid(text: &str) -> FileError {
        parsed(text).expect_err("the file is invalid")
    }

    fn shown(error: FileError) -> String {
        format!("{:?}", miette::Report::new(error))
    }

    #[test]
    fn accounts_are_listed_without_their_secrets() {
        let text = r#"
            [[account]]
            username = "alice@example.com"
            password = "hunter2"
            [[account]]
            username = "7 of 9"
            access_env = "TOKEN"
            refresh = "${UNSET}"
            id = 3
            creates_rooms = false
            [fixtures]
            task = 42
        "#;
        let document = Document::new("accounts.toml", text, excerpt());
        let (accounts, fixtures) = list(&document).unwrap();
        let secrets: Vec<_> = accounts.iter().flat_map(|it| it.secrets.clone()).collect();
        let of = |key, name: &str| (key, name.to_owned());
        let expected = [
            of("password_env", "ALICE_PASSWORD"),
            of("access_env", "TOKEN"),
            of("refresh_env", "UNSET"),
        ];
        assert_eq!(secrets, expected);
        assert!(!format!("{accounts:?}").contains("hunter2"));
        assert_eq!((accounts[1].id, accounts[1].creates_rooms), (Some(3), false));
        assert_eq!((fixtures.task, prefix("7 of 9")), (Some(42), "ACCOUNT_7_OF_9".to_owned()));
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
            password = "${ALICE}-hunter2"
            [fixtures]
            task = 1
        "#;
        let accounts = parsed(text).unwrap();
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
        let AccountSecret::Password(password) = &carol.secret else { panic!() };
        assert_eq!(password.expose_secret(), "from-environment-hunter2");
        let shown = format!("{accounts:?}");
        for secret in ["from-environment", "access-of-bob", "refresh-of-bob", "hunter2"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn tokens_have_neither_a_scheme_nor_a_line_break() {
        let access = |key: &str| {
            let text = format!("[[account]]\nusername = \"a\"\n{key}\n");
            match parsed(&text).map(|mut accounts| accounts.accounts.remove(0).secret) {
                Ok(AccountSecret::Tokens { access, .. }) => Ok(access.expose_secret().to_owned()),
                Ok(AccountSecret::Password(_)) => panic!("{text}"),
                Err(error) => Err(shown(error)),
            }
        };
        assert_eq!(access("access_env = \"TOKEN\"").as_deref(), Ok("a.b.c"));
        assert_eq!(access("access = \"bearer  a.b.c \"").as_deref(), Ok("a.b.c"));
        let error = access("access = \"hunter2\\nX: y\"").unwrap_err();
        assert!(error.contains("a header cannot have") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn problems_are_named() {
        let problem = |account: &str| invalid(&format!("[[account]]\n{account}")).to_string();
        let name = "username = \"a\"\n";
        assert_eq!(invalid("").to_string(), AccountProblem::NoAccount.to_string());
        assert!(invalid("[[account").to_string().starts_with("invalid TOML: "));
        let of = |problem: AccountProblem| problem.to_string();
        assert_eq!(problem("username = \"\"\npassword = \"x\""), of(AccountProblem::EmptyUsername));
        assert_eq!(problem(name), of(AccountProblem::NoSecret("a".to_owned())));
        let conflicting = of(AccountProblem::ConflictingSecrets("a".to_owned()));
        assert_eq!(problem(&format!("{name}password = \"x\"\naccess = \"y\"")), conflicting);
        assert_eq!(problem(&format!("{name}refresh = \"x\"")), conflicting);
        assert_eq!(
            problem(&format!("{name}password = \"x\"\npassword_env = \"ALICE\"")),
            conflicting
        );
        for unset in ["EMPTY", "NOBODY"] {
            let text = format!("{name}access_env = \"{unset}\"");
            let expected =
                format!("`access_env`: the environment variable {unset} is not set or empty");
            assert_eq!(problem(&text), expected);
        }
        let twice = format!("{name}password = \"x\"\n[[account]]\n{name}password = \"y\"");
        assert_eq!(problem(&twice), of(AccountProblem::DuplicateUsername("a".to_owned())));
    }

    #[test]
    fn unknown_keys_have_a_suggestion_and_no_secret() {
        let invalid = invalid("[[account]]\nusername = \"a\"\npasword = \"hunter2\"\n");
        assert_eq!(invalid.to_string(), "unknown key `pasword`");
        let help = invalid.help().unwrap().to_string();
        assert!(help.starts_with("did you mean `password`"), "{help}");
        let label = invalid.labels().unwrap().next().unwrap();
        assert_eq!((label.offset(), label.len()), (27, 7));
        let shown = shown(invalid);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("accounts.toml") && shown.contains("pasword"), "{shown}");
    }

    #[test]
    fn secrets_in_the_wrong_place_or_of_the_wrong_type_are_not_quoted() {
        for (key, expected) in [
            ("password = 987654", "expected a string"),
            ("password_env = \"Se-987654\"", "not the name of an environment variable"),
            ("access_env = 'x987654'", "not the name of an environment variable"),
            ("password = \"${987654}\"", "does not begin the name of a variable"),
        ] {
            let shown = shown(invalid(&format!("[[account]]\nusername = \"a\"\n{key}\n")));
            assert!(shown.contains(expected) && !shown.contains("987654"), "{shown}");
            assert!(shown.contains("accounts.toml:3"), "{shown}");
        }
    }

    #[test]
    fn unreadable_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("none.toml").into();
        let error = Accounts::read(&source).unwrap_err();
        assert!(error.to_string().contains("none.toml"), "{error}");
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
            match parsed(&text) {
                Ok(accounts) => {
                    let shown = format!("{accounts:?}");
                    prop_assert!(!shown.contains(&secret), "{shown}");
                }
                Err(error) => {
                    let shown = shown(error);
                    prop_assert!(!shown.contains(&secret), "{shown}\n{text}");
                }
            }
        }

        #[test]
        fn any_text_is_parsed_or_rejected(text in "(\\PC|\n){0,80}") {
            if let Err(error) = parsed(&text) {
                let _rendered = shown(error);
            }
        }
    }
}
