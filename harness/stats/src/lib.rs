//! What a swarm saw: stamps, histograms, the ledger of deliveries, and service levels.
//!
//! Data and arithmetic only: no sockets, no clock, no goose. Times are nanoseconds on the one monotonic
//! clock of a run; latencies are kept in [`Distribution`]s, in microseconds. A [`MessageTag`] in a message's text
//! leads each delivery back to its message; a [`RoomLedger`] knows who should have got it; a
//! [`LoadRecord`] is everything that a report, a service level or a comparison needs.

pub mod comparison;
pub mod distribution;
pub mod fault;
pub mod ledger;
pub mod made_up;
pub mod metric;
pub mod record;
mod seen;
pub mod series;
pub mod slo;
pub mod stamp;
pub mod tally;

pub use comparison::{Calibration, Comparison, Minimum, NotComparable};
pub use distribution::{Distribution, HistogramSnapshot, MetricValue};
pub use fault::{ErrorCounts, ErrorKind};
pub use ledger::{Account, Delivery, Pace, RoomLedger, Sequence};
pub use metric::{METRICS, Metric, Unit, UnknownMetric};
pub use record::{LoadRecord, Outcome};
pub use series::Second;
pub use slo::{Slo, SloError, SloResult};
pub use stamp::{MessageTag, MessageTags, Sight};
pub use tally::{Counters, SecondaryLatency};

/// A moment, or a length of time, on the clock of a run, in nanoseconds.
pub type Nanoseconds = u64;
