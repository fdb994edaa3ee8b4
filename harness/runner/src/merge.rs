//! Merges the shards of a run, from their journals.

use std::collections::HashSet;
use std::path::PathBuf;

use hearback_checker::check_parts;
use hearback_contract::RequirementId;
use hearback_history::{History, RunStart, Shard};
use hearback_results::{Gate, Results};

use crate::error::RunError;
use crate::recheck;

/// The results of all shards together, as if one run had executed their scenarios.
///
/// # Errors
/// If a journal cannot be read, is not of a shard, or is of another run than the first.
pub fn merge(
    journals: &[PathBuf],
    selected: &[RequirementId],
    gate: &Gate,
) -> Result<Results, RunError> {
    let mut histories = Vec::new();
    for path in journals {
        let history = recheck::read(path)?;
        let invalid = |reason| RunError::InvalidRecord { path: path.clone(), reason };
        let shard = history.start.as_ref().and_then(|start| start.shard);
        let shard = shard.ok_or_else(|| invalid("is not the journal of a shard".to_owned()))?;
        let first =
            histories.first().and_then(|(_, first): &(Shard, History)| first.start.as_ref());
        if let (Some(first), Some(start)) = (first, &history.start)
            && let Some(difference) = difference(first, start)
        {
            return Err(invalid(format!("is a shard of another run: its {difference} differs")));
        }
        if histories.iter().any(|(other, _)| *other == shard) {
            return Err(invalid(format!("is shard {shard} once more")));
        }
        histories.push((shard, history));
    }
    histories.sort_by_key(|(shard, _)| *shard);
    let histories: Vec<_> = histories.into_iter().map(|(_, history)| history).collect();
    let selection: HashSet<_> =
        histories.iter().filter_map(|it| it.start.as_ref()).flat_map(|it| &it.selection).collect();
    let is_selected = |id: RequirementId| {
        selected.contains(&id) && (selection.is_empty() || selection.contains(&id))
    };
    let needs_pinned = RequirementId::all().all(is_selected);
    let gate = Gate { needs_pinned, is_whole: true, ..gate.clone() };
    let verdicts = check_parts(&histories, is_selected);
    let parts = histories.iter().zip(&verdicts);
    let parts = parts.map(|(history, verdicts)| Results::new(history, verdicts, gate.clone()));
    Results::of_shards(parts.collect()).ok_or(RunError::NoShards)
}

/// The part of the parameters in which two runs differ, if there is one.
fn difference(first: &RunStart, other: &RunStart) -> Option<&'static str> {
    let count = |start: &RunStart| start.shard.map(|shard| shard.count);
    let parts = [
        ("seed", first.seed != other.seed),
        ("depth (--depth or --cases)", first.depth != other.depth),
        ("number of shards", count(first) != count(other)),
        ("selection", first.selection != other.selection),
        ("contract (--contract)", first.contract != other.contract),
        ("version of hearback", first.version != other.version),
        ("version of the specification", first.specification != other.specification),
    ];
    parts.into_iter().find(|(_, differs)| *differs).map(|(part, _)| part)
}
