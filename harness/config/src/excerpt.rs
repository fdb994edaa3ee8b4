//! The text of a file as errors show it.

use crate::variable::is_variable_name;

/// The values that an excerpt of a file may show, since errors end up in logs.
#[derive(Clone, Debug)]
pub enum Excerpt {
    /// All: the file has no secrets.
    Full,
    /// Those of these keys, and the headings of tables with these names.
    Only(Vec<String>),
}

impl Excerpt {
    /// An excerpt that shows the values of these keys.
    pub fn only<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Only(keys.into_iter().map(str::to_owned).collect())
    }

    /// `text` with `*` for each byte of a value that may be a secret. The length is unchanged.
    pub(crate) fn of(&self, text: &str) -> String {
        match self {
            Self::Full => text.to_owned(),
            Self::Only(keys) => {
                let is_public = |key: &str| keys.iter().any(|public| public == key);
                text.split_inclusive('\n').map(|line| masked(line, is_public)).collect()
            }
        }
    }
}

fn masked(line: &str, is_public: impl Fn(&str) -> bool) -> String {
    let key = line.split('=').next().unwrap_or_default().trim();
    let value = line.split_once('=').map(|(_, value)| value.trim().trim_matches(['"', '\'']));
    let shows_value = value.is_some_and(|value| {
        // A second `=` may begin a secret that a missing line break moved here.
        is_public(key)
            && !value.contains('=')
            // A secret may have been put where the name of its variable belongs.
            && (!key.ends_with("_env") || is_variable_name(value))
    });
    if shows_value || is_heading(line.trim(), &is_public) {
        return line.to_owned();
    }
    // A line without `=` may be part of a string.
    let (kept, hidden) = line.split_at(line.find('=').map_or(0, |at| at + 1));
    let stars =
        hidden.bytes().map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' });
    kept.chars().chain(stars).collect()
}

/// `[table]` or `[[table]]` of a public table, or of one below it.
fn is_heading(line: &str, is_public: &impl Fn(&str) -> bool) -> bool {
    let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    let path = inner.map(|inner| {
        inner.strip_prefix('[').and_then(|path| path.strip_suffix(']')).unwrap_or(inner)
    });
    let is_bare =
        |part: &str| part.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
    path.is_some_and(|path| {
        path.split('.').next().is_some_and(is_public) && path.split('.').all(is_bare)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_values_are_shown() {
        let excerpt = Excerpt::only(["account", "username", "id", "password_env", "env"]);
        let text = "[[account]]\nusername = \"alice\"\n pasword = \"höhö x\"\n# note\nid = 3\n\
                    [env.staging.account]\n[secret]\npassword_env = \"hunter2\"\npassword_env = \"PW\"\n";
        let masked = excerpt.of(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(
            masked,
            "[[account]]\nusername = \"alice\"\n pasword = ******* **\n* ****\nid = 3\n\
             [env.staging.account]\n********\npassword_env = *********\npassword_env = \"PW\"\n"
        );
    }
}
