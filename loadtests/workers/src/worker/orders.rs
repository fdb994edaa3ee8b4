//! The orders of the coordinator, and its silence.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use hearback_loadtests::shared_rooms::Start;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::message::Order;
use crate::nats::Channel;

/// Time without a word of the coordinator after which the run ends.
pub(crate) const SILENCE: Duration = Duration::from_secs(15);
/// Time without NATS after which the run ends.
pub(crate) const OUTAGE: Duration = Duration::from_secs(30);
/// Time between two looks.
const TICK: Duration = Duration::from_millis(500);

/// The orders so far.
pub(super) struct Orders {
    start: watch::Receiver<Option<Start>>,
    stopped: Arc<Mutex<Option<String>>>,
    task: JoinHandle<()>,
}

impl Orders {
    /// Follows the orders. `cancellation` ends the run on an order, if the coordinator falls silent, or without NATS.
    pub(super) fn follow(
        channel: &Channel,
        worker: usize,
        cancellation: CancellationToken,
    ) -> Self {
        let mut orders = channel.listen::<Order>(channel.orders());
        let (started, start) = watch::channel(None);
        let stopped = Arc::new(Mutex::new(None));
        let reason = Arc::clone(&stopped);
        let channel = channel.clone();
        let task = tokio::spawn(async move {
            let (mut heard, mut connected) = (Instant::now(), Instant::now());
            let stop = |text: String| {
                reason.lock().get_or_insert(text);
                cancellation.cancel();
            };
            loop {
                match tokio::time::timeout(TICK, orders.next()).await {
                    Ok(Some((_, order))) => {
                        heard = Instant::now();
                        match order {
                            Order::Heartbeat => {}
                            Order::Start { at, error } => {
                                let at = at.get(worker).copied();
                                started.send_replace(at.map(|at| Start { at, error }));
                            }
                            Order::Stop { reason } => stop(reason),
                        }
                    }
                    // The stream of the run was removed.
                    Ok(None) => tokio::time::sleep(TICK).await,
                    Err(_) => {}
                }
                let is_connected = channel.is_connected();
                if is_connected {
                    connected = Instant::now();
                } else {
                    // No order can arrive.
                    heard = Instant::now();
                }
                if connected.elapsed() > OUTAGE {
                    stop(format!("NATS was not reachable for {} s", OUTAGE.as_secs()));
                } else if heard.elapsed() > SILENCE {
                    stop(format!("the coordinator was silent for {} s", SILENCE.as_secs()));
                }
            }
        });
        Self { start, stopped, task }
    }

    /// The common start, once it is ordered.
    pub(super) fn start(&self) -> watch::Receiver<Option<Start>> {
        self.start.clone()
    }

    /// The reason why the run was ended, if it was.
    pub(super) fn stopped(&self) -> Option<String> {
        self.stopped.lock().clone()
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.task.abort();
    }
}
