//! Assignments: a part of a run, its target, and its accounts.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hearback_client::{Account, AccountSecret, Connection, ConnectionSettings, PemFile, Target};
use hearback_contract::UserId;
use hearback_history::TargetOptions;
use hearback_loadtests::{Part, Profile};
use hearback_runner::RunError;
use hearback_runner::target::TargetUnderTest;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::WorkersError;

/// The part of a run that a worker performs. It contains secrets, so that it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) run: String,
    pub(crate) seed: u64,
    pub(crate) tag: u32,
    pub(crate) part: Part,
    /// Number of accounts of all workers.
    pub(crate) all_accounts: usize,
    pub(crate) profile: Profile,
    pub(crate) timeout: Duration,
    /// True if the record so far is reported every second.
    pub(crate) interim: bool,
    target: AssignedTarget,
}

#[derive(Serialize, Deserialize)]
struct AssignedTarget {
    url: String,
    socket: String,
    kind: TargetOptions,
    connection: AssignedConnection,
    accounts: Vec<AssignedAccount>,
    jwt_secret: Option<String>,
}

/// Settings of the connection, with the files that they name.
#[derive(Default, Serialize, Deserialize)]
struct AssignedConnection {
    headers: Vec<String>,
    origin: Option<String>,
    user: Option<String>,
    insecure: bool,
    proxy: Option<String>,
    resolve: Vec<String>,
    cacert: Option<AssignedFile>,
    cert: Option<AssignedFile>,
    key: Option<AssignedFile>,
    interface: Vec<IpAddr>,
}

/// A file of the coordinator's machine.
#[derive(Serialize, Deserialize)]
struct AssignedFile {
    path: PathBuf,
    pem: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct AssignedAccount {
    username: String,
    password: Option<String>,
    access: Option<String>,
    refresh: Option<String>,
    id: Option<UserId>,
    full_name: Option<String>,
    creates_rooms: bool,
}

/// Parameters that all assignments of a run share.
pub(crate) struct Shared<'r> {
    pub(crate) run: &'r str,
    pub(crate) seed: u64,
    pub(crate) tag: u32,
    pub(crate) profile: &'r Profile,
    pub(crate) timeout: Duration,
    pub(crate) interim: bool,
    pub(crate) target: &'r TargetUnderTest,
    /// Settings of the connection to a remote target.
    pub(crate) connection: Option<&'r ConnectionSettings>,
    /// True if the workers run on this machine, whose addresses are theirs.
    pub(crate) are_local: bool,
}

impl Shared<'_> {
    /// The assignment of one part, with its share of the accounts.
    ///
    /// # Errors
    /// If a file that the settings of the connection name cannot be read.
    pub(crate) fn assignment(&self, part: Part) -> Result<Assignment, WorkersError> {
        let all_accounts = self.target.accounts().len().min(self.profile.accounts);
        let accounts = &self.target.accounts()[part.accounts(all_accounts)];
        let connection = match self.connection {
            Some(settings) => AssignedConnection::of(settings, self.are_local)?,
            None => AssignedConnection::default(),
        };
        let urls = self.target.target();
        Ok(Assignment {
            run: self.run.to_owned(),
            seed: self.seed,
            tag: self.tag,
            part,
            all_accounts,
            profile: self.profile.clone(),
            timeout: self.timeout,
            interim: self.interim,
            target: AssignedTarget {
                url: urls.rest().to_string(),
                socket: urls.socket_text().to_owned(),
                kind: self.target.kind().clone(),
                connection,
                accounts: accounts.iter().map(account).collect(),
                jwt_secret: self.target.jwt_secret().map(|key| key.expose_secret().to_owned()),
            },
        })
    }
}

impl AssignedConnection {
    fn of(settings: &ConnectionSettings, is_local: bool) -> Result<Self, WorkersError> {
        let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
        let file = |file: &Option<PemFile>| file.as_ref().map(AssignedFile::of).transpose();
        Ok(Self {
            headers: settings.headers.iter().map(exposed).collect(),
            origin: settings.origin.clone(),
            user: settings.user.as_ref().map(exposed),
            insecure: settings.insecure,
            proxy: settings.proxy.as_ref().map(exposed),
            resolve: settings.resolve.clone(),
            cacert: file(&settings.cacert)?,
            cert: file(&settings.cert)?,
            key: file(&settings.key)?,
            interface: if is_local { settings.interface.clone() } else { Vec::new() },
        })
    }

    /// The settings, with the worker's own local addresses if it has any.
    fn settings(&self, interface: &[IpAddr]) -> ConnectionSettings {
        let secret = |text: &String| SecretString::from(text.as_str());
        let file = |file: &Option<AssignedFile>| file.as_ref().map(AssignedFile::file);
        let own = !interface.is_empty();
        ConnectionSettings {
            headers: self.headers.iter().map(secret).collect(),
            origin: self.origin.clone(),
            user: self.user.as_ref().map(secret),
            insecure: self.insecure,
            proxy: self.proxy.as_ref().map(secret),
            resolve: self.resolve.clone(),
            cacert: file(&self.cacert),
            cert: file(&self.cert),
            key: file(&self.key),
            interface: if own { interface.to_vec() } else { self.interface.clone() },
        }
    }
}

impl AssignedFile {
    fn of(file: &PemFile) -> Result<Self, WorkersError> {
        let path = file.path().to_owned();
        match file.read() {
            Ok(pem) => Ok(Self { pem: pem.into_owned(), path }),
            Err(error) => Err(WorkersError::Unreadable { path, error }),
        }
    }

