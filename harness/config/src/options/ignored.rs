//! Environment variables that were meant to set an option and do not.

use hearback_contract::Suggestions;

use super::key::snake_case;
use super::registry::Registry;
use crate::variable::Environment;

/// Variables named like an option without its section, such as `HEARBACK_TIMEOUT`. Others may hold secrets that the
/// file refers to, so that no other name is reported.
pub(super) fn ignored_variables(registry: &Registry, environment: &dyn Environment) -> Vec<String> {
    let variables: Vec<_> = registry.keys().map(|(key, _)| key.variable()).collect();
    let mut names = environment.names();
    names.sort_unstable();
    let meant = |name: &String| {
        let option = name.strip_prefix("HEARBACK_").filter(|_| !variables.contains(name))?;
        let option = option.to_lowercase();
        let documented = registry.documented().into_iter();
        let right: Vec<_> = documented
            .filter(|it| {
                let long = it.arg.get_long().map(snake_case);
                it.key().name == option || long.as_ref() == Some(&option)
            })
            .map(|it| it.key().variable())
            .collect();
        let right = (!right.is_empty()).then(|| Suggestions::Similar(right).help())??;
        Some(format!("the environment variable {name} has no effect; {right}"))
    };
    names.iter().filter_map(meant).collect()
}
