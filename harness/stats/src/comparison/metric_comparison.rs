//! The comparison of one metric.

use serde::{Deserialize, Serialize};

use super::{ComparisonVerdict, Minimum, NotComparable, SIGNIFICANCE, Scale, permutation};
use crate::metric::Metric;
use crate::metric_value::MetricValue;
use crate::record::LoadRecord;

/// The value of deliveries that never arrived, in milliseconds: the maximum of a distribution.
const NEVER_MS: f64 = 600_000.0;

/// The comparison of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricComparison {
    /// Id of the metric, as in service levels.
    pub metric: String,
    /// Scale of changes.
    pub scale: Scale,
    /// Value of each run, in the unit of the metric.
    pub values: [Vec<f64>; 2],
    /// Mean of each group; geometric for [`Scale::Ratio`].
    pub means: [f64; 2],
    /// Change from the first group to the second, in percent or in the unit of the metric. Values above 0 are worse.
    pub change: f64,
    /// Confidence interval of the change, lower and upper end.
    pub interval: [f64; 2],
    /// p-value of the exact permutation test.
    pub p: f64,
    /// p-value after correction for the number of metrics.
    pub p_corrected: f64,
    /// Smallest change that counts, on the same scale as `change`.
    pub minimum: f64,
    /// Verdict on this metric.
    pub verdict: ComparisonVerdict,
}

impl MetricComparison {
    /// Compares a metric, which must exist. The verdict stays inconclusive until the p-value is corrected.
    pub(super) fn of(
        groups: [&[LoadRecord]; 2],
        id: &str,
        scale: Scale,
        minimum: Minimum,
    ) -> Result<Self, NotComparable> {
        let metric = Metric::by_id(id).expect("the compared metrics exist");
        let values = |group: &[LoadRecord]| -> Result<Vec<f64>, NotComparable> {
            let read = |record: &LoadRecord| match metric.read(record) {
                MetricValue::Value(value) => Ok(value),
                MetricValue::Never => Ok(NEVER_MS),
                MetricValue::NoSamples => {
                    Err(NotComparable::NoSamples { run: record.run.clone(), metric: id.to_owned() })
                }
            };
            group.iter().map(read).collect()
        };
        let values = [values(groups[0])?, values(groups[1])?];
        let scaled = values.each_ref().map(|group| scale.to_additive_all(group));
        let means = scaled.each_ref().map(|group| permutation::mean(group));
        let interval = permutation::interval(&scaled[0], &scaled[1], SIGNIFICANCE);
        let p = permutation::p(&scaled[0], &scaled[1]);
        Ok(Self {
            metric: id.to_owned(),
            scale,
            means: means.map(|mean| scale.to_value(mean)),
            change: scale.change(means[1] - means[0]),
            interval: interval.map(|end| scale.change(end)),
            p,
            p_corrected: p,
            minimum: match scale {
                Scale::Ratio => minimum.latency_percent,
                Scale::Difference => minimum.loss_points,
            },
            values,
            verdict: ComparisonVerdict::Inconclusive,
        })
    }

    /// Sets the corrected p-value, and the verdict that follows from it.
    pub(super) fn correct(&mut self, p: f64) {
        self.p_corrected = p;
        let is_significant = p < SIGNIFICANCE;
        self.verdict = if is_significant && self.change > self.minimum {
            ComparisonVerdict::Worse
        } else if is_significant && self.change < -self.minimum {
            ComparisonVerdict::Better
        } else if self.interval[1] < self.minimum {
            ComparisonVerdict::NotWorse
        } else {
            ComparisonVerdict::Inconclusive
        };
    }
}
