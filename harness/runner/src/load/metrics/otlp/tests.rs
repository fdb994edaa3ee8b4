//! Export to receivers that accept, reject, redirect, hang and are absent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use hearback_loadtests::Progress;
use hearback_testkit::load::example_record;
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest,
};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use parking_lot::Mutex;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::registry::{LIVE_METRICS, LiveMetric};
use super::*;

const LABELS: [(&str, String); 1] = [("run", String::new())];

/// Times that let several requests pass in a test.
const SHORT: Times = Times {
    interval: Duration::from_millis(1),
    timeout: Duration::from_millis(50),
    last_timeout: Duration::from_millis(300),
};

fn endpoint(url: &str) -> OtlpEndpoint {
    let headers = HashMap::from([("OTEL_EXPORTER_OTLP_HEADERS", "tenant=chat")]);
    OtlpEndpoint::new(&url.to_owned().into(), &headers).unwrap()
}

fn example() -> Totals {
    let record = example_record();
    let mut totals = Totals::default();
    for second in &record.series {
        totals.observe(&Progress::Running { second: Box::new(second.clone()), length_s: 32.0 });
    }
    totals.finish(&record);
    totals
}

/// Exports until `is_done`, and returns the warnings.
async fn export(url: &str, times: Times, is_done: impl AsyncFn() -> bool) -> Vec<String> {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let warned = Arc::clone(&warnings);
    let warn = move |event| {
        let Event::MetricsNotExported { url, reason } = event else { panic!("{event:?}") };
        warned.lock().push(format!("{url}: {reason}"));
    };
    let export = Export::start(&endpoint(url), times, &LABELS, example, warn).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !is_done().await {
        assert!(Instant::now() < until, "the receiver got too few requests");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    export.finish().await;
    std::mem::take(&mut *warnings.lock())
}

async fn receiver(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/metrics"))
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

async fn has_requests(server: &MockServer, least: usize) -> bool {
    server.received_requests().await.unwrap().len() >= least
}

#[tokio::test]
async fn the_last_request_has_the_counts_of_the_record() {
    let server = MockServer::start().await;
    Mock::given(header("content-type", "application/x-protobuf"))
        .and(header("tenant", "chat"))
        .and(header("authorization", "Basic YWxpY2U6c2VjcmV0"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let url = server.uri().replace("http://", "http://alice:secret@");
    assert_eq!(export(&url, TIMES, async || true).await, Vec::<String>::new());
    let requests = server.received_requests().await.unwrap();
    let [request] = &*requests else { panic!("{} requests", requests.len()) };
    let request = ExportMetricsServiceRequest::decode(&*request.body).unwrap();
    let [resource] = &*request.resource_metrics else { panic!("{request:?}") };
    let metrics = &resource.scope_metrics[0].metrics;
    let names: Vec<_> = metrics.iter().map(|metric| metric.name.clone()).collect();
    let expected: Vec<_> = LIVE_METRICS.iter().map(LiveMetric::otlp).collect();
    assert_eq!(names, expected);
    let record = example_record();
    let data = |name: &str| {
        metrics.iter().find(|metric| metric.name == name).and_then(|metric| metric.data.clone())
    };
    let Some(Data::Sum(offered)) = data("hearback.load.messages_offered") else { panic!() };
    assert!(offered.is_monotonic);
    assert_eq!(offered.data_points[0].value, Some(Number::AsInt(record.sends.offered as i64)));
    let Some(Data::Histogram(delivery)) = data("hearback.load.delivery") else { panic!() };
    let delivery = &delivery.data_points[0];
    assert_eq!(delivery.count, record.deliveries.received);
    assert_eq!(delivery.bucket_counts.iter().sum::<u64>(), delivery.count);
    assert_eq!(delivery.bucket_counts.len(), delivery.explicit_bounds.len() + 1);
    assert!(delivery.start_time_unix_nano <= delivery.time_unix_nano);
    let Some(Data::Gauge(defects)) = data("hearback.load.delivery_defects") else { panic!() };
    assert_eq!(defects.data_points[0].value, Some(Number::AsInt(record.deliveries.lost as i64)));
}

#[tokio::test]
async fn a_receiver_that_fails_is_reported_once() {
    for (status, reason) in [(500, "status 500"), (307, "status 307; redirects are not followed")] {
        let elsewhere = receiver(ResponseTemplate::new(200)).await;
        let location = format!("{}/v1/metrics", elsewhere.uri());
        let response = ResponseTemplate::new(status).insert_header("location", location);
        let server = receiver(response).await;
        let warnings = export(&server.uri(), SHORT, async || has_requests(&server, 3).await).await;
        assert_eq!(warnings, [format!("{}/v1/metrics: {reason}", server.uri())]);
        assert!(!has_requests(&elsewhere, 1).await);
    }
}

#[tokio::test]
async fn values_that_a_receiver_rejects_are_reported() {
    let partial = ExportMetricsPartialSuccess {
        rejected_data_points: 2,
        error_message: "too\nmany".to_owned(),
    };
    let response = ExportMetricsServiceResponse { partial_success: Some(partial) };
    let server =
        receiver(ResponseTemplate::new(200).set_body_bytes(response.encode_to_vec())).await;
    let warnings = export(&server.uri(), TIMES, async || true).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].ends_with(r"the receiver rejected 2 values: too\nmany"), "{warnings:?}");
}

#[tokio::test]
async fn an_absent_receiver_is_reported_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://secret:secret@{}", listener.local_addr().unwrap());
    drop(listener);
    let warnings = export(&url, SHORT, async || {
        tokio::time::sleep(SHORT.interval * 20).await;
        true
    })
    .await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("refused") && !warnings[0].contains("secret"), "{warnings:?}");
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_the_end_by_one_timeout() {
    let hour = Duration::from_secs(3_600);
    let server = receiver(ResponseTemplate::new(200).set_delay(hour)).await;
    // A request of an hour is pending at the end.
    let times = Times { timeout: hour, ..SHORT };
    let started = Instant::now();
    let warnings = export(&server.uri(), times, async || has_requests(&server, 1).await).await;
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert_eq!(warnings, [format!("{}/v1/metrics: it did not respond in time", server.uri())]);
}

#[test]
fn metrics_without_values_are_omitted() {
    let request = Requests::new(&LABELS).request(&Totals::default());
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    let names: Vec<_> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert!(names.contains(&"hearback.load.messages_sent"), "{names:?}");
    for name in ["hearback.load.errors", "hearback.load.server_cpu_cores"] {
        assert!(!names.contains(&name), "{names:?}");
    }
}
