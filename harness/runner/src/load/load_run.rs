//! A load run of one target: from the profile and the accounts to the record.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hearback_client::{Client, Limits, RoomRegistry, ThrottleNotifications};
use hearback_history::{EventKind, OrphanedRoom, Recorder, RunEnd, Sink};
use hearback_loadtests::{
    Common, Finished, LoadRecord, Options as SwarmOptions, Part, Plan, PreparedRun, Profile,
    SampledRooms, enough_descriptors,
};

use crate::capacity::{self, Quantity};
use crate::checking::blocking;
use crate::cleanup::clean_up;
use crate::context::Context;
use crate::error::RunError;
use crate::event::Event;
use crate::onboarding::{Onboarding, RoomTests};
use crate::run::{self, Identity};
use crate::runs;
use crate::target::TargetUnderTest;

use super::journal::RoomJournal;
use super::rooms::{self, Rooms};
use super::{record, sample};

/// Requests in flight at the same time.
const IN_FLIGHT: usize = 512;

/// Parameters of a load run, besides its profile.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name and seed.
    pub identity: Identity,
    /// Timeout for one response.
    pub timeout: Duration,
    /// True if the record so far is part of the progress.
    pub interim: bool,
    /// The part of the run that this process performs, if others perform the rest.
    pub part: Option<RunPart>,
    /// File that goose writes its own report to; the extension selects the format.
    pub goose_report: Option<PathBuf>,
    /// File that the record is saved to, if any.
    pub record: Option<PathBuf>,
    /// File that the created rooms are written to as they are created, if any; removed if all were archived.
    pub journal: Option<PathBuf>,
}

/// The part of a run that one of several workers performs.
#[derive(Clone, Debug)]
pub struct RunPart {
    /// The part.
    pub part: Part,
    /// Number of accounts of all workers. The target has only those of this one.
    pub accounts: usize,
    /// Parameters that all workers share.
    pub common: Common,
}

/// A load run of one target.
pub struct LoadRun {
    options: Options,
    target: TargetUnderTest,
    context: Context,
    journal: Option<RoomJournal>,
    /// Number of accounts whose ids are known to be right, from the first on.
    known_ids: AtomicUsize,
}

/// A load run whose accounts are logged in and whose rooms are created.
pub struct PreparedLoad {
    run: PreparedRun,
    context: Context,
    recorder: Arc<Recorder>,
    journal: Option<RoomJournal>,
}

impl LoadRun {
    /// A load run of a target; nothing is sent yet.
    ///
    /// # Errors
    /// If the record or the journal cannot be written, which is better known before the run than after it.
    pub fn new(
        options: Options,
        target: TargetUnderTest,
        context: Context,
    ) -> Result<Self, RunError> {
        options.record.as_deref().into_iter().for_each(runs::ignore);
        options.record.as_deref().map_or(Ok(()), record::ensure_writable)?;
        let journal = options.journal.as_deref().filter(|_| !target.is_embedded());
        let journal = journal.map(RoomJournal::create).transpose()?;
        let known_ids = AtomicUsize::new(if target.is_embedded() { usize::MAX } else { 0 });
        Ok(Self { options, target, context, journal, known_ids })
    }

    /// The target.
    pub fn target(&self) -> &TargetUnderTest {
        &self.target
    }

    /// Runs a profile once, and saves the record.
    ///
    /// # Errors
    /// If the accounts, the machine or the target do not allow the run, or the record cannot be written.
    pub async fn once(&self, profile: Profile) -> Result<LoadRecord, RunError> {
        let events = (profile.sample_rooms > 0).then(sample::Events::default);
        let slos = profile.slos.clone();
        let sink = events.clone().map(|events| Box::new(events) as Box<dyn Sink>);
        let prepared = self.prepare(profile, sink).await?;
        let sampled = prepared.plan().rooms.iter().filter(|room| room.sampled).count();
        let finished = prepared.run().await;
        prepared.archive(end_of(&finished)).await;
        let finished = finished?;
        if let Err(reason) = finished.goose {
            self.context.emit(Event::GooseFailed { reason });
        }
        let mut record = finished.record;
        if let Some(events) = events {
            record.sample = Some(blocking(move || events.check(sampled as u64)).await);
        }
        record.evaluate(&slos);
        self.save(&record);
        Ok(record)
    }

