//! `hearback serve`.

use std::path::Path;

use anyhow::anyhow;
use hearback_client::{AccountSecret, Accounts};
use hearback_mutants::{Deployment, FaultSet};
use hearback_reference::{Account, Options, seeded};
use hearback_reports::counted;
use hearback_results::ExitStatus;
use hearback_runner::target::jwt_secret;
use secrecy::ExposeSecret as _;

use crate::arguments::Serve;
use crate::config_file::source;
use crate::execution::runtime;
use crate::failure::Failure;
use crate::output;

/// Exit code after a second signal.
const INTERRUPTED: i32 = 130;

/// Number of user names that are printed.
const SHOWN_ACCOUNTS: usize = 3;

pub(crate) fn run(options: Serve) -> Result<ExitStatus, Failure> {
    hearback_loadtests::machine::raise_descriptors();
    let accounts = accounts(&options.accounts)?;
    let names: Vec<_> =
        accounts.iter().take(SHOWN_ACCOUNTS).map(|account| account.username.clone()).collect();
    let count = accounts.len();
    let faults = FaultSet::named(options.fault.iter().map(String::as_str));
    let faults = faults.map_err(Failure::usage)?;
    let weather = options.weather.unwrap_or_default();
    let server_options = Options {
        database: options.database,
        accounts,
        jwt_secret: options.jwt_secret_env.as_deref().map(jwt_secret).transpose()?,
        access_lifetime: options.access_lifetime,
        ..Options::default()
    };
    runtime()?.block_on(async {
        let server = Deployment::start(server_options, &faults, &weather, options.listen);
        let server = server.await.map_err(Failure::incomplete)?;
        output::print(&format!(
            "Serving the AriStay Chat API at {}, sockets at ws://{}/ws\n{}: {}{}; stop with Ctrl-C",
            server.base_url(),
            server.address(),
            counted(count as u64, "account"),
            names.join(", "),
            if count > names.len() { ", …" } else { "" },
        ));
        tokio::select! {
            stopped = stopped() => stopped,
            () = stdin_ends(), if options.while_stdin => Ok(()),
        }
        .map_err(Failure::incomplete)?;
        tokio::select! {
            () = server.stop() => {}
            // A second signal does not wait for open connections.
            _ = stopped() => std::process::exit(INTERRUPTED),
        }
        Ok(ExitStatus::Passed)
    })
}

/// Waits for the end of standard input, and discards what is read.
async fn stdin_ends() {
    let ended = tokio::task::spawn_blocking(|| {
        let _discarded = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    });
    let _ended = ended.await;
}

/// Waits for Ctrl-C, or for a signal that service managers and closing terminals send.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        let mut hung_up = signal(SignalKind::hangup())?;
        let mut quit = signal(SignalKind::quit())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
            _ = hung_up.recv() => Ok(()),
            _ = quit.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// This many seeded accounts, or those of an accounts file.
fn accounts(text: &str) -> Result<Vec<Account>, Failure> {
    if let Ok(count) = text.parse::<usize>() {
        return Ok(seeded(count));
    }
    let path = Path::new(text);
    let file = Accounts::read(&source(path)).map_err(Failure::invalid_file)?;
    file.accounts
        .into_iter()
        .map(|account| {
            let AccountSecret::Password(password) = &account.secret else {
                return Err(Failure::usage(anyhow!(
                    "{}: `{}` has tokens instead of a password; a server needs passwords",
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
