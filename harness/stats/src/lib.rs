//! Measurements of load runs: message tags, delivery ledgers, histograms, service levels and comparisons.
//!
//! This crate contains data and arithmetic only. It opens no sockets and reads no clock. Times are nanoseconds on the
//! monotonic clock of a run; [`Distribution`]s store latencies in microseconds. A [`MessageTag`] in the text of a message
//! links each delivery to its message, a [`RoomLedger`] tracks which members are owed which messages, and a
//! [`LoadRecord`] contains everything that reports, service levels and comparisons need.

pub mod comparison;
pub mod counters;
pub mod distribution;
pub mod errors;
pub mod ledger;
pub mod message_tag;
pub mod metric;
mod metric_value;
pub mod record;
mod sequence_set;
pub mod series;
pub mod slo;

pub use comparison::{Calibration, Comparison, Minimum, NotComparable};
pub use counters::{Counters, SecondaryLatency};
pub use distribution::{Distribution, HistogramSnapshot};
pub use errors::{ErrorCounts, ErrorKind};
pub use ledger::{Delivery, DeliveryCounts, Pace, RoomLedger, RoomShare, SendLog, Sequence};
pub use message_tag::{MessageTag, TagFinder, TagMatch};
pub use metric::{METRICS, Metric, Unit};
pub use metric_value::MetricValue;
pub use record::{LoadOutcome, LoadRecord, SloResult};
pub use series::Second;
pub use slo::{Slo, SloError};
