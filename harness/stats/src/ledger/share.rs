//! The share of a room that one worker has.

use super::index::Member;

/// The share of a room that one worker has, if several workers share the room.
///
/// Members are dealt in turn: member `i` of the room is member `i / parts` of part `i % parts`. Since senders precede other
/// members, every part has its share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomShare {
    /// Index of the part.
    pub part: usize,
    /// Number of parts, at least 1.
    pub parts: usize,
}

impl RoomShare {
    /// A room of one worker.
    pub const WHOLE: Self = Self { part: 0, parts: 1 };

    /// The shares of all parts.
    pub fn all(parts: usize) -> impl Iterator<Item = Self> {
        (0..parts).map(move |part| Self { part, parts })
    }

    /// Returns whether other workers have members of the room.
    pub fn is_partial(self) -> bool {
        self.parts > 1
    }

    /// Number of members of this part of `all`.
    pub fn count(self, all: usize) -> usize {
        (all + self.parts - 1 - self.part) / self.parts
    }

    /// The index in the room of a member of this part.
    pub fn index_in_room(self, member: Member) -> usize {
        member * self.parts + self.part
    }

    /// The part of the member with an index in the room.
    pub fn part_of(self, index: usize) -> usize {
        index % self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_has_one_part() {
        for all in 0..20 {
            for parts in 1..5 {
                let mut indices = Vec::new();
                for share in RoomShare::all(parts) {
                    let own = (0..share.count(all)).map(|member| share.index_in_room(member));
                    let own: Vec<_> = own.collect();
                    assert!(own.iter().all(|index| share.part_of(*index) == share.part));
                    indices.extend(own);
                }
                indices.sort_unstable();
                assert_eq!(indices, (0..all).collect::<Vec<_>>(), "{all} in {parts}");
            }
        }
    }
}
