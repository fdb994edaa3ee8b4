//! `hearback load --otlp`.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint};
use prost::Message as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{TWO, hearback, run, stderr, stdout};

/// Counts of one request, by the name of the metric and its kind.
type Counts = HashMap<(String, String), u64>;

fn counts(request: &[u8]) -> Counts {
    let request = ExportMetricsServiceRequest::decode(request).unwrap();
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    metrics.iter().flat_map(counts_of).collect()
}

fn counts_of(metric: &Metric) -> Vec<((String, String), u64)> {
    let points: &[NumberDataPoint] = match metric.data.as_ref().unwrap() {
        Data::Sum(sum) => &sum.data_points,
        Data::Gauge(gauge) => &gauge.data_points,
        Data::Histogram(histogram) => {
            return vec![((metric.name.clone(), String::new()), histogram.data_points[0].count)];
        }
        data => panic!("{data:?}"),
    };
    let count = |point: &NumberDataPoint| {
        let Some(Number::AsInt(count)) = point.value else { return None };
        // The only attribute, a text.
        let kind = point.attributes.first().map(|it| format!("{:?}", it.value));
        let kind = kind.unwrap_or_default();
        let kind = kind.split('"').nth(1).unwrap_or_default().to_owned();
        Some(((metric.name.clone(), kind), count as u64))
    };
    points.iter().filter_map(count).collect()
}

/// A receiver that requires the header of `OTEL_EXPORTER_OTLP_HEADERS`, and the credentials of its URL.
async fn receiver() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/v1/metrics"))
        .and(header("x-key", "header secret"))
        .and(header("authorization", "Basic YWxpY2U6dXJsLXNlY3JldA=="))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    server
}

/// A load run in `folder` that exports to a receiver with credentials.
fn load(folder: &Path, address: &str, arguments: &[&str]) -> Command {
    let url = format!("http://alice:url-secret@{address}");
    let mut command = hearback();
    command
        .current_dir(folder)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=header%20secret")
        .args(["load", "--record", "out.json", "--otlp", &url])
        .args(arguments);
    command
}

/// The record of the run, which contains no secret.
fn record(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("out.json")).unwrap();
    assert!(!text.contains("secret"));
    serde_json::from_str(&text).unwrap()
}

/// Compares the last request with the record.
fn assert_equal(record: &Value, counts: &Counts) {
    let count = |name: &str, kind: &str| {
        counts.get(&(format!("hearback.load.{name}"), kind.to_owned())).copied()
    };
    let deliveries = &record["deliveries"];
    for (name, kind, expected) in [
        ("messages_offered", "", &record["sends"]["offered"]),
        ("messages_sent", "", &record["sends"]["sent"]),
        ("deliveries", "", &deliveries["received"]),
        ("delivery_defects", "lost", &deliveries["lost"]),
        ("delivery_defects", "duplicate", &deliveries["duplicate"]),
        ("delivery_defects", "late", &deliveries["late"]),
    ] {
        assert_eq!(count(name, kind), expected.as_u64(), "{name} {kind}\n{record:#}");
    }
    assert!(count("delivery", "") > Some(0), "{counts:?}");
    for (kind, expected) in record["errors"].as_object().into_iter().flatten() {
        assert_eq!(count("errors", kind), expected.as_u64(), "{kind}");
    }
}

fn last_counts(runtime: &Runtime, server: &MockServer) -> Counts {
    let requests = runtime.block_on(server.received_requests()).unwrap();
    counts(&requests.last().unwrap().body)
}

#[test]
fn a_receiver_gets_the_counts_of_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(receiver());
    let fault = ["--fault", "socket/loses-messages-to-others", "--log", "trace"];
    let arguments = [&["--duration-scale", "0.3"], &fault[..]].concat();
    let output = load(folder.path(), &server.address().to_string(), &arguments).output().unwrap();
    let text = stderr(&output);
    let exporting = format!("Exporting metrics to {}/v1/metrics\n", server.uri());
    assert!(text.contains(&exporting) && !text.contains("cannot export"), "{text}");
    assert!(!text.contains("secret") && !stdout(&output).contains("secret"), "{text}");
    let record = record(folder.path());
    assert_ne!(record["deliveries"]["lost"], 0);
    assert_equal(&record, &last_counts(&runtime, &server));
}

#[cfg(unix)]
#[test]
fn the_last_values_of_an_interrupted_run_are_exported() {
    let folder = tempfile::tempdir().unwrap();
    let long = TWO.replace("duration = \"1s\"", "duration = \"5m\"");
    std::fs::write(folder.path().join("long.toml"), long).unwrap();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(receiver());
    let mut command =
        load(folder.path(), &server.address().to_string(), &["--profile", "long.toml"]);
    let mut load = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(load.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("delivered")));
    let pid = load.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    lines.for_each(drop);
    assert_eq!(load.wait().unwrap().code(), Some(3));
    assert_equal(&record(folder.path()), &last_counts(&runtime, &server));
}

#[test]
fn a_receiver_that_does_not_respond_changes_nothing_but_one_warning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
    // The system accepts connections to it, and no process reads them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let absent = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), absent] {
        let started = Instant::now();
        let arguments = ["--profile", "two.toml", "--quiet"];
        let output = load(folder.path(), &address.to_string(), &arguments).output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
        let text = stderr(&output);
        let warning = format!("warning: cannot export metrics to http://{address}/v1/metrics: ");
        assert_eq!(text.matches(&warning).count(), 1, "{text}");
        assert!(!text.contains("secret"), "{text}");
        assert!(record(folder.path())["sends"]["sent"].as_u64() > Some(0));
        // A machine without processor time for the generator makes the run invalid.
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{text}");
        assert!(record(folder.path())["end"].to_string().contains("completed"), "{text}");
    }
}

#[test]
fn an_invalid_receiver_is_reported_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["alice:secret@localhost", "grpc://alice:secret@localhost:4317"] {
        let output = run(folder.path(), &["load", "--quiet", "--otlp", url]);
        assert_eq!(output.status.code(), Some(2));
        let text = stderr(&output);
        assert!(text.contains("OTLP receiver") && !text.contains("secret"), "{text}");
    }
}
