//! The plan of a load run, and what it needs; nothing is sent to find it out.

use hearback_client::Account;
use hearback_loadtests::{Plan, Profile, machine};

use super::server_process::MAXIMUM_LOG_INS;
use super::specification::Specification;
use crate::error::RunError;
use crate::onboarding::unsigned::{Unsigned, unsigned};
use crate::target::{TargetSpec, TargetUnderTest};

/// Memory per socket in the generator, in KiB; measured by `cargo bench -p hearback-loadtests`.
const KIBIBYTES_PER_SOCKET: usize = 20;

/// Memory of the generator without sockets, in MiB.
const BASE_MEBIBYTES: usize = 64;

/// The plan of a load run.
#[derive(Debug)]
pub struct LoadPlan {
    /// The schedule.
    pub profile: Profile,
    /// Rooms and members.
    pub members: Plan,
    /// The part of each worker, if several perform the run.
    pub parts: Vec<Plan>,
    /// URLs of a remote target: of requests, and of sockets. `None` for the embedded server.
    pub urls: Option<(String, String)>,
    /// The accounts.
    pub accounts: PlannedAccounts,
    /// Number of descriptors that the run needs.
    pub needed_descriptors: u64,
    /// Number of descriptors that the system allows.
    pub allowed_descriptors: u64,
    /// Memory of the generator, in MiB.
    pub mebibytes: usize,
    /// Hosts that must be allowed before the run may start.
    pub forbidden_hosts: Vec<String>,
}

/// The accounts of a load run.
#[derive(Debug)]
pub struct PlannedAccounts {
    /// Number of accounts.
    pub available: usize,
    /// Number of accounts that may create rooms.
    pub creators: usize,
    /// Number of accounts that log in; the tokens of others are signed.
    pub log_ins: usize,
    /// Accounts that log in although the key of the target is known.
    pub unsigned: Option<Unsigned>,
}

impl LoadPlan {
    /// Returns whether this machine and the accounts allow the run.
    pub fn is_possible(&self) -> bool {
        self.has_descriptors() && self.accounts.creators > 0
    }

    /// Returns whether the system allows as many descriptors as the run needs.
    pub fn has_descriptors(&self) -> bool {
        self.needed_descriptors <= self.allowed_descriptors
    }
}

impl Specification {
    /// Lays out the profile for one process, or for several `workers`. Reads the accounts of a remote target, and starts no embedded server.
    ///
    /// # Errors
    /// If the target, its accounts file or the profile is invalid.
    pub fn plan(
        &self,
        allowed_descriptors: u64,
        workers: Option<usize>,
    ) -> Result<LoadPlan, RunError> {
        let (urls, accounts) = match &self.target {
            TargetSpec::Embedded { .. } => (None, self.embedded_accounts()),
            TargetSpec::Remote(remote) => {
                let target = remote.open()?;
                let urls = target.target();
                let urls = (urls.rest().to_string(), urls.socket_text().to_owned());
                (Some(urls), self.accounts_of(&target))
            }
        };
        let members = Plan::new(&self.profile, accounts.available, self.options.identity.seed)?;
        let parts = members.parts(workers.unwrap_or_default(), self.profile.shared_accounts)?;
        // Those of one process.
        let all = members.members.len();
        let sockets = parts.iter().map(|part| part.members.len()).max().unwrap_or(all);
        Ok(LoadPlan {
            profile: self.profile.clone(),
            parts,
            urls,
            accounts,
            needed_descriptors: sockets as u64 + machine::SPARE_DESCRIPTORS,
            allowed_descriptors,
            mebibytes: sockets * KIBIBYTES_PER_SOCKET / 1024 + BASE_MEBIBYTES,
            members,
            forbidden_hosts: self.forbidden_hosts()?,
        })
    }

    fn embedded_accounts(&self) -> PlannedAccounts {
        let all = self.profile.accounts;
        let log_ins = if all > MAXIMUM_LOG_INS { 1 } else { all };
        PlannedAccounts { available: all, creators: all, log_ins, unsigned: None }
    }

    fn accounts_of(&self, target: &TargetUnderTest) -> PlannedAccounts {
        let all = target.accounts();
        let used = &all[..all.len().min(self.profile.accounts)];
        let signs = target.jwt_secret().is_some();
        let may_create = |account: &&Account| account.creates_rooms;
        PlannedAccounts {
            available: all.len(),
            creators: all.iter().filter(may_create).count(),
            log_ins: if signs { 1 + unsigned(used) } else { used.len() },
            unsigned: Unsigned::find(target, self.profile.accounts),
        }
    }
}
