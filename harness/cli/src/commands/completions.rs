//! `hearback completions`.

use clap_complete::Shell;
use hearback_results::ExitStatus;

use crate::arguments::command;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(shell: Shell) -> Result<ExitStatus, Failure> {
    output::print(&script(shell));
    Ok(ExitStatus::Passed)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "hearback", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::{Command, ValueEnum as _};

    use super::*;

    /// The names of all commands below one, as paths.
    fn names(command: &Command) -> Vec<String> {
        let below = command.get_subcommands();
        below.flat_map(|it| [vec![it.get_name().to_owned()], names(it)].concat()).collect()
    }

    #[test]
    fn completions_of_every_shell_name_every_command() {
        let names = names(&command());
        assert!(names.len() > 18, "{names:?}");
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for name in &names {
                assert!(script.contains(name.as_str()), "{name} is missing for {shell}");
            }
        }
    }
}
