//! Values that the workers of a run share, in the object store of the run.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hearback_loadtests::shared_rooms::SharedValues;
use serde_json::Value;

use crate::nats::Channel;

/// Time between two attempts to read a value that is not stored yet.
const RETRY: Duration = Duration::from_millis(200);

/// Values in the object store of a run.
pub(super) struct StoredValues {
    channel: Channel,
}

impl StoredValues {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel }
    }
}

impl SharedValues for StoredValues {
    fn put(&self, name: String, value: Value) -> BoxFuture<'_, Result<(), String>> {
        async move { self.channel.put(&name, &value).await.map_err(|error| error.to_string()) }
            .boxed()
    }

    /// Waits for as long as it takes: the run is cancelled if the other worker fails.
    fn get(&self, name: String) -> BoxFuture<'_, Result<Value, String>> {
        async move {
            loop {
                match self.channel.get(&name).await {
                    Ok(value) => return Ok(value),
                    Err(_) => tokio::time::sleep(RETRY).await,
                }
            }
        }
        .boxed()
    }
}
