//! Orphaned rooms.

use hearback_history::{OrphanedRoom, TargetOptions};
use hearback_testkit::dsl;

#[test]
fn rooms_that_were_created_and_not_archived_are_orphaned() {
    let mut history = dsl::parse(
        r#"
        alice rooms.create {"name": "archived"} => 201 @room {"id": "$a", "room_type": "group"}
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
    let external = TargetOptions::External {
        accounts: String::new(),
        socket_url: None,
        jwt_secret_env: None,
        connection: Box::default(),
    };
    history.start.as_mut().unwrap().target_options = Some(external);
    let orphaned = |id: Option<String>, name: &str| OrphanedRoom {
        id: id.map(Into::into),
        name: Some(name.to_owned()),
        creator: "alice".into(),
        is_verified: false,
    };
    let expected = [
        orphaned(Some(dsl::id("b")), "kept"),
        orphaned(None, "unanswered"),
        orphaned(None, "broken"),
        orphaned(None, "unreadable"),
    ];
    assert_eq!(history.orphaned_rooms(), expected);
}
