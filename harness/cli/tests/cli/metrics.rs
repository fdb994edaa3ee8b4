//! `hearback load --metrics-listen`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{hearback, run, stderr};

/// The value of a sample without labels.
fn sample(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn metrics_of_a_running_load_test_can_be_scraped() {
    let folder = tempfile::tempdir().unwrap();
    let mut load = hearback()
        .current_dir(folder.path())
        .args(["load", "--duration-scale", "0.5", "--metrics-listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(load.stderr.take().unwrap()).lines().map_while(Result::ok);
    let url =
        lines.find_map(|line| line.strip_prefix("Serving metrics at ").map(str::to_owned)).unwrap();
    // What else it says must not fill the pipe.
    let rest = std::thread::spawn(move || lines.collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = runtime.block_on(async {
        let timeout = Instant::now() + Duration::from_secs(60);
        loop {
            assert!(Instant::now() < timeout, "nothing was delivered");
            let response = reqwest::get(&url).await.unwrap();
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
            let text = response.text().await.unwrap();
            if sample(&text, "hearback_load_deliveries_total") > Some(0.0) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    assert!(text.contains("profile=\"smoke\""), "{text}");
    assert_eq!(sample(&text, "hearback_load_connections"), Some(44.0));
    let delivered = sample(&text, "hearback_load_deliveries_total");
    assert_eq!(sample(&text, "hearback_load_delivery_seconds_count"), delivered);
    assert!(sample(&text, "hearback_load_messages_sent_total") > Some(0.0));
    assert!(load.wait().unwrap().code().is_some());
    let rest = rest.join().unwrap();
    assert!(rest.iter().any(|line| line.contains("delivered, each p50 ")), "{rest:#?}");
}

#[test]
fn an_address_in_use_is_reported_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (option, what) in [("--metrics-listen", "metrics"), ("--dashboard", "the dashboard")] {
        let output = run(folder.path(), &["load", "--quiet", option, &address]);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("cannot serve {what} at {address}");
        assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
    }
}
