//! Limits that protect the target.

use clap::Args;
use hearback_runner::run;
use hearback_runner::target::FailedLoginLimits;

/// Limits that protect the target.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// Maximum number of failed logins per hour at one target, across runs; 0 disables them
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    failed_logins_per_hour: usize,
    /// Account that tries a wrong password [default: the last account]
    #[arg(long, value_name = "NAME", requires = "target")]
    failed_login_account: Option<String>,
}

impl LimitOptions {
    /// The limits of failed logins.
    pub(crate) fn failed_logins(&self) -> FailedLoginLimits {
        FailedLoginLimits {
            per_hour: self.failed_logins_per_hour,
            account: self.failed_login_account.clone().map(Into::into),
            file: run::failed_logins_file(),
        }
    }
}
