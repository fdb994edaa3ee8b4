//! `hearback serve`: the embedded server on its own.

use std::path::Path;

use hearback_client::{AccountSecret, Accounts};
use hearback_mutants::FaultSet;
use hearback_reference::{Account, Options, Server, seeded};
use secrecy::ExposeSecret as _;

use crate::arguments::Serve;
use crate::exit::{self, Failure};
use crate::target::environment;
use crate::{output, runtime};

pub(crate) fn run(options: Serve) -> Result<u8, Failure> {
    hearback_loadtests::machine::raise_descriptors();
    let accounts = accounts(&options.accounts)?;
    let names: Vec<_> = accounts.iter().take(3).map(|account| account.username.clone()).collect();
    let count = accounts.len();
    let server_options = Options {
        database: options.database,
        accounts,
        seams: FaultSet::named(options.fault.iter().map(String::as_str))?.seams(),
        jwt_secret: options.jwt_secret_env.as_deref().map(environment).transpose()?,
        access_lifetime: options.access_lifetime,
        ..Options::default()
    };
    runtime()?.block_on(async {
        let server = Server::start(server_options, options.listen)
            .await
            .map_err(|error| Failure::unfinished(error.into()))?;
        output::print(&format!(
            "serving the AriStay Chat API at {}, sockets at {}/ws\n{count} accounts: {}{}; \
             stop with Ctrl-C",
            server.base_url(),
            server.socket_url(),
            names.join(", "),
            if count > names.len() { ", …" } else { "" },
        ));
        tokio::select! {
            stopped = stopped() => stopped,
            () = stdin_ends(), if options.while_stdin => Ok(()),
        }
        .map_err(|error| Failure::unfinished(error.into()))?;
        server.stop().await;
        Ok(exit::HOLDS)
    })
}

/// ThrottleNotifications for the end of standard input, whatever comes on it.
async fn stdin_ends() {
    let ended = tokio::task::spawn_blocking(|| {
        let _whatever = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    });
    let _ended = ended.await;
}

/// ThrottleNotifications for Ctrl-C, or for the signal that service managers send.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn accounts(text: &str) -> Result<Vec<Account>, Failure> {
    if let Ok(count) = text.parse::<usize>() {
        return Ok(seeded(count));
    }
    let path = Path::new(text);
    let file = Accounts::read(path).map_err(Failure::file)?;
    file.accounts
        .into_iter()
        .map(|account| {
            let AccountSecret::Password(password) = &account.secret else {
                return Err(Failure::usage(anyhow::anyhow!(
                    "{}: {} has tokens, and a server needs passwords",
                    path.display(),
                    account.username
                )));
            };
            let username = account.username.to_string();
            Ok(Account {
                password: password.expose_secret().to_owned(),
                email: format!("{username}@example.com"),
                full_name: account.full_name.unwrap_or_else(|| username.clone()),
                username,
            })
        })
        .collect()
}
