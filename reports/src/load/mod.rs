//! The record of a load run, and what several say together, told in formats of their own.

pub(crate) mod calibration;
pub(crate) mod comparison;
mod highlight;
mod histogram;
mod html;
mod json;
mod junit;
mod markdown;
mod picture;
mod plot;
mod table;
mod text;
mod words;

use hearback_stats::LoadRecord;

use crate::format::{Format, Reported};
pub use json::{CALIBRATION_SCHEMA, COMPARISON_SCHEMA, LOAD_SCHEMA};
pub use picture::{PICTURE_FORMATS, Picture, PictureFormat, Pictured};

impl Reported for LoadRecord {
    const NAME: &'static str = "load";
    const FORMATS: &'static [Format<Self>] = FORMATS;
}

/// Every format of a load run, the default one first.
const FORMATS: &[Format<LoadRecord>] = &[
    Format {
        id: "text",
        extension: "txt",
        description: "for people at a terminal: service levels, latencies, losses, the verdict last",
        render: text::render,
    },
    Format {
        id: "json",
        extension: "json",
        description: "the whole record, for other programs and for `hearback compare`; has a JSON Schema",
        render: crate::json::render,
    },
    Format {
        id: "junit",
        extension: "xml",
        description: "JUnit XML, for the test pages of CI systems: a case a service level",
        render: junit::render,
    },
    Format {
        id: "markdown",
        extension: "md",
        description: "a short summary, for comments on pull requests",
        render: markdown::render,
    },
    Format {
        id: "html",
        extension: "html",
        description: "one page for browsers, without scenarios: plots over time, percentiles, tables",
        render: html::render,
    },
    Format {
        id: "hgrm",
        extension: "hgrm",
        description: "the percentiles of deliveries as HdrHistogram's plotters read them",
        render: histogram::spectrum,
    },
    Format {
        id: "hgrm-last",
        extension: "last.hgrm",
        description: "the same of the last recipient of each message",
        render: histogram::last_spectrum,
    },
    Format {
        id: "hlog",
        extension: "hlog",
        description: "an HdrHistogram interval log: deliveries, last deliveries and lag of each second",
        render: histogram::log,
    },
];
