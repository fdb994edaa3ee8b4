//! The target under test: a remote one, or the embedded reference server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hearback_client::{
    Account, Accounts, Connection, ConnectionSettings, FailedLogins, Fixtures, Limits, Target,
    ThrottleRule, TokenCache,
};
use hearback_config::Source;
use hearback_config::variable::{ProcessEnvironment, named};
use hearback_contract::ReadingId;
use hearback_history::{ActorName, TargetOptions};
use hearback_mutants::{Deployment, FaultSet, ReadingSet, Switches, WeatherSet};
use hearback_reference::{Options, seeded};
use secrecy::SecretString;

use crate::error::RunError;

/// Number of accounts of the embedded server: enough that no account is in all rooms.
const EMBEDDED_ACCOUNTS: usize = 8;

/// A task and a property that the embedded server assumes to exist.
const EMBEDDED_FIXTURES: Fixtures = Fixtures { task: Some(42), property: Some(7) };

/// A target as it was specified; nothing was opened or sent yet.
#[derive(Clone, Debug)]
pub enum TargetSpec {
    /// A server that is already running.
    Remote(RemoteTarget),
    /// The embedded reference server.
    Embedded {
        /// Ids of the faults to switch on.
        faults: Vec<String>,
        /// The weather to start it in.
        weather: WeatherSet,
        /// Readings that it takes instead of the documented ones.
        readings: Vec<ReadingId>,
    },
}

/// A server that is already running.
#[derive(Clone, Debug)]
pub struct RemoteTarget {
    /// Base URL with its path.
    pub url: String,
    /// Base URL of the sockets, if it cannot be derived from `url`.
    pub socket_url: Option<String>,
    /// The file with the accounts.
    pub accounts: Source,
    /// Name of the environment variable with the key that tokens are signed with.
    pub jwt_secret_env: Option<String>,
    /// The connection to it.
    pub connection: Box<ConnectionSettings>,
    /// Limits of failed logins.
    pub failed_logins: FailedLoginLimits,
    /// The file with `[[throttle]]` tables, if any.
    pub throttles: Option<Box<Source>>,
    /// The file in which tokens are kept between runs, if they are.
    pub token_cache: Option<PathBuf>,
}

/// Limits of failed logins, which some backends answer with a lockout.
#[derive(Clone, Debug)]
pub struct FailedLoginLimits {
    /// Maximum number per hour, across runs.
    pub per_hour: usize,
    /// Account that tries a wrong password; the last one if `None`.
    pub account: Option<ActorName>,
    /// File in which they are kept.
    pub file: PathBuf,
}

/// A target that is ready to be tested.
pub struct TargetUnderTest {
    target: Target,
    accounts: Accounts,
    accounts_file: Option<Source>,
    jwt_secret: Option<SecretString>,
    failed_logins: Option<Arc<FailedLogins>>,
    throttles: Vec<ThrottleRule>,
    token_cache: Option<Arc<TokenCache>>,
    kind: TargetOptions,
    server: Option<Embedded>,
}

/// The embedded server, in this process or in one of its own.
enum Embedded {
    InProcess(Box<Deployment>),
    Process(u32),
}

impl TargetSpec {
    /// The base URL of the target, or the name of the embedded server, for reports of runs that did not start.
    pub fn url(&self) -> String {
        let url = match self {
            Self::Remote(remote) => remote.target().ok(),
            Self::Embedded { .. } => None,
        };
        url.map_or_else(|| "the embedded reference server".to_owned(), |it| it.rest().to_string())
    }

    /// Reads the accounts of a remote target, or starts the embedded server in this process.
    ///
    /// # Errors
    /// If the URL, the accounts file or a fault is invalid, or the server cannot be started.
    pub async fn open(&self) -> Result<TargetUnderTest, RunError> {
        match self {
            Self::Remote(remote) => remote.open(),
            Self::Embedded { faults, weather, readings } => {
                let switches = Switches {
                    readings: ReadingSet::new(readings.iter().copied())?,
                    faults: FaultSet::named(faults.iter().map(String::as_str))?,
                    weather: weather.clone(),
                };
                TargetUnderTest::embedded(switches).await
            }
        }
    }
}

