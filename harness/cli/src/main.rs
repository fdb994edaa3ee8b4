//! The `hearback` binary: arguments in, text and an exit code out.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

// First, since its macros apply to the modules below.
#[macro_use]
mod stderr;

mod arguments;
mod commands;
mod config_file;
mod configuration;
mod execution;
mod exit;
mod failure;
mod github;
mod log;
mod output;
mod plots;
mod progress;
mod reporting;
mod stream;

use std::process::ExitCode;

use anyhow::anyhow;

use arguments::Command;
use failure::Failure;

/// The workspace's manifest gives the reason.
#[cfg(all(feature = "mimalloc", target_os = "linux"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match configuration::parse() {
        Ok(arguments) => arguments,
        Err(error) => return Failure::print_options(error),
    };
    if let Some(filter) = arguments.log.clone() {
        log::start(filter);
    }
    if let Err(failure) = commands::contract::put_in_force(&arguments) {
        failure.print();
        return ExitCode::from(failure.status().code());
    }
    let result = match arguments.command {
        Command::Check(options) => commands::check::run(&options),
        Command::Adopt(options) => commands::adopt::run(&options),
        Command::Doctor(options) => commands::doctor::run(&options),
        Command::Fuzz(options) => commands::fuzz::run(&options),
        Command::Replay(options) => commands::replay::run(&options),
        Command::Recheck(options) => commands::recheck::run(&options),
        Command::Merge(options) => commands::merge::run(&options),
        Command::Scenario(options) => commands::scenario::run(options),
        Command::Load(options) => commands::load::run(&options),
        Command::Worker(options) => commands::worker::run(&options),
        Command::Profile(options) => commands::profile::run(options),
        Command::Runs(options) => commands::runs::run(&options),
        Command::Clean(options) => commands::clean::run(&options),
        Command::Report(options) => commands::report::run(&options),
        Command::Compare(options) => commands::compare::run(&options),
        Command::Calibrate(options) => commands::calibrate::run(&options),
        Command::Serve(options) => commands::serve::run(options),
        Command::Prove(options) => commands::prove::run(&options),
        Command::List(options) => commands::list::run(&options),
        Command::Explain(options) => commands::explain::run(&options),
        Command::Contract(options) => {
            commands::contract::run(&options, arguments.contract.as_deref())
        }
        Command::Config(options) => commands::config::run(options),
        Command::Schema(options) => commands::schema::run(options),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Man { folder } => commands::man::run(&folder),
    };
    let result = match output::error() {
        Some(error) if result.is_ok() => {
            Err(Failure::incomplete(anyhow!("cannot write to standard output: {error}")))
        }
        _ => result,
    };
    match result {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.status().code())
        }
    }
}
