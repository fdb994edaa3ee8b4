//! Manifests that perform a distributed run on Kubernetes, or with Docker Compose on one host.

mod certificate;
mod compose;
mod deployment;
mod kubernetes;

use crate::error::WorkersError;

use certificate::Certificate;

pub use deployment::Deployment;

/// A platform that manifests are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Kubernetes: a Job for workers, a Job for the coordinator, NATS, Secrets and a ConfigMap.
    Kubernetes,
    /// Docker Compose on one host.
    Compose,
}

impl Deployment {
    /// The manifests, in YAML. They contain the accounts, and a key for NATS that was made for them.
    ///
    /// # Errors
    /// If no key can be made.
    pub fn manifests(&self, platform: Platform) -> Result<String, WorkersError> {
        let certificate = Certificate::of(&self.nats_host())
            .map_err(|error| WorkersError::Options(format!("cannot make a key: {error}")))?;
        let documents = match platform {
            Platform::Kubernetes => kubernetes::documents(self, &certificate),
            Platform::Compose => vec![compose::document(self, &certificate)],
        };
        let documents = documents.iter().map(|document| {
            serde_saphyr::to_string(document)
                .map_err(|error| WorkersError::Options(format!("cannot write YAML: {error}")))
        });
        let documents = documents.collect::<Result<Vec<_>, _>>()?;
        Ok(format!("# Contains passwords and keys.\n{}", documents.join("\n---\n")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment() -> Deployment {
        Deployment {
            run: "1a2b3c".to_owned(),
            image: "ghcr.io/aristay/hearback:0.1.0".to_owned(),
            workers: 8,
            mebibytes: 400,
            profile: "description = \"x: y\"\n# comment\n".to_owned(),
            accounts: "[[account]]\nusername = \"a\"\npassword = \"b: #c\"\n".to_owned(),
            arguments: ["--target", "https://chat.example/api"].map(str::to_owned).into(),
            token: "token".to_owned(),
        }
    }

    fn documents(platform: Platform) -> Vec<Value> {
        let text = deployment().manifests(platform).unwrap();
        text.split("\n---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect()
    }

    #[test]
    fn manifests_for_kubernetes_have_everything_that_a_run_needs() {
        let documents = documents(Platform::Kubernetes);
        let kinds: Vec<_> = documents.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        let expected = ["Secret", "ConfigMap", "Service", "Deployment", "Job", "Job"];
        assert_eq!(kinds, expected);
        assert_eq!(documents[0]["stringData"]["accounts.toml"], deployment().accounts);
        assert_eq!(documents[1]["data"]["profile.toml"], deployment().profile);
        let workers = &documents[4]["spec"];
        assert_eq!(
            (&workers["completionMode"], &workers["completions"]),
            (&json!("Indexed"), &json!(8))
        );
        let container = &workers["template"]["spec"]["containers"][0];
        assert_eq!(container["resources"]["requests"], json!({"cpu": "1", "memory": "500Mi"}));
        let coordinator = &documents[5]["spec"]["template"]["spec"]["containers"][0];
        let arguments = coordinator["args"].as_array().unwrap();
        assert!(arguments.contains(&json!("https://chat.example/api")), "{arguments:?}");
    }

    #[test]
    fn the_compose_file_has_as_many_workers_as_asked_for() {
        let documents = documents(Platform::Compose);
        let [document] = &documents[..] else { panic!("{} documents", documents.len()) };
        assert_eq!(document["services"]["worker"]["deploy"]["replicas"], 8);
        assert_eq!(document["configs"]["accounts.toml"]["content"], deployment().accounts);
    }

    #[test]
    fn secrets_are_not_printed_for_debugging() {
        assert!(!format!("{:?}", deployment()).contains("token"));
    }
}
