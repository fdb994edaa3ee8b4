//! A live page about a load run.
//!
//! The page is the report of the measurements so far. A thread of its own renders it, once a second and only while someone
//! looks, because the generator needs the processors. Browsers receive each rendering as a server-sent event.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use axum::Router;
use axum::response::sse::{Event as Message, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use futures_util::Stream;
use futures_util::stream::unfold;
use hearback_loadtests::Progress;
use hearback_stats::LoadRecord;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::checking::blocking;
use crate::error::RunError;
use crate::event::{Event, Observer};
use crate::redaction::Redaction;

use super::worker_status::WorkerStatus;

/// Time in which browsers receive the final report.
const LAST_RENDERING: Duration = Duration::from_secs(2);

/// A live page, and how it is rendered.
#[derive(Clone, Copy, Debug)]
pub struct DashboardOptions {
    /// Address at which it is served.
    pub address: SocketAddr,
    /// Renders the page of a run that is going on.
    pub running: fn(&LoadRecord, &[WorkerStatus]) -> String,
    /// Renders the page of a finished run.
    pub finished: fn(&LoadRecord) -> String,
}

/// A rendering of the page.
#[derive(Clone)]
struct Page {
    html: Arc<str>,
    is_final: bool,
}

/// Something that changes the page.
enum News {
    Progress(Box<Progress>),
    Workers(Vec<WorkerStatus>),
    Finished(Box<LoadRecord>),
}

/// Serves the page until it is finished.
pub(super) struct Dashboard {
    news: Sender<News>,
    thread: std::thread::JoinHandle<()>,
    address: SocketAddr,
    server: JoinHandle<()>,
    stop: CancellationToken,
}

impl Dashboard {
    /// Listens at an address; `record` describes the run before it begins.
    ///
    /// # Errors
    /// If the address cannot be used.
    pub(super) async fn listen(
        options: DashboardOptions,
        record: LoadRecord,
        redaction: Redaction,
    ) -> Result<Self, RunError> {
        let unusable = |source| RunError::Dashboard { address: options.address, source };
        let listener = TcpListener::bind(options.address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let first = Page { html: (options.running)(&record, &[]).into(), is_final: false };
        let pages = Arc::new(watch::Sender::new(first));
        let shown = Arc::clone(&pages);
        let (news, received) = channel();
        let thread = std::thread::spawn(move || {
            Renderer { options, redaction, record, workers: Vec::new(), pages }.run(&received);
        });
        let stop = CancellationToken::new();
        let server = tokio::spawn({
            let stopped = stop.clone().cancelled_owned();
            let served = axum::serve(listener, router(shown)).with_graceful_shutdown(stopped);
            async move { served.await.unwrap_or(()) }
        });
        Ok(Self { news, thread, address, server, stop })
    }

    /// The URL of the page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// An observer that also updates the page.
    pub(super) fn observed_by(&self, observer: Observer) -> Observer {
        let news = self.news.clone();
        Observer::new(move |event| {
            let changed = match event {
                Event::Load(progress @ (Progress::Running { .. } | Progress::SoFar(_))) => {
                    Some(News::Progress(Box::new(progress.clone())))
                }
                Event::Workers(workers) => Some(News::Workers(workers.clone())),
                _ => None,
            };
            if let Some(changed) = changed {
                // After the report, no page is rendered any more.
                let _sent = news.send(changed).is_ok();
            }
            observer.observe(event);
        })
    }

    /// Turns the page into the report, gives browsers the time to receive it, and ends.
    pub(super) async fn finish(self, record: &LoadRecord) {
        let _sent = self.news.send(News::Finished(Box::new(record.clone()))).is_ok();
        // A panic of the thread was printed by the thread.
        let _joined = blocking(move || self.thread.join()).await;
        self.stop.cancel();
        let abort = self.server.abort_handle();
        if tokio::time::timeout(LAST_RENDERING, self.server).await.is_err() {
            abort.abort();
        }
    }
}

/// Renders the page.
struct Renderer {
    options: DashboardOptions,
    redaction: Redaction,
    /// The record so far, with its series.
    record: LoadRecord,
    /// The workers, if several perform the run.
    workers: Vec<WorkerStatus>,
    pages: Arc<watch::Sender<Page>>,
}

impl Renderer {
    /// Renders until the run is finished.
    fn run(mut self, news: &Receiver<News>) {
        for news in news {
            match news {
                News::Progress(progress) => self.observe(*progress),
                News::Workers(workers) => {
                    self.workers = workers;
                    self.show_running();
                }
                News::Finished(record) => return self.show((self.options.finished)(&record), true),
            }
        }
    }

    fn observe(&mut self, progress: Progress) {
        match progress {
            Progress::Running { second, .. } => self.record.series.push(*second),
            Progress::SoFar(record) => {
                let series = std::mem::take(&mut self.record.series);
                self.record = LoadRecord { series, ..*record };
                // The state of workers follows every second, also while the record of one is missing.
                if self.workers.is_empty() {
                    self.show_running();
                }
            }
            _ => {}
        }
    }

    fn show_running(&self) {
        if self.pages.receiver_count() > 0 {
            self.show((self.options.running)(&self.record, &self.workers), false);
        }
    }

    fn show(&self, html: String, is_final: bool) {
        // A message of the stream must not contain carriage returns.
        let html = self.redaction.redacted(&html).replace('\r', "").into();
        self.pages.send_replace(Page { html, is_final });
    }
}

fn router(pages: Arc<watch::Sender<Page>>) -> Router {
    let watched = Arc::clone(&pages);
    let page = move || async move { Html(pages.borrow().html.to_string()) };
    let updates = move || async move { Sse::new(messages(watched.subscribe())).into_response() };
    Router::new().route("/", get(page)).route("/updates", get(updates))
}

/// The renderings from now on, ending with the final one.
fn messages(pages: watch::Receiver<Page>) -> impl Stream<Item = Result<Message, Infallible>> {
    unfold(Some(pages), async |pages| {
        let mut pages = pages?;
        if !pages.borrow().is_final {
            pages.changed().await.ok()?;
        }
        let Page { html, is_final } = pages.borrow_and_update().clone();
        let name = if is_final { "report" } else { "page" };
        let message = Message::default().event(name).data(&*html);
        Some((Ok(message), (!is_final).then_some(pages)))
    })
}
