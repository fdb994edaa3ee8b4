//! The Grafana dashboard shows metrics that exist, in panels that Grafana accepts.

use std::collections::BTreeSet;

use hearback_runner::load::LIVE_METRICS;
use serde_json::Value;

const DASHBOARD: &str = include_str!("../../../../loadtests/grafana/dashboard.json");

/// Columns of the grid of Grafana.
const COLUMNS: u64 = 24;

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).unwrap()
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().unwrap()
}

/// Every query, of panels and variables.
fn queries(dashboard: &Value) -> Vec<&str> {
    let targets = panels(dashboard).iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let expressions = targets.map(|target| target["expr"].as_str().unwrap());
    expressions
        .chain(variables.iter().filter_map(|variable| variable["query"]["query"].as_str()))
        .collect()
}

/// Names of metrics in a query.
fn names(query: &str) -> impl Iterator<Item = String> {
    let words =
        query.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("hearback_")).map(str::to_owned)
}

#[test]
fn every_query_names_metrics_that_exist_and_every_metric_is_shown() {
    let exposed: BTreeSet<String> = LIVE_METRICS
        .iter()
        .flat_map(|metric| metric.samples())
        .chain(["hearback_load_info".to_owned()])
        .collect();
    let dashboard = dashboard();
    let queries = queries(&dashboard);
    let without: Vec<_> = queries.iter().filter(|query| names(query).next().is_none()).collect();
    assert!(without.is_empty(), "{without:?}");
    let used: BTreeSet<String> = queries.iter().flat_map(|query| names(query)).collect();
    let unknown: Vec<_> = used.difference(&exposed).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for metric in LIVE_METRICS {
        let samples = metric.samples();
        assert!(samples.iter().any(|name| used.contains(name)), "{samples:?} are not shown");
    }
}

#[test]
fn the_dashboard_has_what_grafana_needs() {
    let dashboard = dashboard();
    assert_eq!(dashboard["uid"], "hearback-load");
    assert_eq!(dashboard["title"], "hearback load");
    assert!(dashboard["schemaVersion"].as_u64() >= Some(36), "it has panels with a data source");
    assert_eq!(dashboard["id"], Value::Null, "an id is that of one Grafana");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    assert_eq!(variables[0]["type"], "datasource");
    let source = format!("${{{}}}", variables[0]["name"].as_str().unwrap());
    let mut ids = BTreeSet::new();
    for panel in panels(&dashboard) {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel:#}");
        assert!(!panel["title"].as_str().unwrap().is_empty(), "{panel:#}");
        assert!(
            panel["type"].is_string() && panel["fieldConfig"]["defaults"].is_object(),
            "{panel:#}"
        );
        let targets = panel["targets"].as_array().unwrap();
        let letters: BTreeSet<_> = targets.iter().map(|it| it["refId"].as_str().unwrap()).collect();
        assert_eq!(letters.len(), targets.len(), "{panel:#}");
        for part in targets.iter().chain([panel]) {
            assert_eq!(part["datasource"]["uid"], *source, "{part:#}");
        }
    }
}

#[test]
fn panels_do_not_overlap() {
    let dashboard = dashboard();
    let mut occupied = BTreeSet::new();
    for panel in panels(&dashboard) {
        let [x, y, width, height] =
            ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
        assert!(width > 0 && height > 0 && x + width <= COLUMNS, "{panel:#}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(occupied.insert(cell), "{} overlaps at {cell:?}", panel["title"]);
        }
    }
}