    fn file(&self) -> PemFile {
        PemFile::with_content(self.path.clone(), self.pem.clone())
    }
}

fn account(account: &Account) -> AssignedAccount {
    let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
    let (password, access, refresh) = match &account.secret {
        AccountSecret::Password(password) => (Some(exposed(password)), None, None),
        AccountSecret::Tokens { access, refresh } => {
            (None, Some(exposed(access)), refresh.as_ref().map(exposed))
        }
    };
    AssignedAccount {
        username: account.username.to_string(),
        password,
        access,
        refresh,
        id: account.id,
        full_name: account.full_name.clone(),
        creates_rooms: account.creates_rooms,
    }
}

impl Assignment {
    /// The target, with the accounts of this worker. `interface` are its own local addresses, if it has any.
    ///
    /// # Errors
    /// If a URL or a setting of the connection is invalid.
    pub(crate) fn target(&self, interface: &[IpAddr]) -> Result<TargetUnderTest, RunError> {
        let AssignedTarget { url, socket, kind, connection, accounts, jwt_secret } = &self.target;
        let secret = |text: &String| SecretString::from(text.as_str());
        let settings = connection.settings(interface);
        let target = Target::new(url, Some(socket))?.reached_by(Connection::new(&settings)?);
        let accounts = accounts.iter().map(AssignedAccount::account).collect();
        let key = jwt_secret.as_ref().map(secret);
        Ok(TargetUnderTest::assigned(target, accounts, key, kind.clone()))
    }
}

impl AssignedAccount {
    fn account(&self) -> Account {
        let account = match (&self.password, &self.access) {
            (Some(password), _) => {
                Account::with_password(self.username.as_str(), password.as_str())
            }
            (None, access) => Account::with_tokens(
                self.username.as_str(),
                access.as_deref().unwrap_or_default(),
                self.refresh.as_deref().map(SecretString::from),
            ),
        };
        Account {
            id: self.id,
            full_name: self.full_name.clone(),
            creates_rooms: self.creates_rooms,
            ..account
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_settings_survive_the_way_to_a_worker() {
        let target =
            Target::new("https://chat.example/api", Some("wss://ws.example/{room}")).unwrap();
        let tokens = Account {
            id: Some(7.into()),
            creates_rooms: false,
            ..Account::with_tokens("bob", "access", Some("refresh".into()))
        };
        let accounts = vec![
            Account::with_password("alice", "secret"),
            tokens,
            Account::with_password("c", "d"),
        ];
        let kind = TargetOptions::External {
            accounts: "accounts.toml".to_owned(),
            socket_url: None,
            jwt_secret_env: None,
            connection: Box::default(),
        };
        let target = TargetUnderTest::assigned(target, accounts, None, kind);
        let settings = ConnectionSettings {
            headers: vec!["X-Key: hidden".into()],
            ..ConnectionSettings::default()
        };
        let profile = Profile::find("smoke").unwrap();
        let shared = Shared {
            run: "1a2b3c",
            seed: 1,
            tag: 2,
            profile: &profile,
            timeout: Duration::from_secs(5),
            interim: false,
            target: &target,
            connection: Some(&settings),
            are_local: true,
        };
        let sent = shared.assignment(Part { worker: 0, workers: 1 }).unwrap();
        let json = serde_json::to_string(&sent).unwrap();
        assert!(json.contains("X-Key: hidden"));
        let read: Assignment = serde_json::from_str(&json).unwrap();
        let got = read.target(&[]).unwrap();
        assert_eq!(got.target().socket_text(), "wss://ws.example/{room}");
        let [alice, bob, _] = got.accounts() else { panic!("three accounts") };
        assert!(
            matches!(&alice.secret, AccountSecret::Password(it) if it.expose_secret() == "secret")
        );
        assert_eq!((bob.id, bob.creates_rooms), (Some(7.into()), false));
        let parts = [0, 1].map(|worker| shared.assignment(Part { worker, workers: 2 }).unwrap());
        let names = parts
            .each_ref()
            .map(|it| it.target.accounts.iter().map(|it| &*it.username).collect::<Vec<_>>());
        assert_eq!(names, [vec!["alice"], vec!["bob", "c"]]);
    }

    #[test]
    fn files_and_local_addresses_reach_workers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "a certificate").unwrap();
        let own: IpAddr = "10.0.0.7".parse().unwrap();
        let settings = ConnectionSettings {
            cacert: Some(path.clone().into()),
            interface: vec![own],
            ..ConnectionSettings::default()
        };
        let assigned = AssignedConnection::of(&settings, true).unwrap();
        // The worker's machine does not have the file.
        std::fs::remove_file(&path).unwrap();
        let got = assigned.settings(&[]);
        assert_eq!(got.interface, [own]);
        let file = got.cacert.unwrap();
        assert_eq!((file.path(), &*file.read().unwrap()), (&*path, &b"a certificate"[..]));
        let other = "10.0.0.8".parse().unwrap();
        assert_eq!(assigned.settings(&[other]).interface, [other]);
        let Err(error) = AssignedConnection::of(&settings, true) else { panic!("it was read") };
        assert_eq!(error.to_string(), format!("cannot read {}", path.display()));
    }

    #[test]
    fn addresses_of_this_machine_are_not_those_of_others() {
        let settings = ConnectionSettings {
            interface: vec!["10.0.0.7".parse().unwrap()],
            ..ConnectionSettings::default()
        };
        assert!(AssignedConnection::of(&settings, false).unwrap().interface.is_empty());
    }
}
