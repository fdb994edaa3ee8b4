//! `worker`.

use std::net::IpAddr;

use clap::Args;
use secrecy::SecretString;

use super::nats::NatsSecurityOptions;
use crate::exit;

#[derive(Debug, Args)]
#[command(after_help = exit::WORKER_HELP)]
pub(crate) struct Worker {
    /// URL of the NATS server, for example nats://127.0.0.1:4222 or tls://nats.example
    #[arg(long, value_name = "URL", help_heading = "NATS", hide_env_values = true)]
    pub(crate) nats: SecretString,
    #[command(flatten)]
    pub(crate) security: NatsSecurityOptions,
    /// Local address to connect to the target from; can be repeated: sockets then take turns, each address with ports of its own
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) interface: Vec<IpAddr>,
    /// End after one run
    #[arg(long)]
    pub(crate) once: bool,
    /// Suppress progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