impl RemoteTarget {
    /// The URLs of the target, and the connection to it.
    ///
    /// # Errors
    /// If a URL or a setting of the connection is invalid, or a file of it cannot be used.
    pub fn target(&self) -> Result<Target, RunError> {
        let target = Target::new(&self.url, self.socket_url.as_deref())?;
        Ok(target.reached_by(Connection::new(&self.connection)?))
    }

    /// Reads the accounts and the key; sends nothing.
    ///
    /// # Errors
    /// If the URL or the accounts file is invalid, or the environment variable is not set.
    pub fn open(&self) -> Result<TargetUnderTest, RunError> {
        let target = self.target()?;
        let accounts = Accounts::read(&self.accounts)?;
        let jwt_secret = self.jwt_secret_env.as_deref().map(jwt_secret).transpose()?;
        let kind = TargetOptions::External {
            accounts: self.accounts.path().display().to_string(),
            socket_url: self.socket_url.is_some().then(|| target.socket_text().to_owned()),
            jwt_secret_env: self.jwt_secret_env.clone(),
            connection: Box::new(target.connection().recorded(&self.connection)),
        };
        let jwt_secret = jwt_secret.map(SecretString::from);
        let accounts_file = Some(self.accounts.clone());
        let limits = &self.failed_logins;
        let account =
            limits.account.clone().or_else(|| Some(accounts.accounts.last()?.username.clone()));
        let failed_logins = account.map(|account| {
            let origin = target.rest().origin().ascii_serialization();
            let key = format!("{origin} from {}", own_address(&target));
            Arc::new(FailedLogins::new(limits.file.clone(), key, limits.per_hour, account))
        });
        let throttles = self.throttles.as_deref().map(ThrottleRule::read).transpose()?;
        let origin = target.rest().origin().ascii_serialization();
        let token_cache = self.token_cache.clone().map(|path| TokenCache::open(path, origin));
        Ok(TargetUnderTest {
            target,
            accounts,
            accounts_file,
            jwt_secret,
            failed_logins,
            throttles: throttles.unwrap_or_default(),
            token_cache: token_cache.transpose()?.map(Arc::new),
            kind,
            server: None,
        })
    }
}

impl TargetUnderTest {
    /// Starts the embedded server in this process, on a free port.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn embedded(switches: impl Into<Switches>) -> Result<Self, RunError> {
        let switches = switches.into();
        let secret = uuid::Uuid::new_v4().simple().to_string();
        let options = Options {
            accounts: seeded(EMBEDDED_ACCOUNTS),
            jwt_secret: Some(secret.clone()),
            ..Options::default()
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Deployment::start(options, &switches, address).await?;
        Ok(Self {
            target: Target::new(&server.base_url(), None)?,
            accounts: Accounts {
                accounts: embedded_accounts(EMBEDDED_ACCOUNTS),
                fixtures: EMBEDDED_FIXTURES,
            },
            accounts_file: None,
            jwt_secret: Some(secret.into()),
            failed_logins: None,
            throttles: Vec::new(),
            token_cache: None,
            kind: TargetOptions::Embedded {
                faults: switches.faults.names().collect(),
                weather: switches.weather.to_string(),
                readings: switches.readings.iter().collect(),
            },
            server: Some(Embedded::InProcess(Box::new(server))),
        })
    }

    /// A server that the caller started for this run and ends: accounts and ids are known to be right.
    pub fn started(
        target: Target,
        accounts: Vec<Account>,
        jwt_secret: Option<SecretString>,
        faults: Vec<String>,
        process: Option<u32>,
    ) -> Self {
        Self {
            target,
            accounts: Accounts::new(accounts),
            accounts_file: None,
            jwt_secret,
            failed_logins: None,
            throttles: Vec::new(),
            token_cache: None,
            kind: TargetOptions::Embedded { faults, weather: String::new(), readings: Vec::new() },
            server: process.map(Embedded::Process),
        }
    }

    /// A target that another process opened, with some of its accounts.
    pub fn assigned(
        target: Target,
        accounts: Vec<Account>,
        jwt_secret: Option<SecretString>,
        kind: TargetOptions,
    ) -> Self {
        Self { kind, ..Self::started(target, accounts, jwt_secret, Vec::new(), None) }
    }

