//! Rules of family `unread`: for every member, in every view.

mod marking;
mod view;

use crate::rule::Rule;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "unread/detail", check: view::detail },
    Rule { requirement: "unread/list", check: view::list },
    Rule { requirement: "unread/stats", check: view::stats },
    Rule { requirement: "unread/participants", check: view::participants },
    Rule { requirement: "unread/established", check: view::established },
    Rule { requirement: "unread/own-never-count", check: marking::own_never_count },
    Rule { requirement: "unread/zero-after-mark-read", check: marking::zero_after_mark_read },
    Rule { requirement: "unread/zero-after-socket-mark", check: marking::zero_after_socket_mark },
    Rule { requirement: "unread/others-unmoved", check: marking::others_unmoved },
];
