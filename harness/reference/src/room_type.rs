//! Types of rooms.

use crate::closed_set::closed_set;

closed_set! {
    /// The purpose of a room. Section *List All Rooms*.
    RoomType { Direct = "direct", Group = "group", Task = "task", Property = "property" }
}
