//! `hearback man`.

use std::path::Path;
use std::{fs, io};

use anyhow::anyhow;
use hearback_results::ExitStatus;

use crate::arguments::command;
use crate::failure::Failure;

pub(crate) fn run(folder: &Path) -> Result<ExitStatus, Failure> {
    write(folder).map_err(|error| {
        let folder = folder.display();
        Failure::incomplete(anyhow!("cannot write man pages to {folder}: {error}"))
    })?;
    Ok(ExitStatus::Passed)
}

/// Writes a page per command, which depends on the version only and not on the build.
fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command().long_version(None::<&str>), folder)
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    /// Writes the pages, and checks that of a command and those of the commands below it; their number.
    fn pages(folder: &Path, command: &Command, name: &str) -> usize {
        let page = fs::read_to_string(folder.join(format!("{name}.1"))).expect(name);
        let page = page.replace('\\', "");
        let shown = command.get_arguments().filter(|it| !it.is_hide_set());
        for option in shown.filter_map(clap::Arg::get_long) {
            assert!(page.contains(&format!("--{option}")), "{name}: --{option} is missing");
        }
        let below = command.get_subcommands().filter(|it| it.get_name() != "help");
        1 + below.map(|it| pages(folder, it, &format!("{name}-{}", it.get_name()))).sum::<usize>()
    }

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let folder = tempfile::tempdir().unwrap();
        let created = folder.path().join("man/man1");
        write(&created).unwrap();
        let pages = pages(&created, &command(), "hearback");
        assert!(pages > 20, "{pages}");
        assert_eq!(fs::read_dir(&created).unwrap().count(), pages);
    }
}
