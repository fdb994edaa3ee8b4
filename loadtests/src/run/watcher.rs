//! The watcher: collects the measurements of each second.

use std::sync::Arc;
use std::time::Duration;

use hearback_history::{Nanoseconds, RunEnd};
use hearback_stats::{HistogramSnapshot, LoadRecord, Second};
use tokio_util::sync::CancellationToken;

use super::{Options, Progress};
use crate::machine;
use crate::swarm::{Swarm, load};

const SECOND: Nanoseconds = Nanoseconds::from_millis(1_000);
/// Number of consecutive seconds without any connection after which the target counts as gone.
const GONE: u32 = 3;
/// Time in which duplicates are received after the last delivery.
const DUPLICATES_WAIT: Duration = Duration::from_millis(500);

/// Collects the measurements of each second, and detects that the target is gone.
pub(super) struct Watcher {
    progress: Arc<dyn Fn(&Progress) + Send + Sync>,
    server: Option<u32>,
    /// The start of each second, on the clock of the run, and its measurements.
    series: Vec<(Nanoseconds, Second)>,
    /// Start of the current second.
    since: Nanoseconds,
    begin: Option<Nanoseconds>,
    length: Duration,
    cpu: Duration,
    server_cpu: Option<Duration>,
    cpu_at_first: Duration,
    server_cpu_at_first: Option<Duration>,
    server_cpu_at_last: Option<Duration>,
    alone: u32,
}

impl Watcher {
    pub(super) fn new(swarm: &Swarm, options: &Options) -> Self {
        let (cpu, server_cpu) = (machine::cpu(), options.server.and_then(machine::cpu_of));
        Self {
            progress: Arc::clone(&options.progress),
            server: options.server,
            series: Vec::new(),
            since: swarm.clock.now(),
            begin: None,
            length: Duration::ZERO,
            cpu,
            server_cpu,
            cpu_at_first: cpu,
            server_cpu_at_first: server_cpu,
            server_cpu_at_last: server_cpu,
            alone: 0,
        }
    }

    /// Sets the start of the schedule, which seconds are relative to.
    pub(super) fn begin(&mut self, begin: Nanoseconds, length: Duration) {
        self.begin = Some(begin);
        self.length = length;
    }

    /// Collects the current second if it is over.
    pub(super) fn poll(&mut self, swarm: &Swarm) {
        if swarm.clock.now().saturating_sub(self.since) >= SECOND {
            self.collect(swarm);
        }
    }

    /// Collects the incomplete last second, unless it is very short.
    pub(super) fn finish(&mut self, swarm: &Swarm) {
        if swarm.clock.now().saturating_sub(self.since) > SECOND / 20 {
            self.collect(swarm);
        }
    }

    /// Number of seconds collected so far.
    pub(super) fn seconds(&self) -> usize {
        self.series.len()
    }

    /// Waits for the end of the second or of the schedule. Returns whether and how the run has to end.
    pub(super) async fn wait(
        &mut self,
        swarm: &Swarm,
        cancellation: &CancellationToken,
        until: Nanoseconds,
    ) -> RunEnd {
        let next = (self.since + SECOND).min(until.max(swarm.clock.now() + SECOND / 100));
        tokio::select! {
            () = tokio::time::sleep(swarm.clock.until(next)) => {}
            () = cancellation.cancelled() => return RunEnd::Interrupted,
        }
        self.poll(swarm);
        if self.alone < GONE {
            return RunEnd::Completed;
        }
        let example = swarm.examples().first().map(|example| format!(": {}", example.text));
        RunEnd::Aborted {
            reason: format!("every connection was lost{}", example.unwrap_or_default()),
        }
    }

    /// Waits until every owed delivery has arrived, at most for `length`.
    pub(super) async fn drain(&mut self, swarm: &Swarm, length: Duration) {
        let until = swarm.clock.now() + Nanoseconds::from(length);
        while swarm.clock.now() < until && !swarm.is_settled() {
            let missing = || swarm.rooms.iter().map(|room| room.ledger.lock().counts().lost).sum();
            (self.progress)(&Progress::Draining { missing: missing() });
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.poll(swarm);
        }
        tokio::time::sleep(DUPLICATES_WAIT.min(length)).await;
        self.poll(swarm);
    }

    /// Adds the resources used so far.
    pub(super) fn add_resources(&self, record: &mut LoadRecord) {
        record.generator.cpu_s = machine::cpu().saturating_sub(self.cpu_at_first).as_secs_f64();
        record.generator.server_cpu_s = self
            .server_cpu_at_last
            .zip(self.server_cpu_at_first)
            .map(|(last, first)| last.saturating_sub(first).as_secs_f64());
    }

    /// Completes the record with the series and the resources used.
    pub(super) fn complete(self, record: &mut LoadRecord) {
        self.add_resources(record);
        // Seconds before the schedule have negative times, which are known only now.
        let last = self.series.last().map_or(Nanoseconds::ZERO, |(since, _)| *since);
        let begin = self.begin.unwrap_or(last);
        record.series = self
            .series
            .into_iter()
            .map(|(since, second)| Second { at_s: seconds_from(begin, since), ..second })
            .collect();
    }

    /// Ends the current second.
    fn collect(&mut self, swarm: &Swarm) {
        let now = swarm.clock.now();
        let length_s = (now - self.since).as_secs_f64();
        let counters = swarm.take_second();
        let cpu = machine::cpu();
        let server_cpu = self.server.and_then(machine::cpu_of);
        let connections = load(&swarm.counts.connected);
        let at_s = self.begin.map_or(0.0, |begin| seconds_from(begin, self.since));
        let second = Second {
            at_s,
            length_s,
            offered: counters.offered,
            sent: counters.sent,
            delivered: counters.delivered,
            connections,
            requests: counters.requests,
            errors: counters.errors,
            delivery: HistogramSnapshot::from(&counters.delivery),
            last: HistogramSnapshot::from(&counters.last),
            lag: HistogramSnapshot::from(&counters.lag),
            generator_cpu: cpu.saturating_sub(self.cpu).as_secs_f64() / length_s,
            server_cpu: server_cpu
                .zip(self.server_cpu)
                .map(|(now, before)| now.saturating_sub(before).as_secs_f64() / length_s),
        };
        self.alone = if connections == 0 && self.begin.is_some() { self.alone + 1 } else { 0 };
        if self.begin.is_some() {
            let length_s = self.length.as_secs_f64();
            (self.progress)(&Progress::Running { second: Box::new(second.clone()), length_s });
        }
        self.series.push((self.since, second));
        (self.since, self.cpu, self.server_cpu) = (now, cpu, server_cpu);
        self.server_cpu_at_last = server_cpu.or(self.server_cpu_at_last);
    }
}

fn seconds_from(begin: Nanoseconds, moment: Nanoseconds) -> f64 {
    moment.as_secs_f64() - begin.as_secs_f64()
}
