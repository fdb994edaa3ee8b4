//! JUnit XML that both the schema of Jenkins and that of Ant allow.
//!
//! Ant's schema allows no attributes of the root, and neither properties nor output of a test case: output belongs to
//! the suite.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use quick_xml::se::Serializer;
use serde::Serialize;

/// The package of every suite, and the first part of every class name.
const PACKAGE: &str = "hearback";

/// The host of a run that does not name its own, as the schema of Ant wants it.
const UNKNOWN_HOST: &str = "localhost";

/// The time of a run whose beginning is not known: both attributes are required.
const UNKNOWN_TIME: Timestamp = Timestamp::UNIX_EPOCH;

/// A report.
#[derive(Serialize)]
#[serde(rename = "testsuites")]
struct Document {
    testsuite: Vec<Suite>,
}

/// Where and when a run was executed, and what it tested.
pub(crate) struct Origin<'r> {
    /// Wall-clock time of the beginning, RFC 3339.
    pub(crate) started_at: Option<&'r str>,
    /// Name of the machine.
    pub(crate) host: Option<String>,
    /// Name and value of each property, repeated in every suite.
    pub(crate) properties: Vec<(&'static str, String)>,
}

/// A suite of test cases.
#[derive(Serialize)]
pub(crate) struct Suite {
    #[serde(rename = "@name")]
    name: String,
    #[serde(rename = "@package")]
    package: &'static str,
    #[serde(rename = "@id")]
    id: usize,
    #[serde(rename = "@timestamp")]
    timestamp: String,
    #[serde(rename = "@hostname")]
    hostname: String,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "@errors")]
    errors: usize,
    #[serde(rename = "@skipped")]
    skipped: usize,
    #[serde(rename = "@time")]
    time: String,
    properties: Properties,
    testcase: Vec<Case>,
    /// Text for people, shown beside the cases.
    #[serde(rename = "system-out")]
    pub(crate) output: String,
    #[serde(rename = "system-err")]
    errors_output: String,
}

#[derive(Clone, Default, Serialize)]
struct Properties {
    property: Vec<Property>,
}

#[derive(Clone, Serialize)]
struct Property {
    #[serde(rename = "@name")]
    name: &'static str,
    #[serde(rename = "@value")]
    value: String,
}

/// A test case; a success if it has no mark.
#[derive(Serialize)]
pub(crate) struct Case {
    #[serde(rename = "@classname")]
    class: String,
    #[serde(rename = "@name")]
    name: String,
    #[serde(rename = "@time")]
    time: String,
    #[serde(skip)]
    milliseconds: u64,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
}

/// The reason why a test case did not succeed.
#[derive(Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mark {
    Skipped(Detail),
    Failure(Detail),
    Error(Detail),
}

/// The text of a mark.
#[derive(Clone, Serialize)]
pub(crate) struct Detail {
    #[serde(rename = "@type")]
    kind: String,
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "$text")]
    text: String,
}

impl Detail {
    /// A kind, such as the level of a requirement, a message of one line, and any text.
    pub(crate) fn new(kind: &str, message: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), message: message.into(), text: text.into() }
    }
}

impl Case {
    /// A case of a group, which becomes a part of the name of its class, with its time in milliseconds.
    pub(crate) fn new(group: &str, name: String, milliseconds: u64, mark: Option<Mark>) -> Self {
        let class = format!("{PACKAGE}.{group}");
        Self { class, name, time: seconds(milliseconds), milliseconds, mark }
    }
}

impl Suite {
    /// Returns whether it has no cases.
    pub(crate) fn is_empty(&self) -> bool {
        self.testcase.is_empty()
    }

    /// A suite whose time is that of its cases.
    pub(crate) fn new(name: String, cases: Vec<Case>) -> Self {
        let count = |is_counted: fn(&Mark) -> bool| {
            cases
                .iter()
                .filter_map(|case| case.mark.as_ref())
                .filter(|mark| is_counted(mark))
                .count()
        };
        Self {
            name,
            package: PACKAGE,
            id: 0,
            timestamp: String::new(),
            hostname: String::new(),
            tests: cases.len(),
            failures: count(|mark| matches!(mark, Mark::Failure(_))),
            errors: count(|mark| matches!(mark, Mark::Error(_))),
            skipped: count(|mark| matches!(mark, Mark::Skipped(_))),
            time: seconds(cases.iter().map(|case| case.milliseconds).sum()),
            properties: Properties::default(),
            testcase: cases,
            output: String::new(),
            errors_output: String::new(),
        }
    }
}

/// The XML of a report.
pub(crate) fn xml(origin: Origin<'_>, mut suites: Vec<Suite>) -> String {
    let properties = origin.properties.into_iter().map(|(name, value)| Property { name, value });
    let properties = Properties { property: properties.collect() };
    let timestamp = timestamp(origin.started_at);
    let hostname = origin.host.unwrap_or_else(|| UNKNOWN_HOST.to_owned());
    for (id, suite) in suites.iter_mut().enumerate() {
        suite.id = id;
        suite.timestamp.clone_from(&timestamp);
        suite.hostname.clone_from(&hostname);
        suite.properties.clone_from(&properties);
    }
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let mut serializer = Serializer::new(&mut xml);
    serializer.indent(' ', 2);
    Document { testsuite: suites }.serialize(serializer).expect("every element has a name");
    xml.push('\n');
    xml
}

/// The report that some XML is. The parser requires a time zone, which the schema of Ant forbids.
#[cfg(test)]
pub(crate) fn parsed(xml: &str) -> quick_junit::Report {
    let (start, rest) = xml.split_once(" timestamp=\"").unwrap_or((xml, ""));
    let mut zoned = start.to_owned();
    for part in rest.split(" timestamp=\"").filter(|part| !part.is_empty()) {
        zoned.push_str(&format!(" timestamp=\"{}", part.replacen('"', "Z\"", 1)));
    }
    quick_junit::Report::deserialize_from_str(&zoned)
        .unwrap_or_else(|error| panic!("{error}: {xml}"))
}

/// `1.250` for 1,250 milliseconds.
fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

/// Universal time without a zone, which the schema of Ant does not allow.
fn timestamp(started_at: Option<&str>) -> String {
    let started_at = started_at.and_then(|text| text.parse().ok()).unwrap_or(UNKNOWN_TIME);
    started_at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
