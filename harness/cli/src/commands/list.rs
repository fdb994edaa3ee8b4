//! `hearback list`: the registries, as text, Markdown or JSON.

use hearback_contract::operation::OPERATIONS;
use hearback_contract::{ClientEvent, ServerEvent, ambiguity, requirement};
use hearback_loadtests::Profile;
use hearback_mutants::FAULTS;
use hearback_scenarios::embedded;
use hearback_stats::METRICS;
use serde_json::{Map, Value};

use crate::arguments::{List, ListFormat, Listing};
use crate::exit::{self, Failure};
use crate::output;

/// A registry as a table: what it is, its columns, its rows.
struct Table {
    title: &'static str,
    introduction: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

pub(crate) fn run(options: List) -> Result<u8, Failure> {
    let table = match options.what {
        Listing::Requirements => requirements(),
        Listing::Operations => operations(),
        Listing::Events => events(),
        Listing::Scenarios => scenarios(),
        Listing::Faults => faults(),
        Listing::Ambiguities => ambiguities(),
        Listing::Profiles => profiles()?,
        Listing::Metrics => metrics(),
    };
    output::print(&match options.format {
        ListFormat::Text => table.text(),
        ListFormat::Markdown => table.markdown(),
        ListFormat::Json => table.json()?,
    });
    Ok(exit::HOLDS)
}

fn requirements() -> Table {
    Table {
        title: "Requirements",
        introduction: "What hearback checks. A *must* is said or shown by the document, a *should* \
                       follows from it, a *note* is only reported.",
        columns: &["id", "level", "requirement", "section"],
        rows: requirement::all()
            .map(|row| {
                vec![
                    row.id.to_string(),
                    row.level.to_string(),
                    row.statement.to_owned(),
                    row.section.to_owned(),
                ]
            })
            .collect(),
    }
}

fn operations() -> Table {
    Table {
        title: "Operations",
        introduction: "The documented REST operations.",
        columns: &["id", "request", "success", "section"],
        rows: OPERATIONS
            .iter()
            .map(|row| {
                let statuses: Vec<_> = row.success.iter().map(u16::to_string).collect();
                let request = format!("{} {}", row.method.as_str(), row.path);
                vec![row.id.to_owned(), request, statuses.join(", "), row.section.to_owned()]
            })
            .collect(),
    }
}

fn events() -> Table {
    let client = ClientEvent::ALL.iter().map(|event| ("client", event.id(), event.section()));
    let server = ServerEvent::ALL.iter().map(|event| ("server", event.id(), event.section()));
    Table {
        title: "Events",
        introduction: "The documented socket events, by who sends them.",
        columns: &["type", "from", "section"],
        rows: client
            .chain(server)
            .map(|(from, id, section)| vec![id.to_owned(), from.to_owned(), section.to_owned()])
            .collect(),
    }
}

fn scenarios() -> Table {
    Table {
        title: "Scenarios",
        introduction: "What is done to a target.",
        columns: &["name", "shows", "requirements"],
        rows: embedded()
            .into_iter()
            .map(|scenario| {
                let ids: Vec<_> = scenario.requirements.iter().map(ToString::to_string).collect();
                vec![scenario.name.to_string(), scenario.title, ids.join(", ")]
            })
            .collect(),
    }
}

fn faults() -> Table {
    Table {
        title: "Faults",
        introduction: "What can be switched on in the embedded server, and what it breaks.",
        columns: &["id", "breaks", "fault"],
        rows: FAULTS
            .iter()
            .map(|fault| {
                vec![fault.id.to_string(), fault.breaks.to_string(), fault.description.to_owned()]
            })
            .collect(),
    }
}

fn profiles() -> Result<Table, Failure> {
    let row = |(name, _): (String, &str)| {
        let profile = Profile::find(&name).map_err(Failure::file)?;
        let slos: Vec<_> = profile.slos.iter().map(ToString::to_string).collect();
        let size = format!("{:.0}", profile.members());
        let (rate, length) = (
            format!("{:.0}", profile.peak_rate()),
            format!("{:.0}", profile.length().as_secs_f64()),
        );
        Ok(vec![profile.name, profile.description, size, rate, length, slos.join(", ")])
    };
    let rows = hearback_loadtests::profile::files().into_iter().map(row);
    Ok(Table {
        title: "Profiles",
        introduction: "What `hearback load` does: sockets (about), messages a second at the peak, seconds, and \
                       what is demanded.",
        columns: &["name", "what for", "sockets", "rate", "seconds", "service levels"],
        rows: rows.collect::<Result<_, Failure>>()?,
    })
}

fn metrics() -> Table {
    Table {
        title: "Metrics",
        introduction: "What a service level may name. A latency is followed by a statistic: `delivery.p99`; there \
                       are p50, p75, p90, p95, p99, p999, max and mean. What never came is longer than anything, \
                       and a service level on a metric without samples is not met.",
        columns: &["metric", "unit", "what it is"],
        rows: METRICS
            .iter()
            .map(|row| {
                let unit = match row.unit().suffix().trim() {
                    "" => "number",
                    unit => unit,
                };
                vec![row.id.to_owned(), unit.to_owned(), row.description.to_owned()]
            })
            .collect(),
    }
}

fn ambiguities() -> Table {
    Table {
        title: "Ambiguities",
        introduction: "Where the document is silent or contradicts itself: the readings that a server \
                       may take, what hearback accepts, and what the embedded server does.",
        columns: &["id", "section", "question", "readings", "accepted", "embedded server"],
        rows: ambiguity::all()
            .iter()
            .map(|row| {
                vec![
                    row.id.to_string(),
                    row.section.to_owned(),
                    row.question.to_owned(),
                    row.readings.join("; "),
                    row.accepts.to_owned(),
                    row.reference.to_owned(),
                ]
            })
            .collect(),
    }
}

impl Table {
    /// Aligned columns; the last ones wrap where they will.
    fn text(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                // Long columns are not worth aligning.
                .map(|(cell, width)| format!("{cell:width$}", width = (*width).min(40)))
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let escaped: Vec<_> =
                cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
            format!("| {} |\n", escaped.join(" | "))
        };
        let head: Vec<_> = self.columns.iter().map(|column| (*column).to_owned()).collect();
        let rule: Vec<_> = self.columns.iter().map(|_| "---".to_owned()).collect();
        let mut text = format!(
            "# {}\n\n<!-- Generated from the registry; see CONTRIBUTING.md. -->\n\n{}\n\n",
            self.title, self.introduction
        );
        text.push_str(&line(&head));
        text.push_str(&line(&rule));
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }

    fn json(&self) -> Result<String, Failure> {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let members = self.columns.iter().zip(row);
                Value::Object(
                    members
                        .map(|(name, cell)| ((*name).to_owned(), Value::from(cell.as_str())))
                        .collect::<Map<_, _>>(),
                )
            })
            .collect();
        Ok(serde_json::to_string_pretty(&rows)?)
    }
}
