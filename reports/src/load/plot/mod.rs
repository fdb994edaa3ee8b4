//! Plots of load runs.

mod axis;
mod canvas;
mod captioned;
mod errors;
mod generator;
mod heatmap;
mod over_time;
mod rates;
mod sizes;
mod spectrum;

use hearback_stats::LoadRecord;

pub(super) use canvas::{Ink, WIDTH};
pub(super) use captioned::Plot;
pub(super) use spectrum::compared;

/// All plots, in the order of pages. A plot is omitted if the record has no data for it.
const PLOTS: &[fn(&LoadRecord) -> Option<Plot>] =
    &[spectrum::plot, heatmap::plot, rates::plot, errors::plot, generator::plot, sizes::plot];

/// The plots that a record has data for.
pub(super) fn plots(record: &LoadRecord) -> Vec<Plot> {
    PLOTS.iter().filter_map(|plot| plot(record)).collect()
}

#[cfg(test)]
mod tests {
    use hearback_history::Nanoseconds;
    use hearback_stats::Distribution;
    use hearback_testkit::load::example_record;

    use super::*;
    use crate::markup::tags;

    #[test]
    fn plots_without_data_are_omitted() {
        assert_eq!(plots(&example_record()).len(), PLOTS.len());
        assert_eq!(plots(&LoadRecord::default()).len(), 0);
    }

    #[test]
    fn plots_are_well_formed_and_use_the_colors_of_the_page() {
        for plot in plots(&example_record()) {
            let svg = plot.drawing.in_page();
            let page = format!("<!doctype html>{svg}");
            assert!(tags(&page).len() > 10, "{}", plot.title);
            assert!(
                !svg.contains("=\"#"),
                "{}: a color that is not defined by the page",
                plot.title
            );
            for key in &plot.legend {
                assert!(svg.contains(key.ink.css()), "{}: {}", plot.title, key.label);
            }
        }
    }

    #[test]
    fn nearly_empty_records_are_drawn() {
        let mut record = example_record();
        record.series = vec![hearback_stats::Second::default()];
        record.sizes.iter_mut().for_each(|size| size.delivery = Distribution::default());
        record.latencies.delivery = Distribution::default();
        record.latencies.delivery.record(Nanoseconds::ZERO);
        record.generator.lag_bound_ms = 0.0;
        record.profile.phases.clear();
        let titles: Vec<_> = plots(&record).iter().map(|plot| plot.title).collect();
        let expected =
            ["Latency by percentile", "Offered and achieved", "Generator", "Latency by room size"];
        assert_eq!(titles, expected);
    }

    /// The page of a soak of several hours is as small as that of a run of minutes.
    #[test]
    fn long_runs_are_drawn_in_bounded_space() {
        let mut record = example_record();
        let second = record.series[20].clone();
        record.series = (0..1_000)
            .map(|at| hearback_stats::Second { at_s: f64::from(at), ..second.clone() })
            .collect();
        for plot in plots(&record) {
            let length = plot.drawing.in_page().len();
            assert!(length < 400_000, "{}: {length} bytes", plot.title);
        }
    }
}
