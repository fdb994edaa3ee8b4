//! `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hearback_mutants::WeatherSet;

use super::value::seconds;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// Database file (SQLite) [default: in memory]
    #[arg(long, value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,
    /// Number of seeded accounts, or an accounts file (TOML) with user names and passwords
    #[arg(long, value_name = "COUNT|FILE", default_value = "8")]
    pub(crate) accounts: String,
    /// Environment variable with the HS256 key that signs tokens [default: a random key]
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) jwt_secret_env: Option<String>,
    /// Lifetime of access tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub(crate) access_lifetime: Duration,
    /// Fault to switch on; see `hearback list faults`
    #[arg(long, value_name = "ID")]
    pub(crate) fault: Vec<String>,
    /// Weather, for example latency=200ms,refresh-rotation; see `hearback list weather`
    #[arg(long, value_name = "KIND[=VALUE],…")]
    pub(crate) weather: Option<WeatherSet>,
    /// Stop at the end of standard input, so that the server does not outlive its parent
    #[arg(long, hide = true)]
    pub(crate) while_stdin: bool,
}
