//! `serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use hearback_contract::ReadingId;
use hearback_mutants::WeatherSet;
use hearback_runner::serve::{Server, ServerAccounts};

use super::value::seconds;
use crate::config_file::source;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// Database file (SQLite) [default: in memory]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Number of seeded accounts, or an accounts file (TOML) with user names and passwords [default: what the examples of the specification name]
    #[arg(long, value_name = "COUNT|FILE")]
    accounts: Option<String>,
    /// Environment variable with the HS256 key that signs tokens [default: a random key]
    #[arg(long, value_name = "VARIABLE")]
    jwt_secret_env: Option<String>,
    /// Lifetime of access tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    access_lifetime: Duration,
    /// Fault to switch on; see `hearback list faults`
    #[arg(long, value_name = "ID")]
    fault: Vec<String>,
    /// Weather, for example latency=200ms,refresh-rotation; see `hearback list weather`
    #[arg(long, value_name = "KIND[=VALUE],…")]
    weather: Option<WeatherSet>,
    /// Reading of an ambiguity to take, for example delete-status=204; see `hearback list ambiguities`
    #[arg(long, value_name = "ID")]
    reading: Vec<ReadingId>,
    /// Stop at the end of standard input, so that the server does not outlive its parent
    #[arg(long, hide = true)]
    while_stdin: bool,
}

impl Serve {
    /// The server that the options ask for.
    pub(crate) fn server(self) -> Server {
        Server {
            listen: self.listen,
            database: self.database,
            accounts: match self.accounts.as_deref() {
                None => ServerAccounts::Examples,
                Some(accounts) => match accounts.parse() {
                    Ok(count) => ServerAccounts::Seeded(count),
                    Err(_) => ServerAccounts::File(source(Path::new(accounts))),
                },
            },
            jwt_secret_env: self.jwt_secret_env,
            access_lifetime: self.access_lifetime,
            faults: self.fault,
            weather: self.weather.unwrap_or_default(),
            readings: self.reading,
            stops_with_input: self.while_stdin,
        }
    }
}
