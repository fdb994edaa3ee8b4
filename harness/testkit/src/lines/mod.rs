//! Lines that test histories of several rules share, in the [language](crate::dsl) of test histories.

pub mod delivery;
pub mod new_room;
