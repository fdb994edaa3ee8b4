//! Reports of load runs, comparisons and calibrations.

pub(crate) mod calibration;
pub(crate) mod comparison;
mod highlight;
mod histogram;
mod html;
mod json;
mod junit;
pub mod live;
mod markdown;
mod picture;
pub mod plan;
mod plot;
mod table;
mod text;
mod words;

use hearback_stats::{LoadOutcome, LoadRecord};

use crate::format::{Format, Reported};
use crate::github;
use crate::shown::shown;
pub use json::{CALIBRATION_SCHEMA, COMPARISON_SCHEMA, LOAD_SCHEMA};
pub use picture::{PICTURE_FORMATS, Picture, PictureFormat, Pictured};

impl Reported for LoadRecord {
    const NAME: &'static str = "load";
    const FORMATS: &'static [Format<Self>] = FORMATS;

    fn annotations(&self) -> String {
        match self.outcome() {
            LoadOutcome::Met => String::new(),
            outcome => github::error(&words::headline(outcome), &words::verdict(self, shown)),
        }
    }
}

/// All formats of a load run, the default one first.
const FORMATS: &[Format<LoadRecord>] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "text for terminals: service levels, latencies, losses, and the verdict at the end",
        render: text::render,
    },
    Format {
        id: "json",
        extension: "json",
        description: "complete record for programs and for `hearback compare`; has a JSON Schema",
        render: crate::json::render,
    },
    Format {
        id: "junit",
        extension: "xml",
        description: "JUnit XML for CI systems, with one test case per service level",
        render: junit::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "short summary for comments on pull requests",
        render: markdown::render,
    },
    Format {
        id: "html",
        extension: "html",
        description: "self-contained page for browsers: plots over time, percentiles, tables",
        render: html::render,
    },
    Format {
        id: "hgrm",
        extension: "hgrm",
        description: "percentiles of deliveries for HdrHistogram's plotters",
        render: histogram::spectrum,
    },
    Format {
        id: "hgrm-last",
        extension: "last.hgrm",
        description: "percentiles of the last delivery of each message for HdrHistogram's plotters",
        render: histogram::last_spectrum,
    },
    Format {
        id: "hlog",
        extension: "hlog",
        description: "HdrHistogram interval log: deliveries, last deliveries and lag per second",
        render: histogram::log,
    },
];
