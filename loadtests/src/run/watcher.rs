//! Looking at a run once a second.

use std::sync::Arc;
use std::time::Duration;

use hearback_history::RunEnd;
use hearback_stats::{HistogramSnapshot, LoadRecord, Nanoseconds, Second};
use tokio_util::sync::CancellationToken;

use super::{Options, Progress};
use crate::machine;
use crate::swarm::{Swarm, of};

const SECOND: Nanoseconds = 1_000_000_000;
/// So many seconds without any connection, after there were some, and the target is gone.
const GONE: u32 = 3;
/// After the last delivery, this long is listened for what comes again.
const AFTERMATH: Duration = Duration::from_millis(500);

/// Collects the series, and notices when the target is gone.
pub(super) struct Watcher {
    progress: Arc<dyn Fn(&Progress) + Send + Sync>,
    server: Option<u32>,
    /// With the time at which each began, on the clock of the run.
    series: Vec<(Nanoseconds, Second)>,
    /// When the second that is going on began.
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

    /// The schedule begins: seconds count from there.
    pub(super) fn begin(&mut self, begin: Nanoseconds, length: Duration) {
        self.begin = Some(begin);
        self.length = length;
    }

    /// Takes the second down, if it is over.
    pub(super) fn look(&mut self, swarm: &Swarm) {
        if swarm.clock.now().saturating_sub(self.since) >= SECOND {
            self.turn(swarm);
        }
    }

    /// Takes what is left down.
    pub(super) fn finish(&mut self, swarm: &Swarm) {
        if swarm.clock.now().saturating_sub(self.since) > SECOND / 20 {
            self.turn(swarm);
        }
    }

    /// ThrottleNotifications for the end of the second, or of the schedule; says if the run has to end.
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
        self.look(swarm);
        if self.alone < GONE {
            return RunEnd::Completed;
        }
        let example = swarm.examples().first().map(|example| format!(": {}", example.text));
        RunEnd::Aborted {
            reason: format!("every connection was lost{}", example.unwrap_or_default()),
        }
    }

    /// ThrottleNotifications until everything is delivered, at most for `length`.
    pub(super) async fn drain(&mut self, swarm: &Swarm, length: Duration) {
        let until = swarm.clock.now() + u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        while swarm.clock.now() < until && !swarm.is_settled() {
            let missing = || swarm.rooms.iter().map(|room| room.ledger.lock().counts().lost).sum();
            (self.progress)(&Progress::Draining { missing: missing() });
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.look(swarm);
        }
        tokio::time::sleep(AFTERMATH.min(length)).await;
        self.look(swarm);
    }

    /// Adds the series, and what the machine says, to the record; a generator that lagged voids it.
    pub(super) fn complete(self, record: &mut LoadRecord, bound: Duration) {
        let bound_ms = bound.as_secs_f64() * 1000.0;
        let lag = record.latencies.lag.quantile(0.99).value();
        if let Some(lag) = lag.filter(|lag| *lag > bound_ms) {
            record.invalid_reasons.push(format!(
                "the generator sent late: its own lag was {lag:.1} ms at the 99th percentile, above the \
                 bound of {bound_ms:.0} ms; what it measured is not the target's doing"
            ));
        }
        record.generator.cpu_s = machine::cpu().saturating_sub(self.cpu_at_first).as_secs_f64();
        record.generator.server_cpu_s = self
            .server_cpu_at_last
            .zip(self.server_cpu_at_first)
            .map(|(last, first)| last.saturating_sub(first).as_secs_f64());
        record.generator.lag_bound_ms = bound_ms;
        // Seconds from before the schedule are counted backwards from it, once it is known when it began.
        let last = self.series.last().map_or(0, |(since, _)| *since);
        let begin = self.begin.unwrap_or(last);
        record.series = self
            .series
            .into_iter()
            .map(|(since, second)| Second { at_s: seconds_from(begin, since), ..second })
            .collect();
    }

    fn turn(&mut self, swarm: &Swarm) {
        let now = swarm.clock.now();
        let length_s = now.saturating_sub(self.since) as f64 / SECOND as f64;
        let moment = swarm.turn();
        let cpu = machine::cpu();
        let server_cpu = self.server.and_then(machine::cpu_of);
        let connections = of(&swarm.counts.connected);
        let at_s = self.begin.map_or(0.0, |begin| seconds_from(begin, self.since));
        let second = Second {
            at_s,
            length_s,
            offered: moment.offered,
            sent: moment.sent,
            delivered: moment.delivered,
            connections,
            requests: moment.requests,
            errors: moment.errors,
            delivery: HistogramSnapshot::from(&moment.delivery),
            last: HistogramSnapshot::from(&moment.last),
            lag: HistogramSnapshot::from(&moment.lag),
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
    (moment as f64 - begin as f64) / SECOND as f64
}
