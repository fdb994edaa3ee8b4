//! The embedded server in a process of its own, so that it does not share the generator's processor time.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use hearback_client::Target;
use hearback_config::options::NO_CONFIG;
use hearback_contract::ReadingId;
use hearback_mutants::{FaultSet, ReadingSet, WeatherSet};

use crate::error::RunError;
use crate::target::{TargetUnderTest, embedded_accounts};

/// Environment variable that passes the key to the server.
const SECRET: &str = "HEARBACK_LOAD_JWT_SECRET";

/// Lifetime of access tokens in seconds: long enough for any soak test.
const ACCESS_LIFETIME: &str = "86400";

/// Maximum number of accounts that log in; the tokens of more are signed, since logins would take longer than
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
    /// Starts the server on a free port, as another process of this program.
    ///
    /// # Errors
    /// If a fault is unknown or the server cannot be started.
    pub(super) fn start(
        faults: &[String],
        weather: &WeatherSet,
        readings: &[ReadingId],
        accounts: usize,
    ) -> Result<Self, RunError> {
        FaultSet::named(faults.iter().map(String::as_str))?;
        ReadingSet::new(readings.iter().copied())?;
        Self::spawn(faults, weather, readings, accounts).map_err(RunError::ServerProcess)
    }

    fn spawn(
        faults: &[String],
        weather: &WeatherSet,
        readings: &[ReadingId],
        accounts: usize,
    ) -> io::Result<Self> {
        let secret = uuid::Uuid::new_v4().to_string();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["serve", "--config", NO_CONFIG, "--listen", "127.0.0.1:0", "--while-stdin"])
            .args(["--accounts", &accounts.to_string(), "--access-lifetime", ACCESS_LIFETIME])
            .args(["--jwt-secret-env", SECRET])
            .args(faults.iter().flat_map(|fault| ["--fault", fault]))
            .args(readings.iter().flat_map(|reading| ["--reading", reading.as_str()]))
            .args(["--weather", &weather.to_string()])
            .env(SECRET, &secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C is for this process: the server is needed until the run has ended.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn()?;
        let output =
            process.stdout.take().ok_or_else(|| io::Error::other("its output is not a pipe"))?;
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
                let printed = line.trim_end();
                Err(io::Error::other(format!("it printed `{printed}` instead of its URL")))
            }
        }
    }

    /// The target under test.
    ///
    /// # Errors
    /// If its URL is invalid.
    pub(super) fn target(&self) -> Result<TargetUnderTest, RunError> {
        let target = Target::new(&self.url, None)?;
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
