//! Throttles of every shape.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use jiff::fmt::rfc2822;
use serde_json::json;

use crate::weather::interruption::{Covers, Interruption, Trigger};
use crate::weather::kind::Effect::Count;
use crate::weather::kind::{WeatherKind, row};
use crate::weather::setup::Setup;

const QUOTA: &str = "Number of requests of one user, after which the user is refused for a second";
const PER_MINUTE: &str = "Logins per minute, of all users together, beyond five at once";

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "throttle",
        "A quota per user: 429 with `Retry-After` in seconds.",
        Count(QUOTA, 80, |setup, quota| {
            limit(setup, Covers::Operations, Trigger::Quota(quota), with_seconds);
        }),
    ),
    row(
        "throttle-date",
        "A quota per user: 429 with a date in `Retry-After`.",
        Count(QUOTA, 80, |setup, quota| {
            limit(setup, Covers::Operations, Trigger::Quota(quota), with_date);
        }),
    ),
    row(
        "throttle-bare",
        "A quota per user: 429 without `Retry-After`.",
        Count(QUOTA, 80, |setup, quota| {
            limit(setup, Covers::Operations, Trigger::Quota(quota), bare);
        }),
    ),
    row(
        "throttle-text",
        "A quota per user: 429 without `Retry-After`; the body names the delay.",
        Count(QUOTA, 80, |setup, quota| {
            limit(setup, Covers::Operations, Trigger::Quota(quota), in_text);
        }),
    ),
    row(
        "throttle-forbidden",
        "A quota per user: 403 that looks like a missing permission.",
        Count(QUOTA, 80, |setup, quota| {
            limit(setup, Covers::Operations, Trigger::Quota(quota), forbidden);
        }),
    ),
    row(
        "login-throttle",
        "A rate of logins: 429 with `Retry-After` in seconds.",
        Count(PER_MINUTE, 20, |setup, rate| {
            limit(setup, Covers::Logins, Trigger::PerMinute(rate), with_seconds);
        }),
    ),
    row(
        "login-throttle-bare",
        "A rate of logins: 429 without `Retry-After`.",
        Count(PER_MINUTE, 20, |setup, rate| {
            limit(setup, Covers::Logins, Trigger::PerMinute(rate), bare);
        }),
    ),
    row(
        "login-throttle-forbidden",
        "A rate of logins: 403 that looks like a missing permission.",
        Count(PER_MINUTE, 20, |setup, rate| {
            limit(setup, Covers::Logins, Trigger::PerMinute(rate), forbidden);
        }),
    ),
    row(
        "handshake-throttle",
        "A quota of handshakes per user: 429 with `Retry-After` in seconds.",
        Count(
            "Number of handshakes of one user, after which the user is refused for a second",
            20,
            |setup, quota| limit(setup, Covers::Handshakes, Trigger::Quota(quota), with_seconds),
        ),
    ),
];

fn limit(setup: &mut Setup, covers: Covers, trigger: Trigger, respond: fn(Duration) -> Response) {
    setup.interruptions.push(Interruption { covers, trigger, is_executed: false, respond });
}

fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

fn with_seconds(delay: Duration) -> Response {
    let seconds = whole_seconds(delay).to_string();
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds)], throttled(None)).into_response()
}

fn with_date(delay: Duration) -> Response {
    // A date has whole seconds: one more, so that it is not too early.
    let end = SystemTime::now() + Duration::from_secs(whole_seconds(delay) + 1);
    let end = jiff::Timestamp::try_from(end).unwrap_or(jiff::Timestamp::MAX);
    let printer = rfc2822::DateTimePrinter::new();
    let date = printer.timestamp_to_rfc9110_string(&end).unwrap_or_default();
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, date)], throttled(None)).into_response()
}

fn bare(_: Duration) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, throttled(None)).into_response()
}

fn in_text(delay: Duration) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, throttled(Some(whole_seconds(delay)))).into_response()
}

/// The body of Django REST framework.
fn throttled(seconds: Option<u64>) -> Json<serde_json::Value> {
    let detail = match seconds {
        None => "Request was throttled.".to_owned(),
        Some(seconds) => {
            format!("Request was throttled. Expected available in {seconds} seconds.")
        }
    };
    Json(json!({ "detail": detail }))
}

/// The error of an application that does not name its limits.
fn forbidden(_: Duration) -> Response {
    let body = json!({
        "success": false,
        "error": "Forbidden",
        "detail": "You do not have permission to perform this action.",
    });
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}
