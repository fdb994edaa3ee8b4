//! Units of metrics.

use crate::metric_value::MetricValue;

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A plain number.
    Count,
    /// A share, in percent.
    Percent,
    /// A rate per second.
    PerSecond,
    /// Processor time, in cores.
    Cores,
}

impl Unit {
    /// The text that follows a number in this unit, including a space.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Milliseconds => " ms",
            Self::Count => "",
            Self::Percent => " %",
            Self::PerSecond => " /s",
            Self::Cores => " cores",
        }
    }

    /// Formats a value with its unit.
    pub fn format(self, value: MetricValue) -> String {
        let value = match value {
            MetricValue::NoSamples => return "no samples".to_owned(),
            MetricValue::Never => return "never".to_owned(),
            MetricValue::Value(value) => value,
        };
        let number = match self {
            Self::Count => format!("{value:.0}"),
            Self::Milliseconds if value < 100.0 => format!("{value:.2}"),
            Self::Milliseconds | Self::PerSecond => format!("{value:.0}"),
            Self::Percent if value > 0.0 && value < 0.01 => format!("{value:.4}"),
            Self::Percent | Self::Cores => format!("{value:.2}"),
        };
        format!("{number}{}", self.suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_formatted_with_their_unit() {
        let format = |unit: Unit, value| unit.format(MetricValue::Value(value));
        assert_eq!(format(Unit::Milliseconds, 12.3456), "12.35 ms");
        assert_eq!(format(Unit::Milliseconds, 1234.5), "1234 ms");
        assert_eq!(format(Unit::Count, 3.0), "3");
        assert_eq!(format(Unit::Percent, 0.0012), "0.0012 %");
        assert_eq!(Unit::Count.format(MetricValue::Never), "never");
    }
}
