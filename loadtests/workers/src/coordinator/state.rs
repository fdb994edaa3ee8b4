//! The state of a worker, as the coordinator knows it.

use std::fmt;
use std::time::Duration;

use hearback_history::Nanoseconds;
use hearback_loadtests::Plan;
use hearback_runner::load::{WorkerState, WorkerStatus};
use hearback_stats::LoadRecord;
use tokio::time::Instant;

use crate::message::Preparation;

/// Time without a heartbeat after which a worker is shown as silent.
const SILENT: Duration = Duration::from_secs(3);

/// Maximum number of rooms that are named.
const NAMED_ROOMS: usize = 10;

/// A worker, as the coordinator knows it.
#[derive(Debug)]
pub(super) struct Worker {
    /// Number, from 1.
    pub(super) number: usize,
    /// Name of its machine, if it is known.
    pub(super) host: String,
    /// Numbers of its rooms in the whole run.
    pub(super) rooms: Vec<usize>,
    /// Number of those that it creates.
    pub(super) own_rooms: usize,
    pub(super) members: usize,
    pub(super) accounts: usize,
    pub(super) stage: Stage,
    /// The time at which it was heard last.
    pub(super) heard: Instant,
    pub(super) prepared: Prepared,
    /// Time from the common start to its start.
    pub(super) late: Nanoseconds,
    /// Its record so far, since the last evaluation.
    pub(super) so_far: Option<LoadRecord>,
}

/// The preparation of a worker so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prepared {
    /// Accounts that are logged in.
    pub(super) logged_in: usize,
    /// Rooms that are created.
    pub(super) rooms: usize,
    /// Sockets that are open.
    pub(super) open: usize,
    /// Sockets whose first attempt failed.
    pub(super) failed: usize,
}

/// The stage of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Preparing,
    Ready,
    Finished,
    /// It has no record, for a reason.
    Failed(String),
}

impl Worker {
    pub(super) fn new(number: usize, host: String, plan: &Plan) -> Self {
        Self {
            number,
            host,
            rooms: plan.rooms.iter().map(|room| room.number).collect(),
            own_rooms: plan.own_rooms(),
            members: plan.members.len(),
            accounts: plan.accounts,
            stage: Stage::Preparing,
            heard: Instant::now(),
            prepared: Prepared::default(),
            late: Nanoseconds::ZERO,
            so_far: None,
        }
    }

    /// Returns whether it has ended, with or without a record.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Finished | Stage::Failed(_))
    }

    /// Records a step of its preparation.
    pub(super) fn prepare(&mut self, step: Preparation) {
        let prepared = self.prepared;
        self.prepared = match step {
            Preparation::LoggingIn { done } => Prepared { logged_in: done, ..prepared },
            Preparation::CreatingRooms { done } => Prepared { rooms: done, ..prepared },
            Preparation::Connecting { open, failed } => Prepared { open, failed, ..prepared },
        };
    }

    /// Its status for those who watch the run.
    pub(super) fn status(&self, is_started: bool) -> WorkerStatus {
        let heard = self.heard.elapsed();
        let state = match &self.stage {
            Stage::Finished => WorkerState::Done,
            Stage::Failed(reason) => WorkerState::Lost { reason: reason.clone() },
            _ if heard > SILENT => WorkerState::Silent,
            Stage::Ready if is_started => WorkerState::Running,
            Stage::Preparing | Stage::Ready => WorkerState::Waiting,
        };
        WorkerStatus {
            number: self.number,
            host: self.host.clone(),
            state,
            rooms: self.rooms.len(),
            members: self.members,
            heard_s: heard.as_secs_f64(),
        }
    }

    /// The reason why it has no record, with the part of all `rooms` of the run that is not measured.
    pub(super) fn failure(&self, rooms: usize) -> Option<String> {
        let Stage::Failed(reason) = &self.stage else { return None };
        let share = 100.0 * self.rooms.len() as f64 / rooms.max(1) as f64;
        let named = self.rooms.iter().take(NAMED_ROOMS).map(ToString::to_string);
        let mut named = named.collect::<Vec<_>>().join(", ");
        if self.rooms.len() > NAMED_ROOMS {
            named += ", …";
        }
        Some(format!("{self}: {reason}; {share:.0} % of the rooms are not measured ({named})"))
    }
}

impl fmt::Display for Worker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.as_str() {
            "" => write!(formatter, "worker {}", self.number),
            host => write!(formatter, "worker {} on {host}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_follows_the_stage_and_the_last_report() {
        let status = |stage: &Stage, silence: Duration, is_started| {
            let worker = Worker {
                number: 1,
                host: String::new(),
                rooms: vec![3, 5],
                own_rooms: 2,
                members: 7,
                accounts: 7,
                stage: stage.clone(),
                heard: Instant::now() - silence,
                prepared: Prepared::default(),
                late: Nanoseconds::ZERO,
                so_far: None,
            };
            worker.status(is_started)
        };
        let failed = Stage::Failed("it died".to_owned());
        let lost = WorkerState::Lost { reason: "it died".to_owned() };
        for (stage, silence, is_started, expected) in [
            (Stage::Preparing, Duration::ZERO, false, WorkerState::Waiting),
            (Stage::Ready, Duration::ZERO, false, WorkerState::Waiting),
            (Stage::Ready, Duration::ZERO, true, WorkerState::Running),
            (Stage::Ready, SILENT * 2, true, WorkerState::Silent),
            (Stage::Finished, SILENT * 2, true, WorkerState::Done),
            (failed, SILENT * 2, true, lost),
        ] {
            let status = status(&stage, silence, is_started);
            assert_eq!(status.state, expected, "{stage:?} {silence:?} {is_started}");
            assert_eq!((status.rooms, status.members), (2, 7));
        }
    }
}
