//! Quoting for POSIX shells.

use std::borrow::Cow;

use shlex::Quoter;

/// `text` as one word of a shell command, quoted if necessary.
///
/// Nothing in `text` is expanded or executed. NUL is kept, although no command can receive it.
pub fn quote(text: &str) -> Cow<'_, str> {
    match Quoter::new().allow_nul(true).quote(text) {
        Ok(quoted) => quoted,
        // NUL is the only error of the quoter.
        Err(_) => unreachable!("NUL is allowed"),
    }
}

/// A shell variable in a printed command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value in words.
    pub meaning: String,
}

/// `prefix` and the value of a variable as one word of a shell command.
pub fn with_variable(prefix: &str, variable: &str) -> String {
    match prefix {
        "" => format!("\"${variable}\""),
        prefix => format!("{}\"${variable}\"", quote(prefix)),
    }
}

/// The name of a variable that is named after any text.
pub fn variable_name(text: &str) -> String {
    let upper = |letter: char| match letter.is_ascii_alphanumeric() {
        true => letter.to_ascii_uppercase(),
        false => '_',
    };
    let name: String = text.chars().map(upper).collect();
    // The name of a variable does not begin with a digit.
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// The arguments that a shell passes to a command.
    fn arguments(words: &str) -> Vec<String> {
        let output = Command::new("sh")
            .args(["-c", &format!("printf '%s\\0' {words}")])
            .output()
            .expect("a POSIX shell is installed");
        let text = String::from_utf8(output.stdout).expect("arguments are UTF-8");
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn plain_words_are_not_quoted() {
        assert_eq!(quote("https://host:8000/api"), "https://host:8000/api");
        assert_eq!(quote("room/a"), "room/a");
        assert_ne!(quote(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_shell_passes_quoted_text_on_unchanged(texts in prop::collection::vec("[^\\x00]{0,20}", 1..20)) {
            let words: Vec<_> = texts.iter().map(|text| quote(text)).collect();
            prop_assert_eq!(arguments(&words.join(" ")), texts);
        }
    }

    #[test]
    fn nothing_is_expanded_or_executed() {
        let texts = [
            "$(echo run)",
            "`echo run`",
            "$HOME",
            "a;echo run",
            "'; echo run; '",
            "!!",
            "*",
            "\\",
            "-n",
            "^a^b",
        ];
        for text in texts {
            assert_eq!(arguments(&quote(text)), [text]);
        }
    }
}
