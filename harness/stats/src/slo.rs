//! Service levels: what a profile demands of a run, `delivery.p99 < 250 ms`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::distribution::MetricValue;
use crate::metric::{Metric, Unit, UnknownMetric};
use crate::record::{End, LoadRecord};

/// A demand on a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// What is looked at.
    pub metric: Metric,
    /// How it is compared.
    pub operator: Operator,
    /// The bound, in the metric's unit.
    pub bound: f64,
}

/// How a metric is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

/// The longer signs first, since the shorter ones begin them.
const SIGNS: [(&str, Operator); 5] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Below),
    (">", Operator::Above),
    ("=", Operator::Equal),
];

/// Why a text is no service level.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SloError {
    /// There is no operator in it.
    #[error("a service level compares a metric with a bound: `delivery.p99 < 250 ms`")]
    Shape,
    /// There is no such metric.
    #[error(transparent)]
    Metric(#[from] UnknownMetric),
    /// The bound is no number, or a negative one.
    #[error("`{0}` is no number")]
    Number(String),
    /// The bound's unit does not fit the metric.
    #[error("`{metric}` is given {expected}, not in `{found}`")]
    Unit {
        /// The metric.
        metric: String,
        /// What is possible, in words.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
}

/// What came of a service level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SloResult {
    /// The service level as it was written.
    pub slo: String,
    /// What was measured, in the metric's unit.
    pub value: MetricValue,
    /// What was measured, in words.
    pub measured: String,
    /// Whether it is met; without samples it is not. Nothing, if the run ended before it could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

impl SloResult {
    /// Whether it was measured and is not met.
    pub fn is_missed(&self) -> bool {
        self.met == Some(false)
    }
}

impl Slo {
    /// Reads a service level; an error comes with the bytes that it is about.
    ///
    /// # Errors
    /// If the text is none, or names a metric that there is not.
    pub fn parse(text: &str) -> Result<Self, (SloError, Range<usize>)> {
        let whole = 0..text.len();
        let found = SIGNS
            .iter()
            .filter_map(|(sign, operator)| Some((text.find(sign)?, sign.len(), *operator)));
        // The first in the text; of two at one place the longer one, which stands first in the list.
        let (at, length, operator) =
            found.min_by_key(|(at, ..)| *at).ok_or((SloError::Shape, whole))?;
        let place = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let name = text[..at].trim();
        let metric = Metric::by_id(name).map_err(|error| (error.into(), place(name)))?;
        let bound = text[at + length..].trim();
        let digits = bound
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(bound.len());
        let (number, unit) = (&bound[..digits], bound[digits..].trim());
        let number: f64 =
            number.parse().map_err(|_| (SloError::Number(bound.to_owned()), place(bound)))?;
        let factor = metric.unit.factor(unit).ok_or_else(|| {
            let (metric, found) = (metric.id(), unit.to_owned());
            let expected = Metric::by_id(&metric).map_or("", |metric| metric.unit.choices());
            (SloError::Unit { metric, expected, found }, place(bound))
        })?;
        Ok(Self { metric, operator, bound: number * factor })
    }

    /// Whether a run meets it.
    ///
    /// Of a run in which no message was sent, and of one that ended before the first sample, nobody knows.
    pub fn evaluate(&self, record: &LoadRecord) -> SloResult {
        let value = self.metric.read(record);
        let ended_before = record.end != End::Completed && value == MetricValue::NoSamples;
        let (measured, met) = match record.sends.sent == 0 || ended_before {
            true => ("not measured".to_owned(), None),
            false => (self.metric.unit.shown(value), Some(self.is_met_by(value))),
        };
        SloResult { slo: self.to_string(), value, measured, met }
    }

    /// Whether a value meets it. Nothing meets it if there were no samples; what never came is longer
    /// than anything.
    pub fn is_met_by(&self, value: MetricValue) -> bool {
        let number = match value {
            MetricValue::NoSamples => return false,
            MetricValue::Never => f64::INFINITY,
            MetricValue::Value(number) => number,
        };
        match self.operator {
            Operator::Below => number < self.bound,
            Operator::AtMost => number <= self.bound,
            Operator::Equal => (number - self.bound).abs() < 1e-9,
            Operator::AtLeast => number >= self.bound && value != MetricValue::Never,
            Operator::Above => number > self.bound && value != MetricValue::Never,
        }
    }
}

/// As it is written in a profile.
impl fmt::Display for Slo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = SIGNS.iter().find(|(_, operator)| *operator == self.operator);
        let (sign, bound) = (sign.map_or("", |(sign, _)| sign), self.bound);
        write!(formatter, "{} {sign} {bound}{}", self.metric.id(), self.metric.unit.suffix())
    }
}

