//! Live metrics of a load run: for Prometheus, which scrapes them, and for a receiver of OTLP, which they are sent to.

mod buckets;
mod openmetrics;
mod otlp;
mod page;
mod registry;
mod totals;

use std::net::SocketAddr;
use std::sync::Arc;

use hearback_stats::LoadRecord;
use parking_lot::Mutex;

use crate::context::Context;
use crate::error::RunError;
use crate::event::{Event, Observer};

pub use otlp::{OtlpEndpoint, OtlpError};
pub use registry::{LIVE_METRICS, LiveMetric};

use otlp::Export;
use page::Page;
use totals::Totals;

/// Where live metrics go.
#[derive(Clone, Debug, Default)]
pub struct MetricsOptions {
    /// Address at which they are served for Prometheus, if they are.
    pub listen: Option<SocketAddr>,
    /// Receiver of OTLP that they are sent to, if they are.
    pub otlp: Option<OtlpEndpoint>,
}

impl MetricsOptions {
    /// Returns whether live metrics go anywhere.
    pub fn is_wanted(&self) -> bool {
        self.listen.is_some() || self.otlp.is_some()
    }
}

/// The live metrics of a run.
pub(super) struct LiveMetrics {
    totals: Arc<Mutex<Totals>>,
    _page: Option<Page>,
    export: Option<Export>,
}

impl LiveMetrics {
    /// Serves and exports metrics if that is asked for; `labels` distinguish runs.
    ///
    /// # Errors
    /// If the address cannot be used, or no client for OTLP can be built.
    pub(super) async fn start(
        options: &MetricsOptions,
        labels: [(&'static str, String); 3],
        context: &Context,
    ) -> Result<Option<Self>, RunError> {
        if !options.is_wanted() {
            return Ok(None);
        }
        let totals = Arc::new(Mutex::new(Totals::default()));
        let page = match options.listen {
            None => None,
            Some(address) => {
                let (labels, totals) = (labels.clone(), Arc::clone(&totals));
                let text = move || openmetrics::exposition(&labels, totals.lock().clone());
                let page = Page::listen(address, text).await?;
                context.emit(Event::ServingMetrics { url: page.url() });
                Some(page)
            }
        };
        let export = match &options.otlp {
            None => None,
            Some(endpoint) => {
                let context = context.clone();
                context.emit(Event::ExportingMetrics { url: endpoint.to_string() });
                let totals = Arc::clone(&totals);
                let warn = move |event| context.emit(event);
                let values = move || totals.lock().clone();
                Some(Export::start(endpoint, otlp::TIMES, &labels, values, warn)?)
            }
        };
        Ok(Some(Self { totals, _page: page, export }))
    }

    /// An observer that also updates the metrics.
    pub(super) fn observed_by(&self, observer: Observer) -> Observer {
        let totals = Arc::clone(&self.totals);
        Observer::new(move |event| {
            if let Event::Load(progress) = event {
                totals.lock().observe(progress);
            }
            observer.observe(event);
        })
    }

    /// Exports the last values: those of the record, if the run has one.
    pub(super) async fn finish(self, record: Option<&LoadRecord>) {
        if let Some(record) = record {
            self.totals.lock().finish(record);
        }
        if let Some(export) = self.export {
            export.finish().await;
        }
    }
}
