//! Exit codes, and errors that end a command.

use std::fmt;

use miette::Diagnostic;

/// Everything that was looked at holds.
pub(crate) const HOLDS: u8 = 0;
/// Something that was looked at does not.
pub(crate) const BROKEN: u8 = 1;
/// The command line, a file named on it, or the configuration is wrong.
pub(crate) const USAGE: u8 = 2;
/// The target cannot be reached, or the run could not finish.
pub(crate) const UNFINISHED: u8 = 3;

/// There was nothing to look at.
pub(crate) const NOTHING: u8 = 4;

/// What `--help` says of the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  every requirement that was looked at holds
  1  a requirement at or above --fail-on is broken
  2  the command line or a file named on it is wrong
  3  the target cannot be reached, or the run could not finish
  4  nothing was exercised";

/// What `scenario run --help` says of the exit codes.
pub(crate) const SCENARIO_HELP: &str = "\
Exit codes:
  0  every expectation and every requirement that was looked at holds
  1  an expectation, or a requirement at or above --fail-on, is broken
  2  the command line or a file named on it is wrong
  3  a scenario stopped, or the target cannot be reached
  4  nothing was exercised";

/// What `load --help` says of the exit codes.
pub(crate) const LOAD_HELP: &str = "\
Exit codes:
  0  every service level is met
  1  a service level is not met
  2  the command line or a file named on it is wrong
  3  the target cannot be reached, the run could not finish, or the generator
     did not keep its own schedule, so that the run is void or a search for
     the capacity ended with the generator's
  4  nothing was measured";

/// What `compare --help` says of the exit codes.
pub(crate) const COMPARE_HELP: &str = "\
Exit codes:
  0  the second side is not worse, or better
  1  the second side is worse
  2  the command line or a file named on it is wrong, or the runs cannot be compared
  4  neither is shown";

/// What `calibrate --help` says of the exit codes.
pub(crate) const CALIBRATE_HELP: &str = "\
Exit codes:
  0  a change as large as the minimum is seen
  1  the runs differ from each other by more than chance and the minimum
  2  the command line or a file named on it is wrong, or the runs cannot be compared
  4  a change as large as the minimum may go unseen, or there are too few runs";

/// What `replay --help` says of the exit codes.
pub(crate) const REPLAY_HELP: &str = "\
Exit codes:
  0  the requirement held each time
  1  it was broken again, at least once
  2  the command line, or what it names, is wrong
  3  the target cannot be reached, or the run could not finish
  4  the requirement was not exercised";

/// An error that ends the command.
pub(crate) struct Failure {
    code: u8,
    kind: Kind,
}

enum Kind {
    /// With its variants.
    Plain(anyhow::Error),
    /// With help, and the place in a file.
    Diagnostic(miette::Report),
}

impl Failure {
    /// The user asked for something that cannot be.
    pub(crate) fn usage(error: anyhow::Error) -> Self {
        Self { code: USAGE, kind: Kind::Plain(error) }
    }

    /// The user wrote a file that cannot be used.
    pub(crate) fn file(diagnostic: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self { code: USAGE, kind: Kind::Diagnostic(diagnostic.into()) }
    }

    /// The run could not be carried out.
    pub(crate) fn unfinished(error: anyhow::Error) -> Self {
        Self { code: UNFINISHED, kind: Kind::Plain(error) }
    }

    /// The target cannot be tested.
    pub(crate) fn unreachable(diagnostic: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self { code: UNFINISHED, kind: Kind::Diagnostic(diagnostic.into()) }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// Tells the user.
    pub(crate) fn print(&self) {
        match &self.kind {
            Kind::Plain(error) => {
                let mut told = error.to_string();
                eprintln!("error: {told}");
                for variant in error.chain().skip(1).map(ToString::to_string) {
                    // Many errors already end with the text of their variant.
                    if !told.ends_with(&variant) {
                        eprintln!("  because: {variant}");
                    }
                    told = variant;
                }
            }
            Kind::Diagnostic(report) => eprintln!("{report:?}"),
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::usage(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Plain(error) => write!(formatter, "{error:?}"),
            Kind::Diagnostic(report) => write!(formatter, "{report:?}"),
        }
    }
}
