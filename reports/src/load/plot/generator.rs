//! Lag and processor time of the generator.

use hearback_stats::{LoadRecord, Second};

use super::axis::Axis;
use super::canvas::{Ink, canvas};
use super::captioned::{Key, Plot};
use super::over_time;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    if record.series.is_empty() {
        return None;
    }
    let lag = over_time::points(record, |group| maximum(group, |second| second.lag.p99_ms));
    let own =
        over_time::points(record, |group| maximum(group, |second| Some(second.generator_cpu)));
    let server = over_time::points(record, |group| maximum(group, |second| second.server_cpu));
    let has_server = server.iter().any(|(_, value)| value.is_some());
    let bound = record.generator.lag_bound_ms;
    let (from, to) = over_time::span(&record.series);
    let drawing = canvas(400, |area| {
        let panels = area.split_evenly((2, 1));
        let lags = || lag.iter().filter_map(|(_, value)| *value).chain([bound]);
        let y = Axis::latencies(lags().fold(f64::MAX, f64::min), lags().fold(0.0, f64::max));
        over_time::panel(&panels[0], "generator lag, 99th percentile", record, y, |panel| {
            panel.line(Ink::First, &lag)?;
            panel.dashed(Ink::Bad, &[(from, Some(bound)), (to, Some(bound))])
        })?;
        let most = over_time::highest(&own).max(over_time::highest(&server));
        let title = format!("processor time, in cores (of {})", record.generator.cores);
        over_time::panel(&panels[1], &title, record, Axis::numbers(most), |panel| {
            panel.line(Ink::First, &own)?;
            panel.line(Ink::Second, &server)
        })
    });
    let mut legend = vec![
        Key::line(Ink::First, "generator"),
        Key::dashed(Ink::Bad, "maximum lag over the whole run"),
    ];
    if has_server {
        legend.push(Key::line(Ink::Second, "server"));
    }
    Some(Plot {
        id: "generator",
        title: "Generator",
        caption: "If the lag or the processor time approaches its bound, latencies include delays of the generator.",
        legend,
        drawing,
    })
}

fn maximum(group: &[Second], value: impl Fn(&Second) -> Option<f64>) -> Option<f64> {
    group.iter().filter_map(value).reduce(f64::max)
}
