//! The embedded server in a process of its own, so that it does not share the generator's processor time.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use hearback_client::Target;
use hearback_config::options::NO_CONFIG;
use hearback_mutants::FaultSet;
use hearback_runner::TargetUnderTest;
use hearback_runner::target::embedded_accounts;

use crate::failure::Failure;

/// Environment variable that passes the key to the server.
const SECRET: &str = "HEARBACK_LOAD_JWT_SECRET";

/// Lifetime of access tokens in seconds: long enough for any soak test.
const ACCESS_LIFETIME: &str = "86400";

/// Maximum number of accounts that log in; the tokens of more are signed, since log-ins would take longer than
/// the run.
pub(super) const MAXIMUM_LOG_INS: usize = 200;

/// The server; it ends when this is dropped, and when this process ends.
pub(super) struct ServerProcess {
    process: Child,
    _output: BufReader<ChildStdout>,
    url: String,
    secret: String,
    accounts: usize,
    faults: Vec<String>,
}

impl ServerProcess {
    /// Starts the server on a free port.
    pub(super) fn start(faults: &[String], accounts: usize) -> Result<Self, Failure> {
        FaultSet::named(faults.iter().map(String::as_str)).map_err(Failure::usage)?;
        Self::spawn(faults, accounts)
            .context("cannot start the embedded server")
            .map_err(Failure::incomplete)
    }

    fn spawn(faults: &[String], accounts: usize) -> anyhow::Result<Self> {
        let secret = uuid::Uuid::new_v4().to_string();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["serve", "--config", NO_CONFIG, "--listen", "127.0.0.1:0", "--while-stdin"])
            .args(["--accounts", &accounts.to_string(), "--access-lifetime", ACCESS_LIFETIME])
            .args(["--jwt-secret-env", SECRET])
            .args(faults.iter().flat_map(|fault| ["--fault", fault]))
            .env(SECRET, &secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C is for this process: the server is needed until the run has ended.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn()?;
        let output = process.stdout.take().context("its output is not a pipe")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .map(|url| url.trim_end_matches(',').to_owned());
        let faults = faults.to_vec();
        match url {
            Some(url) => Ok(Self { process, _output: output, url, secret, accounts, faults }),
            None => {
                process.wait()?;
                anyhow::bail!("it printed `{}` instead of its URL", line.trim_end())
            }
        }
    }

    /// The target under test.
    pub(super) fn target(&self) -> Result<TargetUnderTest, Failure> {
        let target = Target::new(&self.url, None).map_err(Failure::incomplete)?;
        let secret = (self.accounts > MAXIMUM_LOG_INS).then(|| self.secret.clone().into());
        Ok(TargetUnderTest::started(
            target,
            embedded_accounts(self.accounts),
            secret,
            self.faults.clone(),
            Some(self.process.id()),
        ))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended on its own.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
