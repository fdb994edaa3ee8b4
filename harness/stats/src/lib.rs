//! What a swarm saw: tags, histograms, the ledger of deliveries, and service levels.
//!
//! Data and arithmetic only: no sockets, no clock, no goose. Times are nanoseconds on the one monotonic
//! clock of a run; latencies are kept in [`Distribution`]s, in microseconds. A [`MessageTag`] in a message's text
//! leads each delivery back to its message; a [`RoomLedger`] knows who should have got it; a
//! [`LoadRecord`] is everything that a report, a service level or a comparison needs.

pub mod comparison;
pub mod counters;
pub mod distribution;
pub mod errors;
pub mod ledger;
pub mod made_up;
pub mod message_tag;
pub mod metric;
pub mod record;
mod sequence_set;
pub mod series;
pub mod slo;

pub use comparison::{Calibration, Comparison, Minimum, NotComparable};
pub use counters::{Counters, SecondaryLatency};
pub use distribution::{Distribution, HistogramSnapshot, MetricValue};
pub use errors::{ErrorCounts, ErrorKind};
pub use ledger::{Delivery, DeliveryCounts, Pace, RoomLedger, Sequence};
pub use message_tag::{MessageTag, TagFinder, TagMatch};
pub use metric::{METRICS, Metric, Unit, UnknownMetric};
pub use record::{LoadOutcome, LoadRecord};
pub use series::Second;
pub use slo::{Slo, SloError, SloResult};

/// A moment, or a length of time, on the clock of a run, in nanoseconds.
pub type Nanoseconds = u64;
