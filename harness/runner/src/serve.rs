//! Runs the embedded server until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hearback_client::{AccountSecret, Accounts};
use hearback_config::Source;
use hearback_contract::ReadingId;
use hearback_mutants::{Deployment, FaultSet, ReadingSet, Switches, WeatherSet};
use hearback_reference::{Account, Options, examples, seeded};
use secrecy::ExposeSecret as _;

use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
use crate::interrupt::{INTERRUPTED, stopped};
use crate::target::jwt_secret;

/// The embedded server as it was asked for.
#[derive(Clone, Debug)]
pub struct Server {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Database file; `None` for one in memory.
    pub database: Option<PathBuf>,
    /// Its accounts.
    pub accounts: ServerAccounts,
    /// Name of the environment variable with the key that tokens are signed with; `None` for a random key.
    pub jwt_secret_env: Option<String>,
    /// Lifetime of access tokens.
    pub access_lifetime: Duration,
    /// Ids of the faults to switch on.
    pub faults: Vec<String>,
    /// The weather to run in.
    pub weather: WeatherSet,
    /// Readings to take instead of the documented ones.
    pub readings: Vec<ReadingId>,
    /// True if the end of standard input stops the server.
    pub stops_with_input: bool,
}

/// Accounts of the embedded server.
#[derive(Clone, Debug)]
pub enum ServerAccounts {
    /// Those of the specification's examples, with the room that they name.
    Examples,
    /// This many default accounts.
    Seeded(usize),
    /// Those of an accounts file.
    File(Source),
}

impl Server {
    /// Serves until a signal or the end of standard input. A second signal does not wait for open connections.
    ///
    /// # Errors
    /// If a fault, a reading, the accounts or the key are invalid, or the server cannot be started.
    pub async fn serve(self, context: &Context) -> Result<(), RunError> {
        let examples = matches!(self.accounts, ServerAccounts::Examples);
        let accounts = self.accounts.read()?;
        let names = accounts.iter().map(|account| account.username.clone()).collect();
        let options = Options {
            database: self.database,
            accounts,
            examples,
            jwt_secret: self.jwt_secret_env.as_deref().map(jwt_secret).transpose()?,
            access_lifetime: self.access_lifetime,
            ..Options::default()
        };
        let switches = Switches {
            readings: ReadingSet::new(self.readings)?,
            faults: FaultSet::named(self.faults.iter().map(String::as_str))?,
            weather: self.weather,
        };
        let server = Deployment::start(options, &switches, self.listen).await?;
        context.emit(Event::Serving {
            url: server.base_url(),
            address: server.address(),
            accounts: names,
        });
        tokio::select! {
            stopped = stopped() => stopped,
            () = input_ends(), if self.stops_with_input => Ok(()),
        }
        .map_err(RunError::Signal)?;
        tokio::select! {
            () = server.stop() => {}
            _ = stopped() => std::process::exit(INTERRUPTED),
        }
        Ok(())
    }
}

impl ServerAccounts {
    fn read(&self) -> Result<Vec<Account>, RunError> {
        let file = match self {
            Self::Examples => return Ok(examples::accounts()),
            Self::Seeded(count) => return Ok(seeded(*count)),
            Self::File(file) => file,
        };
        let accounts = Accounts::read(file)?.accounts.into_iter();
        let account = |account: hearback_client::Account| {
            let AccountSecret::Password(password) = &account.secret else {
                let file = file.path().to_owned();
                return Err(RunError::PasswordMissing { file, account: account.username });
            };
            let username = account.username.to_string();
            Ok(Account {
                password: password.expose_secret().to_owned(),
                email: format!("{username}@example.com"),
                full_name: account.full_name.unwrap_or_else(|| username.clone()),
                username,
            })
        };
        accounts.map(account).collect()
    }
}

/// Waits for the end of standard input, and discards what is read.
async fn input_ends() {
    let ended = tokio::task::spawn_blocking(|| {
        let _discarded = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    });
    let _ended = ended.await;
}
