//! Weather of the gateway in front of the server.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use crate::weather::interruption::{Covers, Interruption, Trigger};
use crate::weather::kind::Effect::Count;
use crate::weather::kind::{WeatherKind, row};
use crate::weather::setup::Setup;

const EVERY: &str = "Affected requests: every n-th";

pub(super) const ROWS: &[WeatherKind] = &[
    row(
        "bad-gateway",
        "Requests are answered with an HTML page and 502, and do not reach the server.",
        Count(EVERY, 40, |setup, every| answer(setup, every, false, StatusCode::BAD_GATEWAY)),
    ),
    row(
        "lost-bad-gateway",
        "Requests are executed and then answered with an HTML page and 502.",
        Count(EVERY, 40, |setup, every| answer(setup, every, true, StatusCode::BAD_GATEWAY)),
    ),
    row(
        "unavailable",
        "Requests are answered with an HTML page and 503, and do not reach the server.",
        Count(EVERY, 40, |setup, every| {
            answer(setup, every, false, StatusCode::SERVICE_UNAVAILABLE);
        }),
    ),
    row(
        "gateway-timeout",
        "Requests are executed and then answered with an HTML page and 504.",
        Count(EVERY, 40, |setup, every| answer(setup, every, true, StatusCode::GATEWAY_TIMEOUT)),
    ),
];

fn answer(setup: &mut Setup, every: u32, is_executed: bool, status: StatusCode) {
    let respond = match status {
        StatusCode::BAD_GATEWAY => |_| page(StatusCode::BAD_GATEWAY),
        StatusCode::GATEWAY_TIMEOUT => |_| page(StatusCode::GATEWAY_TIMEOUT),
        _ => |_| page(StatusCode::SERVICE_UNAVAILABLE),
    };
    setup.interruptions.push(Interruption {
        covers: Covers::Everything,
        trigger: Trigger::Every(every),
        is_executed,
        respond,
    });
}

/// The page that nginx sends with this status.
fn page(status: StatusCode) -> Response {
    let title = status.to_string();
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, Html(body)).into_response()
}
