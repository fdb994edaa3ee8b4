//! The stream and the object store of one run.

use std::pin::Pin;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use async_nats::header::{HeaderMap, NATS_MESSAGE_ID};
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::object_store::ObjectStore;
use async_nats::jetstream::{self, Context, object_store, stream};
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

use crate::error::WorkersError;

/// Time for which a message is tried to be stored.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two attempts.
const RETRY: Duration = Duration::from_millis(200);
/// Time without a message after which reading begins again; the run reports something every second.
const QUIET: Duration = Duration::from_secs(3);
/// Time for which NATS keeps a run that was not removed.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// Time in which a message that is stored again is recognized.
const DUPLICATES: Duration = Duration::from_secs(120);

/// The stream of a run, whose messages survive an outage, and its object store.
#[derive(Clone)]
pub(crate) struct Channel {
    client: Client,
    jetstream: Context,
    run: String,
}

impl Channel {
    pub(crate) fn new(client: Client, run: &str) -> Self {
        let jetstream = jetstream::new(client.clone());
        Self { client, jetstream, run: run.to_owned() }
    }

    /// Creates the stream and the store.
    ///
    /// # Errors
    /// If NATS refuses, for example because it runs without JetStream.
    pub(crate) async fn create(&self) -> Result<(), WorkersError> {
        let stream = stream::Config {
            name: self.name(),
            subjects: vec![format!("hearback.run.{}.>", self.run)],
            max_age: MAX_AGE,
            duplicate_window: DUPLICATES,
            ..stream::Config::default()
        };
        let failed = WorkersError::nats("create the stream of the run");
        self.jetstream.create_stream(stream).await.map_err(|error| failed(&error))?;
        let store = object_store::Config {
            bucket: self.name(),
            max_age: MAX_AGE,
            ..object_store::Config::default()
        };
        let failed = WorkersError::nats("create the object store of the run");
        self.jetstream.create_object_store(store).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Removes the stream and the store, which contain passwords.
    pub(crate) async fn remove(&self) {
        // They expire within a day in any case.
        let _removed = self.jetstream.delete_object_store(self.name()).await.is_ok();
        let _removed = self.jetstream.delete_stream(self.name()).await.is_ok();
    }

    /// The subject of the orders of the coordinator.
    pub(crate) fn orders(&self) -> String {
        format!("hearback.run.{}.orders", self.run)
    }

    /// The subject of what a worker reports.
    pub(crate) fn reports_of(&self, worker: usize) -> String {
        format!("hearback.run.{}.worker.{worker}", self.run)
    }

    /// The subjects of all workers.
    pub(crate) fn reports(&self) -> String {
        format!("hearback.run.{}.worker.*", self.run)
    }

    /// The subject at which a worker reports its time.
    pub(crate) fn clock_of(&self, worker: usize) -> String {
        format!("hearback.clock.{}.{worker}", self.run)
    }

    /// The run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// The connection.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Returns whether the connection is open.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Stores a message, again and again until NATS has it. `id` distinguishes it from every other one.
    ///
    /// # Errors
    /// If NATS did not store it for half a minute.
    pub(crate) async fn store(
        &self,
        subject: &str,
        id: &str,
        message: &(impl Serialize + Sync),
    ) -> Result<(), WorkersError> {
        let payload = encoded(message)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let mut headers = HeaderMap::new();
            headers.insert(NATS_MESSAGE_ID, id);
            let sent = self.jetstream.publish_with_headers(
                subject.to_owned(),
                headers,
                payload.clone().into(),
            );
            let stored = async {
                sent.await.map_err(|error| error.to_string())?.await.map_err(|it| it.to_string())
            };
            let reason = match stored.await {
                Ok(_) => return Ok(()),
                Err(reason) => reason,
            };
            if Instant::now() >= until {
                return Err(WorkersError::nats("store a message")(&reason));
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Everything that is stored under a subject, from the first message on, with the last part of its subject.
    ///
    /// Reading begins again after the last message whenever nothing arrives for a few seconds, as after a restart of NATS.
    pub(crate) fn listen<T: DeserializeOwned + Send + 'static>(
        &self,
        subject: String,
    ) -> Pin<Box<dyn Stream<Item = (String, T)> + Send>> {
        let reader = Reader { channel: self.clone(), subject, last: 0, messages: None };
        let messages = unfold(reader, async |mut reader| Some((reader.next().await, reader)));
        Box::pin(messages.filter_map(async |message| {
            let sender = message.subject.rsplit('.').next().unwrap_or_default().to_owned();
            match serde_json::from_slice(&message.payload) {
                Ok(reported) => Some((sender, reported)),
                Err(error) => {
                    tracing::warn!(%error, subject = %message.subject, "unknown message");
                    None
                }
            }
        }))
    }

    /// The messages under a subject after the one with a number.
    async fn messages(&self, subject: &str, after: u64) -> Option<Ordered> {
        let stream = self.jetstream.get_stream(self.name()).await.ok()?;
        let config = OrderedConfig {
            filter_subject: subject.to_owned(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ..OrderedConfig::default()
        };
        stream.create_consumer(config).await.ok()?.messages().await.ok()
    }

    /// Puts an object into the store.
    ///
    /// # Errors
    /// If NATS did not take it for half a minute.
    pub(crate) async fn put(
        &self,
        name: &str,
        object: &(impl Serialize + Sync),
    ) -> Result<(), WorkersError> {
        let bytes = encoded(object)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let put = async {
                let store = self.object_store().await?;
                let put = store.put(name, &mut &bytes[..]).await;
                put.map_err(|error| WorkersError::nats("store an object")(&error))
            };
            match put.await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() >= until => return Err(error),
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    }

    /// Gets an object from the store.
    ///
    /// # Errors
    /// If there is none, or it is not what was expected.
    pub(crate) async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, WorkersError> {
        let failed = WorkersError::nats("read an object");
        let store = self.object_store().await?;
        let mut object = store.get(name).await.map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        object.read_to_end(&mut bytes).await.map_err(|error| failed(&error))?;
        serde_json::from_slice(&bytes).map_err(|error| failed(&error))
    }

    async fn object_store(&self) -> Result<ObjectStore, WorkersError> {
        let failed = WorkersError::nats("open the object store of the run");
        self.jetstream.get_object_store(self.name()).await.map_err(|error| failed(&error))
    }

    /// The name of the stream and of the store.
    fn name(&self) -> String {
        format!("HEARBACK_{}", self.run)
    }
}

/// Reads the messages under a subject.
struct Reader {
    channel: Channel,
    subject: String,
    /// Number of the last message that was read.
    last: u64,
    messages: Option<Ordered>,
}

impl Reader {
    /// The next message.
    async fn next(&mut self) -> jetstream::Message {
        loop {
            let Some(messages) = &mut self.messages else {
                self.messages = self.channel.messages(&self.subject, self.last).await;
                if self.messages.is_none() {
                    tokio::time::sleep(RETRY).await;
                }
                continue;
            };
            match tokio::time::timeout(QUIET, messages.next()).await {
                Ok(Some(Ok(message))) => {
                    let number = message.info().map_or(0, |info| info.stream_sequence);
                    if number > self.last {
                        self.last = number;
                        return message;
                    }
                }
                Ok(Some(Err(_)) | None) | Err(_) => self.messages = None,
            }
        }
    }
}

fn encoded(message: &impl Serialize) -> Result<Vec<u8>, WorkersError> {
    serde_json::to_vec(message).map_err(|error| WorkersError::nats("encode a message")(&error))
}