    /// Its URLs.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The accounts to act as.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts.accounts
    }

    /// The task and the property that exist at the target.
    pub fn fixtures(&self) -> Fixtures {
        self.accounts.fixtures
    }

    /// The key that its tokens are signed with, if known.
    pub fn jwt_secret(&self) -> Option<SecretString> {
        self.jwt_secret.clone()
    }

    /// Limits of a client of the target, with a timeout for one response.
    pub(crate) fn limits(&self, timeout: Duration) -> Limits {
        Limits {
            failed_logins: self.failed_logins.clone(),
            throttle_rules: self.throttles.clone(),
            token_cache: self.token_cache.clone(),
            ..Limits::with_timeout(timeout)
        }
    }

    /// The options that specified it.
    pub fn kind(&self) -> &TargetOptions {
        &self.kind
    }

    /// The file that its accounts were read from; `None` for the embedded server.
    pub fn accounts_file(&self) -> Option<&Source> {
        self.accounts_file.as_ref()
    }

    /// Returns whether it is the embedded server, whose account ids are known to be right.
    pub fn is_embedded(&self) -> bool {
        matches!(self.kind, TargetOptions::Embedded { .. })
    }

    /// The process of the embedded server, if it has one of its own.
    pub fn process(&self) -> Option<u32> {
        match self.server {
            Some(Embedded::Process(process)) => Some(process),
            Some(Embedded::InProcess(_)) | None => None,
        }
    }

    /// The target in words.
    pub fn description(&self) -> String {
        let (faults, weather, readings) = match &self.kind {
            TargetOptions::External { .. } => return remote_description(&self.target),
            TargetOptions::Embedded { faults, weather, readings } => (faults, weather, readings),
        };
        let mut faults = match &faults[..] {
            [] => String::new(),
            faults => format!(" with {}", faults.join(", ")),
        };
        if !readings.is_empty() {
            let ids: Vec<_> = readings.iter().map(|id| id.as_str()).collect();
            faults.push_str(&format!(" reading {}", ids.join(", ")));
        }
        if !weather.is_empty() {
            faults.push_str(&format!(" in {weather}"));
        }
        match self.process() {
            None => format!("the embedded reference server{faults}"),
            Some(process) => format!("the embedded reference server (process {process}){faults}"),
        }
    }

    /// Stops the embedded server if it runs in this process.
    pub(crate) async fn stop(self) {
        if let Some(Embedded::InProcess(server)) = self.server {
            server.stop().await;
        }
    }
}

/// The URL of a target, and that of its sockets if they are on another host.
fn remote_description(target: &Target) -> String {
    let (rest, socket) = (target.rest(), target.socket());
    let is_same = rest.host() == socket.host()
        && rest.port_or_known_default() == socket.port_or_known_default();
    match is_same {
        true => rest.to_string(),
        false => format!("{rest} with sockets at {}", target.socket_text()),
    }
}

/// The address from which this machine reaches a target; nothing is sent to find it out.
fn own_address(target: &Target) -> IpAddr {
    if target.is_loopback() {
        return Ipv4Addr::LOCALHOST.into();
    }
    // Any public address has the same route; this one is reserved for documentation.
    let address = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    address.map_or(Ipv4Addr::UNSPECIFIED.into(), |address| address.ip())
}

/// The seeded accounts of an embedded server; their ids count from 1.
pub fn embedded_accounts(count: usize) -> Vec<Account> {
    seeded(count)
        .into_iter()
        .zip(1..)
        .map(|(person, id)| Account {
            id: Some(id.into()),
            full_name: Some(person.full_name),
            ..Account::with_password(person.username, person.password)
        })
        .collect()
}

/// The key in the environment variable that `--jwt-secret-env` names.
///
/// # Errors
/// If `name` is not the name of a variable, or the variable is not set.
pub fn jwt_secret(name: &str) -> Result<String, RunError> {
    named("--jwt-secret-env", name, &ProcessEnvironment).map_err(RunError::Environment)
}
