//! Service levels: conditions on the metrics of a run, such as `delivery.p99 < 250 ms`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use hearback_contract::UnknownId;
use hearback_history::RunEnd;
use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Unit};
use crate::metric_value::MetricValue;
use crate::record::{LoadRecord, SloResult};

/// A condition on a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slo {
    /// The metric.
    pub metric: Metric,
    /// The operator that compares the metric with the bound.
    pub operator: Operator,
    /// The bound, in the unit of the metric.
    pub bound: f64,
}

/// An operator that compares a metric with a bound.
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

/// Signs of the operators. Longer signs precede the shorter ones that they begin with.
const SIGNS: [(&str, Operator); 5] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Below),
    (">", Operator::Above),
    ("=", Operator::Equal),
];

/// An error in the text of a service level.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SloError {
    /// The text contains no operator.
    #[error(
        "missing operator: write a service level as METRIC OPERATOR BOUND, for example `delivery.p99 < 250 ms`"
    )]
    Shape,
    /// The metric does not exist.
    #[error(transparent)]
    Metric(#[from] UnknownId),
    /// The bound is not a number, or negative.
    #[error("`{0}` is not a number; bounds are numbers of 0 or more")]
    Number(String),
    /// The unit of the bound does not match the metric.
    #[error("the unit `{found}` does not match `{metric}`; {expected}")]
    Unit {
        /// Id of the metric.
        metric: String,
        /// Accepted units, in words.
        expected: &'static str,
        /// Unit of the bound.
        found: String,
    },
}

impl Slo {
    /// Parses a service level.
    ///
    /// # Errors
    /// If the text is malformed or its metric does not exist. The range is the part of the text, in bytes, that
    /// the error refers to.
    pub fn parse(text: &str) -> Result<Self, (SloError, Range<usize>)> {
        let whole = 0..text.len();
        let found = SIGNS
            .iter()
            .filter_map(|(sign, operator)| Some((text.find(sign)?, sign.len(), *operator)));
        // The first operator in the text. Of two at the same position the longer one, which `SIGNS` lists first.
        let (at, length, operator) =
            found.min_by_key(|(at, ..)| *at).ok_or((SloError::Shape, whole))?;
        let range = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let name = text[..at].trim();
        let metric = Metric::by_id(name).map_err(|error| (error.into(), range(name)))?;
        let bound = text[at + length..].trim();
        let digits = bound
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(bound.len());
        let (number, unit) = (&bound[..digits], bound[digits..].trim());
        let number: f64 =
            number.parse().map_err(|_| (SloError::Number(bound.to_owned()), range(bound)))?;
        let factor = metric.unit.factor(unit).ok_or_else(|| {
            let (metric, found) = (metric.id(), unit.to_owned());
            let expected = Metric::by_id(&metric).map_or("", |metric| metric.unit.choices());
            (SloError::Unit { metric, expected, found }, range(bound))
        })?;
        Ok(Self { metric, operator, bound: number * factor })
    }

    /// Evaluates the service level against a record.
    ///
    /// The result is unknown if no message was sent, if the run ended before the first sample, or if the measurements
    /// are invalid.
    pub fn evaluate(&self, record: &LoadRecord) -> SloResult {
        let value = self.metric.read(record);
        let ended_before = record.end != RunEnd::Completed && value == MetricValue::NoSamples;
        let (measured, met) = match record.sends.sent == 0 || ended_before {
            true => ("not measured".to_owned(), None),
            false => {
                let is_valid = record.invalid_reasons.is_empty();
                (self.metric.unit.format(value), is_valid.then(|| self.is_met_by(value)))
            }
        };
        SloResult { slo: self.to_string(), value, measured, met }
    }

    /// Returns whether a value meets the service level. [`MetricValue::NoSamples`] and [`MetricValue::Never`] never do.
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

impl LoadRecord {
    /// Evaluates service levels against this record and stores their results. The one that ended the run stays missed.
    pub fn evaluate(&mut self, slos: &[Slo]) {
        let ended = self.aborted_by.clone().filter(|_| self.invalid_reasons.is_empty());
        let result = |slo: &Slo| {
            let result = slo.evaluate(self);
            ended.clone().filter(|ended| ended.slo == result.slo).unwrap_or(result)
        };
        self.slos = slos.iter().map(result).collect();
    }
}

/// The notation of profiles, with a normalized unit.
impl fmt::Display for Slo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = SIGNS.iter().find(|(_, operator)| *operator == self.operator);
        let (sign, bound) = (sign.map_or("", |(sign, _)| sign), self.bound);
        write!(formatter, "{} {sign} {bound}{}", self.metric.id(), self.metric.unit.suffix())
    }
}

impl From<Slo> for String {
    fn from(slo: Slo) -> Self {
        slo.to_string()
    }
}