    /// Searches the highest rate, or number of members, that meets the service levels, and saves the record of
    /// the best trial. Each trial runs the whole schedule in rooms of its own.
    ///
    /// # Errors
    /// As [`once`](Self::once), for the first trial.
    pub async fn find_capacity(
        &self,
        profile: Profile,
        of: Quantity,
        confirmations: usize,
    ) -> Result<LoadRecord, RunError> {
        let range = capacity::Range::of(&profile, of, self.target.accounts().len());
        let record = capacity::find(of, range, confirmations, &self.context, async |value| {
            let prepared = self.prepare(of.scale(&profile, value / range.start), None).await?;
            let finished = prepared.run().await;
            prepared.archive(end_of(&finished)).await;
            Ok(finished?.record)
        })
        .await?;
        self.save(&record);
        Ok(record)
    }

    /// Logs in the accounts and creates the rooms; `sample` receives the traffic of sampled rooms.
    ///
    /// # Errors
    /// As [`once`](Self::once). Rooms that were created until then are archived.
    pub async fn prepare(
        &self,
        profile: Profile,
        sample: Option<Box<dyn Sink>>,
    ) -> Result<PreparedLoad, RunError> {
        let prepared = self.try_prepare(profile, sample).await;
        if let (Err(_), Some(journal)) = (&prepared, &self.journal) {
            journal.remove_if_unneeded();
        }
        prepared
    }

    async fn try_prepare(
        &self,
        profile: Profile,
        sample: Option<Box<dyn Sink>>,
    ) -> Result<PreparedLoad, RunError> {
        let Options { identity, timeout, .. } = &self.options;
        let mut plan = self.plan(&profile)?;
        if let Some(RunPart { part, .. }) = &self.options.part {
            self.context.emit(Event::PartAssigned {
                run: identity.name.clone(),
                part: *part,
                rooms: plan.rooms.len(),
                members: plan.members.len(),
            });
        }
        let descriptors = enough_descriptors(&plan)?;
        if sample.is_none() {
            plan.rooms.iter_mut().for_each(|room| room.sampled = false);
        }
        let recorder = self.recorder(&plan, sample);
        let limits = Limits { in_flight: IN_FLIGHT, ..self.target.limits(*timeout) };
        let target = self.target.target();
        let signing_key = self.target.jwt_secret();
        let client = Client::new(target.clone(), recorder.clone(), limits, signing_key.clone())?;
        let onboarding = Onboarding {
            client: &client,
            target: &self.target,
            accounts: &self.target.accounts()[..plan.accounts],
            run: &identity.name,
            signing_key: signing_key.as_ref(),
            known_ids: self.known_ids.load(Ordering::Relaxed),
            requires_ids: true,
            tests: RoomTests::default(),
            context: &self.context,
        };
        let actors = onboarding.complete().await?;
        self.known_ids.fetch_max(plan.accounts, Ordering::Relaxed);
        let registry = RoomRegistry::default();
        let rooms = Rooms {
            plan: &plan,
            actors: &actors,
            run: &identity.name,
            registry: &registry,
            exchange: self.options.part.as_ref().map(|part| &part.common.exchange),
            context: &self.context,
        };
        // A room that is being created meanwhile is archived as well.
        let created = tokio::select! {
            created = rooms.create() => created,
            () = self.context.cancellation.cancelled() => Ok(Vec::new()),
        };
        let created = match created {
            Ok(created) if !self.context.is_cancelled() => created,
            other => {
                report_left(&self.context, clean_up(&actors, &self.context.cancellation).await);
                return Err(other.err().map_or(RunError::Interrupted, RunError::from));
            }
        };
        let progress = self.context.observer.clone();
        let options = SwarmOptions {
            target: target.clone(),
            run: identity.name.clone(),
            seed: identity.seed,
            embedded: self.target.is_embedded(),
            server: self.target.process(),
            cancellation: self.context.cancellation.clone(),
            interim: self.options.interim,
            common: self.options.part.as_ref().map(|part| part.common.clone()),
            progress: Arc::new(move |news| progress.observe(&Event::Load(news.clone()))),
            goose_report: self.options.goose_report.clone(),
        };
        let run = PreparedRun {
            profile,
            plan,
            actors,
            rooms: created,
            recorder: recorder.clone(),
            descriptors,
            options,
        };
        Ok(PreparedLoad {
            run,
            context: self.context.clone(),
            recorder,
            journal: self.journal.clone(),
        })
    }

