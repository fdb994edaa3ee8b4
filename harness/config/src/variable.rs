//! Environment variables that files and options name, and references to them.

use std::collections::HashMap;

use crate::Problem;

/// The environment, as an argument so that tests can replace it.
pub trait Environment {
    /// The value of a variable, without a line break at its end; `None` if it is not set or empty.
    fn value(&self, name: &str) -> Option<String>;

    /// Names of all variables that are UTF-8.
    fn names(&self) -> Vec<String>;
}

/// The environment of this process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn value(&self, name: &str) -> Option<String> {
        trimmed(std::env::var(name).ok()?)
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }
}

impl Environment for HashMap<&str, &str> {
    fn value(&self, name: &str) -> Option<String> {
        trimmed((*self.get(name)?).to_owned())
    }

    fn names(&self) -> Vec<String> {
        self.keys().map(|name| (*name).to_owned()).collect()
    }
}

/// Secrets are often written to variables by commands whose output ends with a line break.
fn trimmed(value: String) -> Option<String> {
    let value = value.trim_end_matches(['\r', '\n']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// Returns whether `name` looks like the name of an environment variable, and not like a secret.
pub fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_uppercase() || first == '_')
        && characters.all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
}

/// The value of the variable that the key or option `key` names.
///
/// # Errors
/// If `name` is not the name of a variable, which may be the secret itself and is not quoted; or if the variable is
/// not set.
pub fn named(key: &str, name: &str, environment: &dyn Environment) -> Result<String, Problem> {
    if !is_variable_name(name) {
        return Err(Problem::new(format_args!(
            "`{key}` is not the name of an environment variable"
        ))
        .with_help(
            "write the name of the variable, for example ALICE_PASSWORD, not its value".to_owned(),
        ));
    }
    environment.value(name).ok_or_else(|| unset(key, name))
}

fn unset(key: &str, name: &str) -> Problem {
    Problem::new(format_args!("`{key}`: the environment variable {name} is not set or empty"))
        .with_help(format!("run `export {name}=…` first"))
}

/// Replaces each `${NAME}` in the value of `key` by a variable, and `$${` by `${`.
///
/// # Errors
/// If a reference is malformed or its variable is not set. The value is not quoted.
pub fn expand(key: &str, text: &str, environment: &dyn Environment) -> Result<String, Problem> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, reference) = rest.split_at(at);
        let reference = &reference[2..];
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = reference;
            continue;
        }
        expanded.push_str(before);
        let end = reference.find('}').filter(|end| is_variable_name(&reference[..*end]));
        let end = end.ok_or_else(|| {
            Problem::new(format_args!("`{key}`: `${{` does not begin the name of a variable"))
                .with_help("write `${NAME}`, or `$${` for the characters themselves".to_owned())
        })?;
        let name = &reference[..end];
        expanded.push_str(&environment.value(name).ok_or_else(|| unset(key, name))?);
        rest = &reference[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Returns whether `text` refers to a variable.
pub(crate) fn has_reference(text: &str) -> bool {
    text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> HashMap<&'static str, &'static str> {
        HashMap::from([("PASSWORD", "hunter2\n"), ("USER", "alice"), ("EMPTY", "\n")])
    }

    #[test]
    fn references_are_replaced() {
        let expand = |text| expand("user", text, &environment()).unwrap();
        assert_eq!(expand("${USER}:${PASSWORD}!"), "alice:hunter2!");
        assert_eq!(expand("a $5 $${USER} $"), "a $5 ${USER} $");
    }

    #[test]
    fn missing_variables_are_named_with_their_key() {
        let error = |text| expand("user", text, &environment()).unwrap_err().to_string();
        assert_eq!(error("${NOT}"), "`user`: the environment variable NOT is not set or empty");
        assert_eq!(error("${EMPTY}"), "`user`: the environment variable EMPTY is not set or empty");
        for malformed in ["${hunter2}", "hunter2${", "${HUNTER2"] {
            let error = error(malformed);
            assert!(!error.to_lowercase().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_secret_in_place_of_a_name_is_not_quoted() {
        let error = named("password_env", "hunter2", &environment()).unwrap_err();
        assert_eq!(error.to_string(), "`password_env` is not the name of an environment variable");
        assert_eq!(named("password_env", "PASSWORD", &environment()).unwrap(), "hunter2");
    }
}
