//! The `hearback` binary: does a chat backend keep the AriStay Chat API, and how fast is it?

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod arguments;
mod check;
mod commands;
mod exit;
mod load;
mod output;
mod plots;
mod target;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit::Failure;

/// Why this one stands in the workspace's manifest.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Check(options) => commands::check::run(options),
        Command::Load(options) => commands::load::run(options),
        Command::Report(options) => commands::report::run(options),
        Command::Compare(options) => commands::compare::run(options),
        Command::Calibrate(options) => commands::calibrate::run(options),
        Command::Fuzz(options) => commands::fuzz::run(*options),
        Command::Replay(options) => commands::replay::run(*options),
        Command::Serve(options) => commands::serve::run(options),
        Command::Prove(options) => commands::prove::run(options),
        Command::Scenario(options) => commands::scenario::run(options),
        Command::Judge(options) => commands::judge::run(options),
        Command::List(options) => commands::list::run(options),
        Command::Explain(options) => commands::explain::run(options),
        Command::Schema(options) => commands::schema::run(options),
        Command::Completions { shell } => commands::completions::run(shell),
    };
    let result = match output::lost() {
        Some(error) if result.is_ok() => Err(Failure::unfinished(anyhow::anyhow!(
            "not all could be written to standard output: {error}"
        ))),
        _ => result,
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code())
        }
    }
}

/// A runtime for the commands that talk to a target or are one.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unfinished(error.into()))
}
