//! The part of a run that one of several workers performs: whole rooms, and accounts of its own.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, PlanError, PlannedMember, PlannedRoom};

/// One of the parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Index of the worker, from 0.
    pub worker: usize,
    /// Number of workers, at least 1.
    pub workers: usize,
}

impl Part {
    /// The accounts of the worker, as a range of all accounts.
    pub fn accounts(self, all: usize) -> std::ops::Range<usize> {
        all * self.worker / self.workers..all * (self.worker + 1) / self.workers
    }
}

impl Plan {
    /// The rooms, members and accounts of one part. Together, all parts have the rooms and the schedule of the plan.
    ///
    /// All members of a room belong to one part, so that one clock times every delivery.
    ///
    /// # Errors
    /// If there are fewer rooms than workers, or the accounts of the part are fewer than the members of one of its rooms.
    pub fn part(&self, part: Part, shares_accounts: bool) -> Result<Self, PlanError> {
        if self.rooms.len() < part.workers {
            return Err(PlanError::TooFewRooms { rooms: self.rooms.len(), workers: part.workers });
        }
        let accounts = part.accounts(self.accounts).len();
        if accounts < 2 {
            return Err(PlanError::OneAccount(accounts));
        }
        let mut own = Self {
            rooms: Vec::new(),
            members: Vec::new(),
            accounts,
            // The turns of other workers are not ours.
            turns: vec![None; self.turns.len()],
        };
        let mut indices = vec![None; self.members.len()];
        for room in self.rooms_of(part) {
            let room = &self.rooms[room];
            let size = room.members.len();
            if size > accounts && !shares_accounts {
                let workers = part.workers;
                return Err(PlanError::SmallShare { members: size, accounts, workers });
            }
            let start = own.members.len();
            let first = self.members[room.members.start].account;
            for member in room.members.clone() {
                indices[member] = Some(own.members.len());
                let planned = self.members[member];
                let account = (first + planned.index) % accounts;
                own.members.push(PlannedMember { room: own.rooms.len(), account, ..planned });
            }
            own.rooms.push(PlannedRoom { members: start..own.members.len(), ..room.clone() });
        }
        for (own, all) in own.turns.iter_mut().zip(&self.turns) {
            *own = all.and_then(|member| indices[member]);
        }
        Ok(own)
    }

    /// The part of each of several workers.
    ///
    /// # Errors
    /// As [`part`](Self::part).
    pub fn parts(&self, workers: usize, shares_accounts: bool) -> Result<Vec<Self>, PlanError> {
        (0..workers).map(|worker| self.part(Part { worker, workers }, shares_accounts)).collect()
    }

    /// The rooms of a part, in order. Large rooms are handed out first, each to the worker with the fewest members.
    fn rooms_of(&self, part: Part) -> Vec<usize> {
        let mut rooms: Vec<usize> = (0..self.rooms.len()).collect();
        rooms.sort_by_key(|room| Reverse(self.rooms[*room].members.len()));
        let mut members = vec![0; part.workers];
        let mut own = Vec::new();
        for room in rooms {
            let worker = (0..part.workers).min_by_key(|worker| members[*worker]).unwrap_or(0);
            members[worker] += self.rooms[room].members.len();
            if worker == part.worker {
                own.push(room);
            }
        }
        own.sort_unstable();
        own
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Profile;

    fn plan(name: &str) -> (Profile, Plan) {
        let profile = Profile::find(name).unwrap();
        let plan = Plan::new(&profile, 1_000, 7).unwrap();
        (profile, plan)
    }

    fn parts(plan: &Plan, workers: usize) -> Vec<Plan> {
        plan.parts(workers, true).unwrap()
    }

    #[test]
    fn parts_together_are_the_whole_run() {
        let (_, plan) = plan("many-small-rooms");
        let parts = parts(&plan, 8);
        let numbers: Vec<_> =
            parts.iter().flat_map(|part| part.rooms.iter().map(|room| room.number)).collect();
        assert_eq!(numbers.len(), plan.rooms.len());
        assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>().len(), plan.rooms.len());
        let members: Vec<_> = parts.iter().map(|part| part.members.len()).collect();
        assert_eq!(members.iter().sum::<usize>(), plan.members.len());
        // Balanced, up to the smallest rooms.
        assert!(members.iter().max().unwrap() - members.iter().min().unwrap() <= 2, "{members:?}");
    }

    #[test]
    fn every_turn_belongs_to_one_part_and_to_the_same_member() {
        let (_, plan) = plan("fan-out");
        let parts = parts(&plan, 3);
        for (turn, member) in plan.turns.iter().enumerate() {
            let owners: Vec<_> = parts.iter().filter(|part| part.turns[turn].is_some()).collect();
            let [part] = owners[..] else { panic!("{} owners", owners.len()) };
            let own = part.members[part.turns[turn].unwrap()];
            let all = plan.members[member.unwrap()];
            assert_eq!(part.rooms[own.room].number, plan.rooms[all.room].number);
            assert_eq!((own.index, own.behavior), (all.index, all.behavior));
        }
    }

    #[test]
    fn members_of_a_room_have_different_accounts_of_the_part() {
        let (_, plan) = plan("fan-out");
        for worker in 0..2 {
            let part = plan.part(Part { worker, workers: 2 }, false).unwrap();
            assert_eq!(part.accounts, 50);
            for room in &part.rooms {
                let accounts: BTreeSet<_> =
                    part.members[room.members.clone()].iter().map(|it| it.account).collect();
                assert_eq!(accounts.len(), room.members.len());
                assert!(accounts.iter().all(|account| *account < part.accounts));
            }
        }
        let ranges: Vec<_> =
            (0..3).map(|worker| Part { worker, workers: 3 }.accounts(10)).collect();
        assert_eq!(ranges, [0..3, 3..6, 6..10]);
    }

    #[test]
    fn parts_that_cannot_be_are_refused() {
        let (_, plan) = plan("fan-out");
        let refused = |workers| plan.part(Part { worker: 0, workers }, false).unwrap_err();
        assert_eq!(refused(3), PlanError::SmallShare { members: 50, accounts: 33, workers: 3 });
        assert_eq!(refused(11), PlanError::TooFewRooms { rooms: 10, workers: 11 });
        assert!(plan.part(Part { worker: 0, workers: 3 }, true).is_ok());
    }
}
