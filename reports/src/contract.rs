//! The overlay of the contract that decided a run, and its changes.

use hearback_contract::overlay::{Change, Effect};
use hearback_results::ContractOverlay;

use crate::table::{Cell, Row, Table, Tone};
use crate::words::counted;

/// `Acme 1.1, 5 changes of the contract`; `quoted` renders text of the author.
pub(crate) fn heading(overlay: &ContractOverlay, quoted: impl Fn(&str) -> String) -> String {
    let changes = counted(overlay.changes.len() as u64, "change");
    format!("{}, {changes} of the contract", quoted(&overlay.name))
}

/// A sentence per change; `quoted` renders text of the author.
pub(crate) fn changes(
    overlay: &ContractOverlay,
    quoted: impl Fn(&str) -> String,
) -> impl Iterator<Item = String> {
    overlay.changes.iter().map(move |change| {
        format!("{} {} ({})", quoted(&change.subject), quoted(&change.text), change.effect)
    })
}

/// A row per change, breaking ones first.
pub fn table(changes: &[Change]) -> Table {
    let mut changes: Vec<_> = changes.iter().collect();
    changes.sort_by_key(|change| change.effect);
    let rows = changes.into_iter().map(|change| {
        let cells = [
            Cell::trusted(change.effect.to_string()),
            Cell::untrusted(change.subject.as_str()),
            Cell::untrusted(change.text.as_str()),
        ];
        Row::new(Tone::bad_if(change.effect == Effect::Breaking), cells)
    });
    Table::new("Changes of the contract", &["effect", "subject", "change"], rows.collect())
}
