//! A file for Docker Compose.

use serde_json::{Value, json};

use super::certificate::Certificate;
use super::deployment::{CONFIGURATION, Deployment, NATS_IMAGE, WORK};

/// Services, and the files that they read.
pub(super) fn document(deployment: &Deployment, certificate: &Certificate) -> Value {
    let host = deployment.nats_host();
    let files = |names: &[&str]| -> Value {
        let file =
            |name: &&str| json!({ "source": name, "target": format!("{CONFIGURATION}/{name}") });
        names.iter().map(file).collect()
    };
    json!({
        "name": deployment.name(),
        "services": {
            "nats": {
                "image": NATS_IMAGE,
                "hostname": host,
                "networks": { "default": { "aliases": [host] } },
                "command": ["--config", format!("{CONFIGURATION}/nats.conf")],
                "configs": files(&["nats.conf", "tls.crt", "tls.key"]),
                "tmpfs": ["/data"],
            },
            "worker": {
                "image": deployment.image,
                "command": deployment.worker_arguments(),
                "environment": { "HEARBACK_WORKER_NATS": deployment.nats_url() },
                "configs": files(&["ca.crt"]),
                "deploy": { "replicas": deployment.workers },
                // NATS may not listen yet.
                "restart": "on-failure",
                "depends_on": ["nats"],
            },
            "coordinator": {
                "image": deployment.image,
                "command": deployment.coordinator_arguments(),
                "environment": { "HEARBACK_LOAD_NATS": deployment.nats_url() },
                "configs": files(&["profile.toml", "accounts.toml", "ca.crt"]),
                "volumes": [format!("./{}:{WORK}", deployment.name())],
                "depends_on": ["worker"],
            },
        },
        "configs": {
            "nats.conf": { "content": deployment.nats_configuration() },
            "tls.crt": { "content": certificate.certificate },
            "tls.key": { "content": certificate.key },
            "ca.crt": { "content": certificate.authority },
            "profile.toml": { "content": deployment.profile },
            "accounts.toml": { "content": deployment.accounts },
        },
    })
}
