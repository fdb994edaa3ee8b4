//! Rooms that a run left at the target.

use hearback_history::{OrphanedRoom, TargetKind};
use hearback_testkit::dsl;

#[test]
fn what_was_made_and_not_put_away_is_left() {
    let mut history = dsl::parse(
        r#"
        alice rooms.create {"name": "put away"} => 201 @room {"id": "$a", "room_type": "group"}
        alice rooms.create {"name": "kept"} => 201 @room {"id": "$b", "room_type": "group"}
        alice rooms.archive $a => 200 @room
        alice rooms.archive $b => 500 @error
        alice rooms.create {"room_type": "direct"} => 200 @room {"id": "$old", "room_type": "direct"}
        alice rooms.create {} => 400 @error
        [20..30] alice rooms.create {"name": "unanswered"} => late
        [40..50] alice rooms.create {"name": "broken"} => 500 @error
        [60..70] alice rooms.create {"name": "unreadable"} => 201 <html>
        alice rooms.create {"name": "never sent"} => !
        "#,
    )
    .unwrap();
    assert_eq!(history.orphaned_rooms(), []);
    let named =
        TargetKind::Named { accounts: String::new(), socket_url: None, jwt_secret_env: None };
    history.start.as_mut().unwrap().target_kind = Some(named);
    let left = |id: Option<String>, name: &str| OrphanedRoom {
        id,
        name: Some(name.to_owned()),
        maker: "alice".to_owned(),
    };
    let expected = [
        left(Some(dsl::id("b")), "kept"),
        left(None, "unanswered"),
        left(None, "broken"),
        left(None, "unreadable"),
    ];
    assert_eq!(history.orphaned_rooms(), expected);
}
