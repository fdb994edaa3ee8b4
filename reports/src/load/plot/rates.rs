//! Offered and achieved rates.

use hearback_stats::LoadRecord;

use super::axis::Axis;
use super::canvas::{Ink, canvas};
use super::captioned::{Key, Plot};
use super::over_time;

pub(super) fn plot(record: &LoadRecord) -> Option<Plot> {
    if record.series.is_empty() {
        return None;
    }
    let offered =
        over_time::points(record, |group| over_time::rate(group, |second| second.offered));
    let sent = over_time::points(record, |group| over_time::rate(group, |second| second.sent));
    let delivered =
        over_time::points(record, |group| over_time::rate(group, |second| second.delivered));
    let open =
        over_time::points(record, |group| group.last().map(|second| second.connections as f64));
    let drawing = canvas(540, |area| {
        let panels = area.split_evenly((3, 1));
        let most = over_time::highest(&offered).max(over_time::highest(&sent));
        over_time::panel(
            &panels[0],
            "messages per second",
            record,
            Axis::numbers(most),
            |panel| {
                panel.line(Ink::First, &sent)?;
                panel.dashed(Ink::Text, &offered)
            },
        )?;
        let y = Axis::numbers(over_time::highest(&delivered));
        over_time::panel(&panels[1], "deliveries per second", record, y, |panel| {
            panel.line(Ink::Third, &delivered)
        })?;
        let y = Axis::numbers(over_time::highest(&open));
        over_time::panel(&panels[2], "open sockets", record, y, |panel| {
            panel.line(Ink::Fourth, &open)
        })
    });
    Some(Plot {
        id: "rates",
        title: "Offered and achieved",
        caption: "Messages are offered on schedule, independently of the target.",
        legend: vec![
            Key::dashed(Ink::Text, "messages offered"),
            Key::line(Ink::First, "messages sent"),
            Key::line(Ink::Third, "deliveries"),
            Key::line(Ink::Fourth, "open sockets"),
        ],
        drawing,
    })
}
