//! Options of the connection to NATS.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hearback_config::variable::{ProcessEnvironment, named};
use hearback_workers::NatsOptions;
use secrecy::SecretString;

use super::value::seconds;
use crate::failure::Failure;

/// Credentials and certificates for NATS.
#[derive(Debug, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsSecurityOptions {
    /// File with the credentials for NATS: a user JWT and an NKey seed
    #[arg(long, value_name = "FILE", requires = "nats")]
    nats_creds: Option<PathBuf>,
    /// Environment variable with the NKey seed for NATS
    #[arg(long, value_name = "NAME", requires = "nats")]
    nats_nkey_env: Option<String>,
    /// File with certificates to trust for NATS (PEM)
    #[arg(long, value_name = "FILE", requires = "nats")]
    nats_ca: Option<PathBuf>,
    /// File with the client certificate for NATS (PEM)
    #[arg(long, value_name = "FILE", requires = "nats_key")]
    nats_cert: Option<PathBuf>,
    /// File with the key of the client certificate for NATS (PEM)
    #[arg(long, value_name = "FILE", requires = "nats_cert")]
    nats_key: Option<PathBuf>,
    /// Time in which NATS must be reachable, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    nats_timeout: Duration,
}

impl NatsSecurityOptions {
    /// The options of the connection to the server at `url`.
    ///
    /// # Errors
    /// If the environment variable is not set.
    pub(crate) fn of(&self, url: &SecretString) -> Result<NatsOptions, Failure> {
        let seed = |name| named("--nats-nkey-env", name, &ProcessEnvironment);
        let nkey = self.nats_nkey_env.as_deref().map(seed).transpose();
        Ok(NatsOptions {
            url: url.clone(),
            credentials: self.nats_creds.clone(),
            nkey: nkey
                .map_err(|problem| Failure::usage(anyhow::anyhow!("{problem}")))?
                .map(Into::into),
            cacert: self.nats_ca.clone(),
            cert: self.nats_cert.clone(),
            key: self.nats_key.clone(),
            patience: self.nats_timeout,
        })
    }
}
