//! `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::seconds;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// File that keeps everything; in memory if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) database: Option<PathBuf>,
    /// How many accounts there are, or a file (TOML) with names and passwords
    #[arg(long, value_name = "COUNT|FILE", default_value = "8")]
    pub(crate) accounts: String,
    /// Switch on a fault (see `hearback list faults`)
    #[arg(long, value_name = "ID")]
    pub(crate) fault: Vec<String>,
    /// Environment variable with the HS256 key for tokens; random if not given
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) jwt_secret_env: Option<String>,
    /// How long an access token is valid, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub(crate) access_lifetime: Duration,
    /// Stop when standard input ends: for whoever starts a server and may die
    #[arg(long, hide = true)]
    pub(crate) while_stdin: bool,
}
