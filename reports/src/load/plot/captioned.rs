//! Plots with their captions and legends.

use super::canvas::{Drawing, Ink};

/// A plot with its explanations.
pub(in crate::load) struct Plot {
    /// File name without extension.
    pub(in crate::load) id: &'static str,
    /// Heading.
    pub(in crate::load) title: &'static str,
    /// Caption, which explains how to read the plot.
    pub(in crate::load) caption: &'static str,
    /// Legend.
    pub(in crate::load) legend: Vec<Key>,
    /// The drawing, which contains no untrusted text.
    pub(in crate::load) drawing: Drawing,
}

/// An entry of the legend.
pub(in crate::load) struct Key {
    pub(in crate::load) ink: Ink,
    pub(in crate::load) is_dashed: bool,
    pub(in crate::load) label: String,
}

impl Key {
    pub(super) fn line(ink: Ink, label: impl Into<String>) -> Self {
        Self { ink, is_dashed: false, label: label.into() }
    }

    pub(super) fn dashed(ink: Ink, label: impl Into<String>) -> Self {
        Self { is_dashed: true, ..Self::line(ink, label) }
    }
}
