//! A run that manifests describe.

use std::fmt;

use serde_json::{Value, json};

/// Name of the NATS image.
pub(super) const NATS_IMAGE: &str = "nats:2.12-alpine";
/// Time in which NATS must be reachable, in seconds: images are pulled first.
const NATS_TIMEOUT: &str = "300";
/// Folder of configuration files in containers.
pub(super) const CONFIGURATION: &str = "/etc/hearback";
/// Folder of records and reports in containers.
pub(super) const WORK: &str = "/work";
/// Id of the user of containers.
pub(super) const USER: u32 = 65_532;

/// A run that manifests describe.
#[derive(Clone)]
pub struct Deployment {
    /// Name of the run.
    pub run: String,
    /// Image of hearback.
    pub image: String,
    /// Number of workers.
    pub workers: usize,
    /// Memory of the largest worker, in MiB.
    pub mebibytes: usize,
    /// Text of the profile.
    pub profile: String,
    /// Text of the accounts file.
    pub accounts: String,
    /// Other arguments of the coordinator: target, allowed hosts, seed.
    pub arguments: Vec<String>,
    /// Token for NATS.
    pub token: String,
}

impl fmt::Debug for Deployment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Deployment").field("run", &self.run).finish_non_exhaustive()
    }
}

impl Deployment {
    /// The name of everything.
    pub(super) fn name(&self) -> String {
        format!("hearback-{}", self.run)
    }

    /// The host of NATS, as workers see it.
    pub(super) fn nats_host(&self) -> String {
        format!("{}-nats", self.name())
    }

    /// The URL of NATS, with its token.
    pub(super) fn nats_url(&self) -> String {
        format!("tls://{}@{}:4222", self.token, self.nats_host())
    }

    /// The configuration of NATS.
    pub(super) fn nats_configuration(&self) -> String {
        format!(
            "port: 4222\nauthorization {{ token: \"{}\" }}\njetstream {{ store_dir: /data }}\ntls {{ cert_file: \
             {CONFIGURATION}/tls.crt, key_file: {CONFIGURATION}/tls.key }}\n",
            self.token
        )
    }

    pub(super) fn worker_arguments(&self) -> Vec<String> {
        let authority = format!("{CONFIGURATION}/ca.crt");
        let arguments =
            ["worker", "--once", "--nats-ca", &authority, "--nats-timeout", NATS_TIMEOUT];
        arguments.map(str::to_owned).into()
    }

    pub(super) fn coordinator_arguments(&self) -> Vec<String> {
        let mut arguments = vec!["load".to_owned()];
        for (option, value) in [
            ("--profile", format!("{CONFIGURATION}/profile.toml")),
            ("--accounts", format!("{CONFIGURATION}/accounts.toml")),
            ("--workers", self.workers.to_string()),
            ("--nats-ca", format!("{CONFIGURATION}/ca.crt")),
            ("--nats-timeout", NATS_TIMEOUT.to_owned()),
            ("--report", format!("html={WORK}/load.html")),
        ] {
            arguments.extend([option.to_owned(), value]);
        }
        arguments.extend(self.arguments.iter().cloned());
        arguments
    }
}

/// A Secret's or ConfigMap's text, by name.
pub(super) fn texts<const N: usize>(texts: [(&str, String); N]) -> Value {
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), json!(text)));
    Value::Object(texts.collect())
}
