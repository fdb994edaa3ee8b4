//! Rules of family `unread`: for every member, in every view.

mod marking;
mod view;

use crate::rule::Rule;

/// The rules of this family.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    Rule { requirement: "unread/detail", examine: view::detail },
    Rule { requirement: "unread/list", examine: view::list },
    Rule { requirement: "unread/stats", examine: view::stats },
    Rule { requirement: "unread/participants", examine: view::participants },
    Rule { requirement: "unread/established", examine: view::established },
    Rule { requirement: "unread/own-never-count", examine: marking::own_never_count },
    Rule { requirement: "unread/zero-after-mark-read", examine: marking::zero_after_mark_read },
    Rule { requirement: "unread/zero-after-socket-mark", examine: marking::zero_after_socket_mark },
    Rule { requirement: "unread/others-unmoved", examine: marking::others_unmoved },
];
