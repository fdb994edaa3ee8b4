//! Manifests for Kubernetes.

use serde_json::{Value, json};

use super::certificate::Certificate;
use super::deployment::{CONFIGURATION, Deployment, NATS_IMAGE, USER, WORK, texts};

/// Everything that a run needs, in the order in which it is created.
pub(super) fn documents(deployment: &Deployment, certificate: &Certificate) -> Vec<Value> {
    vec![
        secret(deployment, certificate),
        config_map(deployment),
        service(deployment),
        nats(deployment),
        workers(deployment),
        coordinator(deployment),
    ]
}

fn metadata(deployment: &Deployment, suffix: &str) -> Value {
    json!({
        "name": format!("{}{suffix}", deployment.name()),
        "labels": { "app.kubernetes.io/name": "hearback", "app.kubernetes.io/instance": deployment.name() },
    })
}

fn secret(deployment: &Deployment, certificate: &Certificate) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(deployment, ""),
        "type": "Opaque",
        "stringData": texts([
            ("accounts.toml", deployment.accounts.clone()),
            ("nats.conf", deployment.nats_configuration()),
            ("nats-url", deployment.nats_url()),
            ("tls.crt", certificate.certificate.clone()),
            ("tls.key", certificate.key.clone()),
            ("ca.crt", certificate.authority.clone()),
        ]),
    })
}

fn config_map(deployment: &Deployment) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(deployment, ""),
        "data": texts([("profile.toml", deployment.profile.clone())]),
    })
}

fn service(deployment: &Deployment) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(deployment, "-nats"),
        "spec": {
            "selector": { "hearback": deployment.nats_host() },
            "ports": [{ "name": "nats", "port": 4222, "targetPort": 4222 }],
        },
    })
}

fn nats(deployment: &Deployment) -> Value {
    let labels = json!({ "hearback": deployment.nats_host() });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(deployment, "-nats"),
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "automountServiceAccountToken": false,
                    "containers": [{
                        "name": "nats",
                        "image": NATS_IMAGE,
                        "args": ["--config", format!("{CONFIGURATION}/nats.conf")],
                        "ports": [{ "containerPort": 4222 }],
                        "resources": { "requests": { "cpu": "250m", "memory": "256Mi" } },
                        "volumeMounts": [
                            { "name": "configuration", "mountPath": CONFIGURATION, "readOnly": true },
                            { "name": "data", "mountPath": "/data" },
                        ],
                    }],
                    "volumes": [
                        secret_volume(deployment, &["nats.conf", "tls.crt", "tls.key"]),
                        { "name": "data", "emptyDir": {} },
                    ],
                },
            },
        },
    })
}

fn workers(deployment: &Deployment) -> Value {
    let requests = json!({
        "cpu": "1",
        // A quarter more than planned.
        "memory": format!("{}Mi", deployment.mebibytes + deployment.mebibytes / 4),
    });
    let mut container = container(deployment, "worker", deployment.worker_arguments(), requests);
    container["env"] = json!([nats_url(deployment, "HEARBACK_WORKER_NATS")]);
    let volumes = json!([secret_volume(deployment, &["ca.crt"]), work_volume()]);
    let mut job = job(deployment, "-workers", container, volumes);
    job["spec"]["completionMode"] = json!("Indexed");
    job["spec"]["completions"] = json!(deployment.workers);
    job["spec"]["parallelism"] = json!(deployment.workers);
    job
}

fn coordinator(deployment: &Deployment) -> Value {
    let requests = json!({ "cpu": "1", "memory": "512Mi" });
    let arguments = deployment.coordinator_arguments();
    let mut container = container(deployment, "coordinator", arguments, requests);
    container["env"] = json!([nats_url(deployment, "HEARBACK_LOAD_NATS")]);
    let sources = json!({
        "name": "configuration",
        "projected": {
            "sources": [
                { "secret": { "name": deployment.name(), "items": items(&["accounts.toml", "ca.crt"]) } },
                { "configMap": { "name": deployment.name() } },
            ],
        },
    });
    job(deployment, "", container, json!([sources, work_volume()]))
}

/// A job whose pods run once: what ended must not begin again.
fn job(deployment: &Deployment, suffix: &str, container: Value, volumes: Value) -> Value {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(deployment, suffix),
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": { "labels": { "hearback": format!("{}{suffix}", deployment.name()) } },
                "spec": {
                    "restartPolicy": "Never",
                    "automountServiceAccountToken": false,
                    "securityContext": { "runAsNonRoot": true, "runAsUser": USER, "fsGroup": USER },
                    "containers": [container],
                    "volumes": volumes,
                },
            },
        },
    })
}

fn container(
    deployment: &Deployment,
    name: &str,
    arguments: Vec<String>,
    requests: Value,
) -> Value {
    json!({
        "name": name,
        "image": deployment.image,
        "args": arguments,
        "workingDir": WORK,
        "resources": { "requests": requests },
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        },
        "volumeMounts": [
            { "name": "configuration", "mountPath": CONFIGURATION, "readOnly": true },
            { "name": "work", "mountPath": WORK },
        ],
    })
}

fn nats_url(deployment: &Deployment, name: &str) -> Value {
    json!({
        "name": name,
        "valueFrom": { "secretKeyRef": { "name": deployment.name(), "key": "nats-url" } },
    })
}

fn secret_volume(deployment: &Deployment, files: &[&str]) -> Value {
    json!({
        "name": "configuration",
        "secret": { "secretName": deployment.name(), "items": items(files) },
    })
}

fn work_volume() -> Value {
    json!({ "name": "work", "emptyDir": {} })
}

fn items(files: &[&str]) -> Value {
    files.iter().map(|file| json!({ "key": file, "path": file })).collect()
}