    /// The rooms and members of this process.
    fn plan(&self, profile: &Profile) -> Result<Plan, RunError> {
        let seed = self.options.identity.seed;
        match &self.options.part {
            None => Ok(Plan::new(profile, self.target.accounts().len(), seed)?),
            Some(RunPart { part, accounts, .. }) => {
                let whole = Plan::new(profile, *accounts, seed)?;
                Ok(whole.part(*part, profile.shared_accounts)?)
            }
        }
    }

    fn recorder(&self, plan: &Plan, sample: Option<Box<dyn Sink>>) -> Arc<Recorder> {
        let context = self.context.clone();
        let throttled =
            ThrottleNotifications::new(move |wait_s| context.emit(Event::Throttled { wait_s }));
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(throttled)];
        sinks.extend(self.journal.clone().map(|journal| Box::new(journal) as Box<dyn Sink>));
        sinks.extend(sample.map(|sink| {
            let sampled = plan.rooms.iter().filter(|room| room.sampled);
            let scenarios = sampled.map(|room| rooms::scenario(room.number)).collect();
            Box::new(SampledRooms::new(scenarios, sink)) as Box<dyn Sink>
        }));
        let recorder = Arc::new(Recorder::new(sinks));
        self.context.redaction.add(&recorder);
        let Options { identity, timeout, .. } = &self.options;
        recorder.record(EventKind::RunStarted(Box::new(run::start(
            identity,
            self.target.target(),
            self.target.kind().clone(),
            *timeout,
        ))));
        recorder
    }

    /// Saves the record. A record that cannot be saved must not cost the result of the run, so it is reported only.
    fn save(&self, record: &LoadRecord) {
        let Some(path) = self.options.record.clone() else { return };
        self.context.emit(match record::save(&path, record, &self.context.redaction) {
            Ok(()) => Event::RecordSaved { path },
            Err(error) => Event::RecordUnsaved { reason: with_source(&error) },
        });
    }
}

impl PreparedLoad {
    /// Rooms and members of the run.
    pub fn plan(&self) -> &Plan {
        &self.run.plan
    }

    /// Runs the schedule once. The rooms stay, so that it can run again.
    ///
    /// # Errors
    /// If the system provides no timer. A target that fails is part of the record.
    pub async fn run(&self) -> Result<Finished, RunError> {
        Ok(self.run.run().await?)
    }

    /// Archives the rooms, reports those that are left, and ends the record of the sampled ones.
    pub async fn archive(self, end: RunEnd) {
        let left = clean_up(&self.run.actors, &self.context.cancellation).await;
        self.recorder.record(EventKind::RunEnded(end));
        if let Some(journal) = self.journal.filter(|_| left.is_empty()) {
            journal.remove();
        }
        report_left(&self.context, left);
    }
}

/// An error and its source, in one line.
fn with_source(error: &RunError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

fn report_left(context: &Context, left: Vec<OrphanedRoom>) {
    left.into_iter().for_each(|room| context.emit(Event::RoomLeftBehind(room)));
}

fn end_of(finished: &Result<Finished, RunError>) -> RunEnd {
    match finished {
        Ok(finished) => finished.record.end.clone(),
        Err(error) => RunEnd::Aborted { reason: error.to_string() },
    }
}