impl FromStr for Slo {
    type Err = SloError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map_err(|(error, _)| error)
    }
}

impl Unit {
    /// What a number with this unit behind it is multiplied with; `None` if the unit does not fit.
    fn factor(self, unit: &str) -> Option<f64> {
        match (self, unit) {
            (Self::Milliseconds, "ms") | (Self::Percent, "%") | (Self::Cores, "cores" | "") => {
                Some(1.0)
            }
            (Self::Milliseconds, "us" | "µs") => Some(0.001),
            (Self::Milliseconds, "s") => Some(1000.0),
            (Self::Count, "") | (Self::PerSecond, "/s") => Some(1.0),
            _ => None,
        }
    }

    /// The units that fit, in words.
    fn choices(self) -> &'static str {
        match self {
            Self::Milliseconds => "in us, ms or s",
            Self::Percent => "in %",
            Self::Count => "as a number without unit",
            Self::PerSecond => "a second, with /s",
            Self::Cores => "in cores",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (String, Range<usize>) {
        let (error, place) = Slo::parse(text).unwrap_err();
        (error.to_string(), place)
    }

    #[test]
    fn a_service_level_is_read_and_written() {
        for (text, written) in [
            ("delivery.p99 < 250 ms", "delivery.p99 < 250 ms"),
            ("last.p99<0.4s", "last.p99 < 400 ms"),
            ("lost = 0", "lost = 0"),
            ("connect.errors<=0.1%", "connect.errors <= 0.1 %"),
            ("delivered.rate >= 1000 /s", "delivered.rate >= 1000 /s"),
        ] {
            let slo: Slo = text.parse().unwrap();
            assert_eq!(slo.to_string(), written);
            assert_eq!(written.parse::<Slo>().unwrap(), slo);
        }
    }

    #[test]
    fn an_error_points_to_its_place() {
        assert_eq!(error("delivery.p99").1, 0..12);
        let (text, place) = error("delivry.p99 < 5 ms");
        assert_eq!(text, "no metric is called `delivry.p99`; did you mean `delivery.p99`?");
        assert_eq!(place, 0..11);
        let (text, place) = error("delivery.p99 < 5 %");
        assert_eq!(text, "`delivery.p99` is given in us, ms or s, not in `%`");
        assert_eq!(place, 15..18);
        assert_eq!(error("lost = none"), ("`none` is no number".to_owned(), 7..11));
        assert_eq!(error("lost < -1").0, "`-1` is no number");
    }

    #[test]
    fn of_a_run_that_ended_before_its_first_sample_nobody_knows() {
        let slos = ["delivery.p99 < 250 ms", "lost = 0"].map(|text| text.parse::<Slo>().unwrap());
        let met = |record: &LoadRecord| slos.each_ref().map(|slo| slo.evaluate(record).met);
        let mut record = LoadRecord { end: End::Interrupted, ..LoadRecord::default() };
        assert_eq!(met(&record), [None, None]);
        // In the warm-up, nothing counts for the latencies yet.
        (record.sends.sent, record.deliveries.expected) = (1, 1);
        assert_eq!(met(&record), [None, Some(true)]);
        record.end = End::Completed;
        assert_eq!(met(&record), [Some(false), Some(true)]);
        assert_eq!(slos[0].evaluate(&LoadRecord::default()).measured, "not measured");
    }

    #[test]
    fn without_samples_nothing_is_met_and_never_is_longer_than_anything() {
        let slo = |text: &str| text.parse::<Slo>().unwrap();
        for text in ["delivery.p99 < 250 ms", "delivery.p99 > 0 ms", "lost = 0"] {
            assert!(!slo(text).is_met_by(MetricValue::NoSamples), "{text}");
            assert!(!slo(text).is_met_by(MetricValue::Never), "{text}");
        }
        assert!(slo("delivery.p99 < 250 ms").is_met_by(MetricValue::Value(249.9)));
        assert!(!slo("delivery.p99 < 250 ms").is_met_by(MetricValue::Value(250.0)));
        assert!(slo("delivery.p99 <= 250 ms").is_met_by(MetricValue::Value(250.0)));
        assert!(slo("lost = 0").is_met_by(MetricValue::Value(0.0)));
    }
}
