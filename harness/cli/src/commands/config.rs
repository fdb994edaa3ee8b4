//! `hearback config`.

use anyhow::anyhow;
use hearback_config::options::{Effective, OptionsError};
use hearback_reports::table::Layout;
use hearback_reports::{Style, configuration as configuration_report};
use hearback_results::ExitStatus;

use crate::arguments::{Config, ConfigCommand, ListFormat};
use crate::config_file;
use crate::configuration::configuration;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: Config) -> Result<ExitStatus, Failure> {
    match options.command {
        ConfigCommand::Show { format, command } => {
            let table = configuration_report::effective(effective(&command)?);
            output::print(&match format {
                ListFormat::Text => table.text(Style::default(), Layout::LIST),
                ListFormat::Markdown => table.markdown(usize::MAX),
                ListFormat::Json => format!("{:#}", table.json()),
            });
        }
        ConfigCommand::Schema => output::print(&format!("{:#}", configuration().schema())),
    }
    Ok(ExitStatus::Passed)
}

/// The options of a command line with the configuration of this process, or of all commands.
fn effective(command: &[String]) -> Result<Vec<Effective>, Failure> {
    let selection = config_file::selection();
    if command.is_empty() {
        return configuration().effective(selection).map_err(Failure::invalid_file);
    }
    let arguments =
        ["hearback".to_owned()].into_iter().chain(selection.to_vec()).chain(command.to_vec());
    match configuration().resolve(arguments.map(Into::into).collect()) {
        Ok(resolved) => Ok(resolved.effective),
        Err(OptionsError::File(error)) => Err(Failure::invalid_file(error)),
        Err(error) => {
            let text = error.to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
            Err(Failure::usage(anyhow!(text)))
        }
    }
}
