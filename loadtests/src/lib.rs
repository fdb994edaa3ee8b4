//! Goose swarms: members of rooms that send on schedule and time every delivery.
