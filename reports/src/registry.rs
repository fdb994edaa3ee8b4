//! The registries that `hearback list` shows, as text, Markdown and JSON.

use hearback_config::options::Documented;
use hearback_contract::operation::OPERATIONS;
use hearback_contract::{
    Basis, ClientEvent, NOT_TESTABLE, Reading, ServerEvent, ambiguity, requirement,
};
use hearback_loadtests::{Profile, ProfileError};
use hearback_mutants::{FAULTS, Proofs, Proven, WEATHER};
use hearback_runner::load::LIVE_METRICS;
use hearback_scenarios::embedded;
use hearback_stats::METRICS;

use crate::style::Style;
use crate::table::{Layout, Row, Table};

/// A registry: its table, and a paragraph above it.
#[derive(Clone, Debug)]
pub struct Registry {
    introduction: &'static str,
    table: Table,
}

impl Registry {
    fn new(
        title: &'static str,
        introduction: &'static str,
        columns: &[&'static str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let row = |cells: Vec<String>| Row::plain(cells.iter().map(|cell| cell.as_str().into()));
        let rows = rows.into_iter().map(row).collect();
        Self { introduction, table: Table::new(title, columns, rows) }
    }

    /// Renders aligned columns.
    pub fn text(&self) -> String {
        self.table.text(Style::default(), Layout::LIST)
    }

    /// Renders one object per row.
    pub fn json(&self) -> String {
        format!("{:#}", self.table.json())
    }

    /// Renders a Markdown page.
    pub fn markdown(&self) -> String {
        format!(
            "# {}\n\n<!-- Generated from the registry; see CONTRIBUTING.md. -->\n\n{}\n\n{}",
            self.table.title,
            self.introduction,
            self.table.markdown(usize::MAX)
        )
    }
}

/// Requirements that hearback checks.
pub fn requirements() -> Registry {
    let rows = requirement::all().map(|row| {
        let protects = match row.basis {
            Basis::Inferred { protects, .. } => protects,
            Basis::Stated(_) | Basis::Silent(_) | Basis::Added(_) => "",
        };
        vec![
            row.id.to_string(),
            row.level.to_string(),
            row.statement.to_owned(),
            row.section.to_owned(),
            protects.to_owned(),
        ]
    });
    Registry::new(
        "Requirements",
        "The requirements that hearback checks. The specification states or shows a *must*; a *should* follows \
         from it, and protects a user; a *note* is only reported.",
        &["id", "level", "requirement", "section", "protects"],
        rows,
    )
}

/// REST operations of the specification.
pub fn operations() -> Registry {
    let rows = OPERATIONS.iter().map(|row| {
        let statuses: Vec<_> = row.success.iter().map(u16::to_string).collect();
        let request = format!("{} {}", row.method.as_str(), row.path);
        vec![row.id.to_owned(), request, statuses.join(", "), row.section.to_owned()]
    });
    Registry::new(
        "Operations",
        "The REST operations of the specification.",
        &["id", "request", "success", "section"],
        rows,
    )
}

/// Socket events of the specification.
pub fn events() -> Registry {
    let client = ClientEvent::ALL.iter().map(|event| ["client", event.id(), event.section()]);
    let server = ServerEvent::ALL.iter().map(|event| ["server", event.id(), event.section()]);
    let rows = client
        .chain(server)
        .map(|[from, id, section]| vec![id.to_owned(), from.to_owned(), section.to_owned()]);
    Registry::new(
        "Events",
        "The socket events of the specification, by sender.",
        &["type", "from", "section"],
        rows,
    )
}

/// Embedded scenarios.
pub fn scenarios() -> Registry {
    let rows = embedded().into_iter().map(|scenario| {
        let ids: Vec<_> = scenario.requirements.iter().map(ToString::to_string).collect();
        vec![scenario.name.to_string(), scenario.title, ids.join(", ")]
    });
    Registry::new(
        "Scenarios",
        "The embedded scenarios, and the requirements that they cover.",
        &["name", "title", "requirements"],
        rows,
    )
}

/// Faults of the embedded server.
pub fn faults() -> Registry {
    let proofs = Proofs::embedded();
    let rows = FAULTS.iter().map(|fault| {
        vec![
            fault.id.to_string(),
            fault.breaks.to_string(),
            fault.description.to_owned(),
            proven(&proofs, Proven::Fault(fault.id)),
        ]
    });
    Registry::new(
        "Faults",
        "Faults of the embedded server, the requirement that each one breaks, and the day on which `hearback prove` \
         last showed that this requirement catches it.",
        &["id", "breaks", "fault", "caught"],
        rows,
    )
}

/// Weather of the embedded server.
pub fn weather() -> Registry {
    let proofs = Proofs::embedded();
    let rows = WEATHER.iter().map(|kind| {
        let (meaning, default) = match kind.parameter() {
            Some(parameter) => (parameter.meaning.to_owned(), parameter.default.to_string()),
            None => (String::new(), String::new()),
        };
        vec![
            kind.id.to_string(),
            kind.description.to_owned(),
            meaning,
            default,
            proven(&proofs, Proven::Weather(kind.id)),
        ]
    });
    Registry::new(
        "Weather",
        "What networks, gateways and operations do to a correct server. `hearback serve --weather KIND=VALUE,…` \
         and `hearback check --weather KIND=VALUE,…` start the embedded server in it; a kind without a value has \
         its default, and kinds combine with each other and with faults. In any weather, no requirement may be \
         reported as broken that the server holds: `hearback prove --weather` checks this, most recently on the day \
         in the last column.",
        &["kind", "behavior", "value", "default", "tolerated"],
        rows,
    )
}

/// Behavior that no requirement covers, because no client of the API can cause it.
pub fn not_testable() -> Registry {
    let rows = NOT_TESTABLE
        .iter()
        .map(|row| [row.subject, row.section, row.reason].map(str::to_owned).to_vec());
    Registry::new(
        "Not testable",
        "Behavior that cannot be tested through the API, because no client can cause it.",
        &["behavior", "section", "reason"],
        rows,
    )
}

/// Shipped load profiles.
///
/// # Errors
/// If a shipped profile is invalid.
pub fn profiles() -> Result<Registry, ProfileError> {
    let row = |(name, _): (String, &str)| {
        let profile = Profile::find(&name)?;
        let slos: Vec<_> = profile.slos.iter().map(ToString::to_string).collect();
        let sockets = format!("{:.0}", profile.members());
        let rate = format!("{:.0}", profile.peak_rate());
        let length = format!("{:.0}", profile.length().as_secs_f64());
        Ok(vec![profile.name, profile.description, sockets, rate, length, slos.join(", ")])
    };
    let rows = hearback_loadtests::profile::files().into_iter().map(row);
    Ok(Registry::new(
        "Profiles",
        "Profiles for `hearback load`: approximate number of sockets, messages per second at the peak, length in \
         seconds, and service levels.",
        &["name", "purpose", "sockets", "rate", "seconds", "service levels"],
        rows.collect::<Result<Vec<_>, ProfileError>>()?,
    ))
}

/// Metrics for service levels.
pub fn metrics() -> Registry {
    let rows = METRICS.iter().map(|row| {
        let unit = match row.unit().suffix().trim() {
            "" => "number",
            unit => unit,
        };
        vec![row.id.to_owned(), unit.to_owned(), row.description.to_owned()]
    });
    Registry::new(
        "Metrics",
        "Metrics for service levels. A latency takes a statistic, as in `delivery.p99`: one of p50, p75, p90, p95, \
         p99, p999, max and mean. A missing delivery counts as longer than any other, and a service level on a \
         metric without samples is not met.",
        &["metric", "unit", "description"],
        rows,
    )
}

/// Metrics of a load run that is going on.
pub fn live_metrics() -> Registry {
    let rows = LIVE_METRICS.iter().map(|row| {
        vec![
            row.samples().join(", "),
            row.otlp(),
            row.kind().to_owned(),
            row.unit.to_owned(),
            row.description.to_owned(),
        ]
    });
    Registry::new(
        "Live metrics",
        "Metrics of a load run that is going on: their samples in Prometheus (`--metrics-listen`), and their names and \
         units (UCUM) in OTLP (`--otlp`). Counters and histograms count from the start of the run.",
        &["Prometheus", "OTLP", "type", "unit", "description"],
        rows,
    )
}

/// The day of the last proof of a switch; empty if there is none.
fn proven(proofs: &Proofs, switch: Proven) -> String {
    proofs.of(switch).map_or_else(String::new, |proof| proof.date.to_string())
}

/// Ambiguities of the specification.
pub fn ambiguities() -> Registry {
    let proofs = Proofs::embedded();
    let rows = ambiguity::all().iter().map(|row| {
        let readings: Vec<_> = row.readings.iter().map(|it| reading(it, &proofs)).collect();
        let reference = row.reference.reading();
        let details = row.details.map(|details| format!(" {details}")).unwrap_or_default();
        vec![
            row.id.to_string(),
            row.section.to_owned(),
            row.question.to_owned(),
            readings.join("; "),
            row.accepts.to_owned(),
            format!("{}{details}", sentence(reference.text)),
        ]
    });
    Registry::new(
        "Ambiguities",
        "Where the specification is silent or contradicts itself: the readings that a server may take, the behavior \
         that hearback accepts, and the reading of the embedded server. `hearback serve --reading ID` starts it with another \
         reading; `hearback prove --tolerance` checks that no requirement is reported as broken under any of them.",
        &["id", "section", "question", "readings", "accepted", "embedded server"],
        rows,
    )
}

/// The id and the text of a reading, and the day on which it was last proven.
fn reading(row: &Reading, proofs: &Proofs) -> String {
    let proof = proofs.of(Proven::Reading(row.id));
    let day = proof.map(|proof| format!(" (tolerated {})", proof.date)).unwrap_or_default();
    format!("`{}`: {}{day}", row.id, row.text)
}

/// A text that begins in lower case, as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// Options of the command line.
pub fn options(documented: Vec<Documented>) -> Registry {
    let rows = documented
        .into_iter()
        .map(|option| vec![option.key, option.variable, option.default, option.description]);
    Registry::new(
        "Options",
        "All options, with their keys in `hearback.toml` and their environment variables. A key of a section that \
         several commands share can be overridden for one command in the section of that command: `[fuzz]` before \
         `[execution]`. See [Configuration](configuration.md).",
        &["key", "variable", "default", "meaning"],
        rows,
    )
}
