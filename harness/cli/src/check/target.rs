//! The target of a check: the one that was named, or the embedded server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use hearback_client::{Account, Accounts, Fixtures, Target};
use hearback_history::TargetOptions;
use hearback_mutants::FaultSet;
use hearback_reference::{Options, Server, seeded};
use secrecy::SecretString;

use crate::arguments;
use crate::exit::Failure;
use crate::target::{NamedTarget, embedded_accounts};

/// How many accounts the embedded server has: enough that nobody is in all rooms.
const EMBEDDED_ACCOUNTS: usize = 8;

/// A task and a property that the embedded server takes as existing.
const EMBEDDED_FIXTURES: Fixtures = Fixtures { task: Some(42), property: Some(7) };

/// What is checked, and with which accounts.
pub(crate) struct TargetUnderTest {
    target: Target,
    accounts: Accounts,
    jwt_secret: Option<SecretString>,
    kind: TargetOptions,
    embedded: Option<Server>,
}

impl TargetUnderTest {
    /// Reads the accounts of a named target, or starts the embedded server.
    pub(crate) async fn prepare(options: &arguments::Target) -> Result<Self, Failure> {
        let whom = &options.whom;
        match NamedTarget::read(whom, |_| Ok(()))? {
            Some(NamedTarget { target, accounts, jwt_secret }) => {
                let path = whom.accounts.as_deref().unwrap_or_else(|| Path::new(""));
                let kind = TargetOptions::External {
                    accounts: path.display().to_string(),
                    socket_url: whom.socket_url.is_some().then(|| target.socket().to_string()),
                    jwt_secret_env: whom.jwt_secret_env.clone(),
                };
                Ok(Self { target, accounts, jwt_secret, kind, embedded: None })
            }
            None => {
                let faults = whom.fault.iter().map(String::as_str);
                Self::embedded(FaultSet::named(faults)?).await
            }
        }
    }

    /// Starts the embedded server on a free port.
    pub(crate) async fn embedded(faults: FaultSet) -> Result<Self, Failure> {
        let ids = faults.iter().map(|fault| fault.id.to_string()).collect();
        let secret = uuid::Uuid::new_v4().to_string();
        let server_options = Options {
            accounts: seeded(EMBEDDED_ACCOUNTS),
            seams: faults.seams(),
            jwt_secret: Some(secret.clone()),
            ..Options::default()
        };
        let server = Server::start(server_options, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .map_err(|error| Failure::unfinished(error.into()))?;
        Ok(Self {
            target: Target::new(&server.base_url(), None)?,
            accounts: Accounts {
                accounts: embedded_accounts(EMBEDDED_ACCOUNTS),
                fixtures: EMBEDDED_FIXTURES,
            },
            jwt_secret: Some(secret.into()),
            kind: TargetOptions::Embedded { faults: ids },
            embedded: Some(server),
        })
    }

    /// Where it is.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Who can be acted as.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts.accounts
    }

    /// What exists beside them.
    pub(crate) fn fixtures(&self) -> Fixtures {
        self.accounts.fixtures
    }

    /// The key that its tokens are signed with, where it is known.
    pub(crate) fn jwt_secret(&self) -> Option<SecretString> {
        self.jwt_secret.clone()
    }

    /// How it was named.
    pub(crate) fn kind(&self) -> &TargetOptions {
        &self.kind
    }

    /// The file that the accounts were read from, if they were.
    pub(crate) fn accounts_file(&self) -> Option<&Path> {
        match &self.kind {
            TargetOptions::External { accounts, .. } => Some(Path::new(accounts)),
            TargetOptions::Embedded { .. } => None,
        }
    }

    /// What it is, in words.
    pub(crate) fn description(&self) -> String {
        match &self.kind {
            TargetOptions::Embedded { faults } if faults.is_empty() => {
                "the embedded reference server".to_owned()
            }
            TargetOptions::Embedded { faults } => {
                format!("the embedded reference server with {}", faults.join(", "))
            }
            TargetOptions::External { .. } => self.target.rest().to_string(),
        }
    }

    /// Stops the embedded server, if it is that.
    pub(crate) async fn stop(self) {
        if let Some(server) = self.embedded {
            server.stop().await;
        }
    }
}
