//! Load runs with rooms that are larger than one worker. Without nats-server, the tests say so and pass.

use serde_json::Value;

use crate::workers::{has_server, load};

/// One room that is too large for a third of the load, and others.
const LARGE: &str = r#"
description = "A large room."
warm_up = "1s"
drain = "3s"
connect_rate = 200
shared_accounts = true
accounts = 24
slos = ["lost = 0", "duplicate = 0", "out_of_order = 0", "leaked = 0"]
[[rooms]]
count = 1
members = 60
[[rooms]]
count = 4
members = 5
[personas]
talker = { weight = 1 }
reader = { weight = 3 }
[[phase]]
kind = "constant"
rate = 40
duration = "6s"
"#;

fn count(record: &Value, pointer: &str) -> u64 {
    record.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer}: {record}"))
}

#[test]
fn workers_that_share_a_room_count_the_same_as_one_process() {
    if !has_server() {
        return;
    }
    let (one, three) = (load(LARGE, &[]), load(LARGE, &["--workers", "3"]));
    assert_eq!(three["end"]["status"], "completed", "{}", three["end"]);
    for pointer in ["/deliveries/messages", "/deliveries/expected", "/deliveries/received"] {
        assert_eq!(count(&one, pointer), count(&three, pointer), "{pointer}");
    }
    assert_eq!(count(&three, "/profile/rooms"), 5);
    let across = |name: &str| count(&three, &format!("/shared_rooms/deliveries/{name}"));
    assert_eq!((count(&three, "/shared_rooms/rooms"), across("lost")), (1, 0));
    // Two workers share the room, so that half of its members are in another one than the sender.
    let of_room = three["sizes"].as_array().unwrap().iter().find(|size| size["from"] == 32);
    let messages = count(of_room.unwrap(), "/deliveries/messages");
    assert_eq!(across("expected"), messages * 30);
    let error = three.pointer("/shared_rooms/clock_error_ms").and_then(Value::as_f64).unwrap();
    assert!(error > 0.0, "{error}");
    assert!(one.get("shared_rooms").is_none());
}