impl TryFrom<String> for Slo {
    type Error = SloError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Slo {
    type Err = SloError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map_err(|(error, _)| error)
    }
}

impl Unit {
    /// The factor that converts a number with the unit `unit`; `None` if the unit does not match.
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

    /// The accepted units, in words.
    fn choices(self) -> &'static str {
        match self {
            Self::Milliseconds => "use us, ms or s",
            Self::Percent => "use %",
            Self::Count => "use a number without a unit",
            Self::PerSecond => "use /s",
            Self::Cores => "use cores",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::LoadOutcome;

    fn error(text: &str) -> (String, Range<usize>) {
        let (error, range) = Slo::parse(text).unwrap_err();
        (error.to_string(), range)
    }

    #[test]
    fn service_levels_are_parsed_and_formatted() {
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
    fn errors_point_to_their_position() {
        assert_eq!(error("delivery.p99").1, 0..12);
        let (text, range) = error("delivry.p99 < 5 ms");
        let expected = "unknown metric `delivry.p99`; did you mean `delivery.p99`, `delivery.p999` or `delivery.p90`?";
        assert_eq!(text, expected);
        assert_eq!(range, 0..11);
        let (text, range) = error("delivery.p99 < 5 %");
        assert_eq!(text, "the unit `%` does not match `delivery.p99`; use us, ms or s");
        assert_eq!(range, 15..18);
        let not_a_number = "`none` is not a number; bounds are numbers of 0 or more";
        assert_eq!(error("lost = none"), (not_a_number.to_owned(), 7..11));
        assert_eq!(error("lost < -1").0, "`-1` is not a number; bounds are numbers of 0 or more");
    }

    #[test]
    fn results_are_unknown_if_the_run_ended_before_the_first_sample() {
        let slos = ["delivery.p99 < 250 ms", "lost = 0"].map(|text| text.parse::<Slo>().unwrap());
        let met = |record: &LoadRecord| slos.each_ref().map(|slo| slo.evaluate(record).met);
        let mut record = LoadRecord { end: RunEnd::Interrupted, ..LoadRecord::default() };
        assert_eq!(met(&record), [None, None]);
        // The latencies do not include the warm-up.
        (record.sends.sent, record.deliveries.expected) = (1, 1);
        assert_eq!(met(&record), [None, Some(true)]);
        record.end = RunEnd::Completed;
        assert_eq!(met(&record), [Some(false), Some(true)]);
        assert_eq!(slos[0].evaluate(&LoadRecord::default()).measured, "not measured");
    }

    #[test]
    fn invalid_measurements_neither_meet_nor_miss() {
        let slo: Slo = "lost = 0".parse().unwrap();
        let mut record = LoadRecord::default();
        record.sends.sent = 1;
        record.deliveries.expected = 1;
        record.invalid_reasons.push("late".to_owned());
        let result = slo.evaluate(&record);
        assert_eq!((result.met, result.measured.as_str()), (None, "0"));
    }

    #[test]
    fn a_service_level_that_ended_the_run_stays_missed() {
        let slos = ["lost = 0", "duplicate = 0"].map(|text| text.parse::<Slo>().unwrap());
        let mut record = LoadRecord::default();
        record.sends.sent = 1;
        record.deliveries.expected = 1;
        record.deliveries.lost = 1;
        record.aborted_by = Some(slos[0].evaluate(&record));
        record.end = RunEnd::Aborted { reason: "lost = 0 was missed".to_owned() };
        // The delivery arrived after all.
        record.deliveries.lost = 0;
        record.evaluate(&slos);
        assert_eq!(
            record.slos.iter().map(|slo| slo.met).collect::<Vec<_>>(),
            [Some(false), Some(true)]
        );
        assert_eq!(record.outcome(), LoadOutcome::NotMet);
        record.invalid_reasons.push("late".to_owned());
        record.evaluate(&slos);
        assert_eq!(record.slos[0].met, None);
        assert_eq!(record.outcome(), LoadOutcome::Incomplete);
    }

    #[test]
    fn no_samples_and_never_meet_no_service_level() {
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

    proptest! {
        #[test]
        fn arbitrary_text_parses_or_points_inside_itself(text in any::<String>()) {
            if let Err((_, range)) = Slo::parse(&text) {
                prop_assert!(text.get(range).is_some());
            }
        }

        #[test]
        fn text_in_the_shape_of_a_service_level_survives_formatting(
            text in "[a-z.]{0,12} ?(<|<=|=|>=|>) ?[0-9.]{0,4} ?(ms|s|us|%|/s|cores|)"
        ) {
            if let Ok(slo) = text.parse::<Slo>() {
                prop_assert_eq!(slo.to_string().parse::<Slo>(), Ok(slo));
            }
        }
    }
}
