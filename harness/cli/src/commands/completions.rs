//! `hearback completions`: completions for a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::{self, Failure};
use crate::output;

pub(crate) fn run(shell: Shell) -> Result<u8, Failure> {
    let mut scenario = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "hearback", &mut scenario);
    output::print(&String::from_utf8_lossy(&scenario));
    Ok(exit::HOLDS)
}
