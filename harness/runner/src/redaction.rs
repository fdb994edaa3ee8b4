//! Redaction of the secrets of runs from diagnostic logs.

use std::fmt;
use std::sync::Arc;

use hearback_history::Recorder;
use parking_lot::RwLock;

/// The redactors of the runs in a process; clones share them.
#[derive(Clone, Default)]
pub struct Redaction(Arc<RwLock<Vec<Arc<Recorder>>>>);

impl Redaction {
    /// `text` without the secrets of all runs so far.
    pub fn redacted(&self, text: &str) -> String {
        let recorders = self.0.read();
        recorders.iter().fold(text.to_owned(), |text, recorder| recorder.redacted(&text))
    }

    pub(crate) fn add(&self, recorder: &Arc<Recorder>) {
        self.0.write().push(Arc::clone(recorder));
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Redaction")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_every_run_are_redacted() {
        let redaction = Redaction::default();
        for secret in ["first-secret", "second-secret"] {
            let recorder = Arc::new(Recorder::new(Vec::new()));
            redaction.add(&recorder);
            // Secrets are registered after the run has started.
            recorder.register_secret(secret, &secret.replace("secret", "key"));
        }
        let text = redaction.redacted("a first-secret and a second-secret");
        assert_eq!(text, "a [first-key] and a [second-key]");
    }
}
