//! Redirects, to another origin and in circles.

use super::behavior::Change::{Redirect, Status};
use super::behavior::On::{Handshakes, Logins, Operations};
use super::behavior::{Behavior, row};

pub(super) const ALL: &[Behavior] = &[
    row("redirect: 301 to another origin", Operations, Status("301 Moved Permanently")),
    row("redirect: 307 to another origin", Operations, Status("307 Temporary Redirect")),
    row("redirect: 308 to another origin", Operations, Status("308 Permanent Redirect")),
    row("redirect: 302 to itself", Operations, Redirect("302 Found", "{path}")),
    row(
        "redirect: 307 to a longer path",
        Operations,
        Redirect("307 Temporary Redirect", "{path}x/"),
    ),
    row("redirect: 303 to a file", Operations, Redirect("303 See Other", "file:///etc/passwd")),
    row("redirect: without a scheme", Operations, Redirect("302 Found", "//{elsewhere-host}/")),
    row("redirect: to nothing", Operations, Redirect("302 Found", "")),
    row("redirect: every tenth response", Operations, Status("302 Found")).every(10),
    row("redirect: login to another origin", Logins, Status("301 Moved Permanently")),
    row("redirect: login to itself", Logins, Redirect("307 Temporary Redirect", "{path}")),
    row("redirect: handshake to another origin", Handshakes, Status("301 Moved Permanently")),
    row("redirect: handshake to itself", Handshakes, Redirect("302 Found", "{path}")),
];
