//! The switches that a matrix proves: those that ran alone and were caught, or blamed for nothing.

use hearback_mutants::Proven;

use super::combination::Switch;
use super::matrix::{Fate, Matrix};
use super::readings::ReadingRow;
use super::rows::Rows;
use super::tolerance::ToleranceRow;

/// The faults of a matrix that their requirements caught.
pub fn proven_faults(matrix: &Matrix) -> Vec<Proven> {
    let killed = matrix.rows.finished.iter().filter(|row| row.fate() == Fate::Killed);
    killed.map(|row| Proven::Fault(row.fault.id)).collect()
}

/// The readings of a matrix under which nothing was blamed.
pub fn proven_readings(rows: &Rows<ReadingRow>) -> Vec<Proven> {
    let alone = rows.finished.iter().filter(|row| row.holds() && row.readings.iter().count() == 1);
    alone.flat_map(|row| row.readings.iter()).map(Proven::Reading).collect()
}

/// The kinds of weather of a matrix in which nothing was blamed.
pub fn proven_weather(rows: &Rows<ToleranceRow>) -> Vec<Proven> {
    let held = rows.finished.iter().filter(|row| row.holds());
    let alone = held.filter_map(|row| row.combination.only());
    let kinds = alone.flat_map(|switch| match switch {
        Switch::Weather(weather) => weather.iter().map(|kind| Proven::Weather(kind.id)).collect(),
        Switch::Reading(reading) => vec![Proven::Reading(*reading)],
    });
    kinds.collect()
}
