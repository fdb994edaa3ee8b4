//! Latency by room size.

use hearback_stats::record::SizeRecord;
use hearback_stats::{Distribution, LoadRecord};

use super::axis::Axis;
use super::canvas::{Ink, Panel, canvas};
use super::captioned::{Key, Plot};
use crate::words::number;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    // With a single size, the plot would repeat the spectrum.
    let sizes = &record.sizes;
    if sizes.len() < 2 {
        return None;
    }
    let points = |of: fn(&SizeRecord) -> &Distribution, share| -> Vec<(f64, Option<f64>)> {
        sizes.iter().map(|size| (position(size), of(size).quantile(share).value())).collect()
    };
    let each = |share| points(|size| &size.delivery, share);
    let last = |share| points(|size| &size.last, share);
    let lines = [
        (each(0.5), Key::dashed(Ink::First, "each recipient, median")),
        (each(0.99), Key::line(Ink::First, "each recipient, 99th percentile")),
        (last(0.5), Key::dashed(Ink::Second, "last recipient, median")),
        (last(0.99), Key::line(Ink::Second, "last recipient, 99th percentile")),
    ];
    let values = || lines.iter().flat_map(|(points, _)| points).filter_map(|(_, value)| *value);
    values().next()?;
    let y = Axis::latencies(values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let x = {
        let ticks: Vec<_> = sizes.iter().map(|size| (position(size), label(size))).collect();
        let ends = |at: usize| ticks[at].0;
        Axis::plain((ends(0) - 0.5, ends(ticks.len() - 1) + 0.5), ticks)
    };
    let drawing = canvas(300, |area| {
        let mut panel = Panel::new(area, "latency; members per room", x, y)?;
        for (points, key) in &lines {
            if key.is_dashed {
                panel.dashed(key.ink, points)?;
            } else {
                panel.line(key.ink, points)?;
            }
            panel.dots(key.ink, points)?;
        }
        Ok(())
    });
    Some(Plot {
        id: "sizes",
        title: "Latency by room size",
        caption: "The scale of room sizes is logarithmic.",
        legend: lines.into_iter().map(|(_, key)| key).collect(),
        drawing,
    })
}

fn position(size: &SizeRecord) -> f64 {
    (size.from.max(1) as f64).log2()
}

fn label(size: &SizeRecord) -> String {
    if size.from == size.to {
        number(size.from)
    } else {
        format!("{} to {}", number(size.from), number(size.to))
    }
}
