//! Histories built from events.

use hearback_history::Frame;
use hearback_testkit::dsl;

#[test]
fn equal_frames_share_one_body() {
    let typing = r#"@typing {"user_id": 1}"#;
    let history = dsl::parse(&format!(
        "bob@r1 open\ncarol@r1 open\nbob@r1 <- {typing}\ncarol@r1 <- {typing}\nbob@r1 <- @error_event"
    ))
    .unwrap();
    let [bob, carol] = &history.connections[..] else { panic!("two connections") };
    let numbers =
        |frames: &[Frame]| frames.iter().map(|frame| frame.body.number).collect::<Vec<_>>();
    assert_eq!(numbers(&bob.frames), [0, 2, 3]);
    assert_eq!(numbers(&carol.frames), [1, 2]);
    assert_eq!(history.bodies.len(), 4);
}
