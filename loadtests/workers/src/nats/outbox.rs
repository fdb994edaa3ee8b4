//! Messages that are stored in order, without making the sender wait.

use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::Channel;
use crate::error::WorkersError;

/// Stores messages under one subject, one after the other.
pub(crate) struct Outbox<T> {
    messages: UnboundedSender<Option<T>>,
    task: JoinHandle<Result<(), WorkersError>>,
}

impl<T: Serialize + Send + Sync + 'static> Outbox<T> {
    /// Starts storing messages; `sender` distinguishes their ids from those of others.
    pub(crate) fn start(channel: Channel, subject: String, sender: String) -> Self {
        let (messages, received) = unbounded_channel();
        let task = tokio::spawn(store(channel, subject, sender, received));
        Self { messages, task }
    }

    /// A function that appends messages.
    pub(crate) fn appender(&self) -> impl Fn(T) + Clone + Send + Sync + 'static {
        let messages = self.messages.clone();
        move |message| {
            // After the end, no message is stored any more.
            let _sent = messages.send(Some(message)).is_ok();
        }
    }

    /// Waits until every message is stored.
    ///
    /// # Errors
    /// If NATS did not store one.
    pub(crate) async fn finish(self) -> Result<(), WorkersError> {
        let _sent = self.messages.send(None).is_ok();
        match self.task.await {
            Ok(result) => result,
            Err(error) => Err(WorkersError::nats("store messages")(&error)),
        }
    }
}

async fn store<T: Serialize + Send + Sync>(
    channel: Channel,
    subject: String,
    sender: String,
    mut messages: UnboundedReceiver<Option<T>>,
) -> Result<(), WorkersError> {
    let mut number = 0_u64;
    while let Some(Some(message)) = messages.recv().await {
        number += 1;
        channel.store(&subject, &format!("{sender}-{number}"), &message).await?;
    }
    Ok(())
}
