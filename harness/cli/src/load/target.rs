//! The target of a load run: the one that was named, or the embedded server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, anyhow};
use hearback_client::{Account, Target};
use hearback_loadtests::{Profile, unsigned};
use secrecy::SecretString;

use crate::arguments::{CapacityOf, Load};
use crate::exit::Failure;
use crate::target::{NamedTarget, embedded_accounts};

/// Where the embedded server finds its key.
const SECRET: &str = "HEARBACK_LOAD_JWT_SECRET";
/// Long enough for any soak.
const ACCESS_LIFETIME: &str = "86400";

/// A search for the most members begins with a profile's own and goes up to so many times as many.
const GROWTH: usize = 16;
/// Up to so many accounts log in to the embedded server; the tokens of more are signed here.
pub(super) const LOG_INS: usize = 200;
/// Most accounts of an embedded server.
const MOST: usize = 20_000;

/// What is put under load, and with which accounts.
pub(crate) struct TargetUnderLoad {
    target: Target,
    accounts: Vec<Account>,
    jwt_secret: Option<SecretString>,
    embedded: Option<Embedded>,
}

/// The embedded server; it ends when this is dropped, and with this process whatever becomes of it.
struct Embedded {
    process: Child,
    _output: BufReader<ChildStdout>,
}

impl TargetUnderLoad {
    /// Reads the accounts of a named target, or starts the embedded server with as many as are needed.
    pub(crate) fn prepare(options: &Load, profile: &Profile) -> Result<Self, Failure> {
        match Self::named(options)? {
            Some(named) => Ok(named),
            None => Self::embedded(&options.whom.fault, accounts_for(options, profile)),
        }
    }

    /// Reads what was named, if a target was; nothing is sent.
    pub(crate) fn named(options: &Load) -> Result<Option<Self>, Failure> {
        let named = NamedTarget::read(&options.whom, |target| {
            let host = target.rest().host_str().unwrap_or_default();
            if target.is_loopback() || options.yes_load.as_deref() == Some(host) {
                return Ok(());
            }
            Err(Failure::usage(anyhow!(
                "{host} is not this machine: a load run can put it out of service. If you may do that, say \
                 so with --yes-load {host}"
            )))
        })?;
        Ok(named.map(|NamedTarget { target, accounts, jwt_secret }| Self {
            target,
            accounts: accounts.accounts,
            jwt_secret,
            embedded: None,
        }))
    }

    fn embedded(faults: &[String], accounts: usize) -> Result<Self, Failure> {
        hearback_mutants::FaultSet::named(faults.iter().map(String::as_str))?;
        let secret = uuid::Uuid::new_v4().to_string();
        let unstarted = |error| Failure::unfinished(error);
        let program = std::env::current_exe()
            .context("the program's own file is not known")
            .map_err(unstarted)?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--while-stdin"])
            .args(["--accounts", &accounts.to_string(), "--access-lifetime", ACCESS_LIFETIME])
            .args(["--jwt-secret-env", SECRET])
            .args(faults.iter().flat_map(|fault| ["--fault", fault]))
            .env(SECRET, &secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C is for this process: the server is needed to the end of the run.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process =
            command.spawn().context("the embedded server cannot be started").map_err(unstarted)?;
        let output = process.stdout.take().context("it has no output").map_err(unstarted)?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        let said = output.read_line(&mut line).context("the embedded server says nothing");
        let embedded = Embedded { process, _output: output };
        said.map_err(unstarted)?;
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .with_context(|| format!("the embedded server did not start: {line}"))
            .map_err(unstarted)?;
        Ok(Self {
            target: Target::new(url.trim_end_matches(','), None)?,
            accounts: embedded_accounts(accounts),
            // So many log-ins take longer than what they are for.
            jwt_secret: (accounts > LOG_INS).then(|| secret.into()),
            embedded: Some(embedded),
        })
    }

    /// Where it is.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Who can be acted as.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The key that its tokens are signed with, where it is known.
    pub(crate) fn jwt_secret(&self) -> Option<SecretString> {
        self.jwt_secret.clone()
    }

    /// What --jwt-secret-env cannot do for the first so many accounts, if anything.
    pub(crate) fn unsigned(&self, accounts: usize) -> Option<String> {
        self.jwt_secret.as_ref()?;
        let used = &self.accounts[..accounts.min(self.accounts.len())];
        match unsigned(used) {
            0 => None,
            count => Some(format!(
                "{count} of {} accounts log in in spite of --jwt-secret-env: a token can only be signed for an \
                 account whose `id` is in the accounts file",
                used.len()
            )),
        }
    }

    /// Whether it is the embedded server.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// The server's process, where it was started here.
    pub(crate) fn process(&self) -> Option<u32> {
        self.embedded.as_ref().map(|embedded| embedded.process.id())
    }

    /// What it is, in words.
    pub(crate) fn description(&self) -> String {
        match &self.embedded {
            Some(embedded) => {
                format!("the embedded server (process {})", embedded.process.id())
            }
            None => self.target.rest().to_string(),
        }
    }
}

/// Accounts of the embedded server: as many as are asked for, and room for a search to grow into.
fn accounts_for(options: &Load, profile: &Profile) -> usize {
    match options.find_capacity {
        Some(CapacityOf::Members) => (profile.accounts * GROWTH).min(MOST),
        _ => profile.accounts,
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
