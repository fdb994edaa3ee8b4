//! The part of a run that one of several workers performs: its rooms, its shares of large rooms, and accounts of its own.

use std::cmp::Reverse;

use hearback_stats::RoomShare;
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
    /// All members of a room belong to one part, so that one clock times every delivery, unless the room is too large for one
    /// worker.
    ///
    /// # Errors
    /// If there are fewer members than workers, or the part has fewer than two accounts.
    pub fn part(&self, part: Part, shares_accounts: bool) -> Result<Self, PlanError> {
        let (members, workers) = (self.members.len(), part.workers);
        if members < workers {
            return Err(PlanError::TooFewMembers { members, workers });
        }
        let accounts = part.accounts(self.accounts).len();
        if accounts < 2 {
            return Err(PlanError::TooFewForWorkers { workers, accounts: self.accounts });
        }
        let mut own = Self {
            rooms: Vec::new(),
            members: Vec::new(),
            accounts,
            // The turns of other workers are not ours.
            turns: vec![None; self.turns.len()],
        };
        let mut indices = vec![None; self.members.len()];
        for (room, workers) in self.workers_of_rooms(part, shares_accounts) {
            let Some(share) = workers.iter().position(|worker| *worker == part.worker) else {
                continue;
            };
            let room = &self.rooms[room];
            let share = RoomShare { part: share, parts: workers.len() };
            let size = share.count(room.members.len());
            let start = own.members.len();
            let first = self.members[room.members.start].account;
            for index in 0..size {
                let member = room.members.start + share.index_in_room(index);
                indices[member] = Some(own.members.len());
                let account = (first + index) % accounts;
                let room = own.rooms.len();
                own.members.push(PlannedMember { room, index, account, ..self.members[member] });
            }
            own.rooms.push(PlannedRoom {
                members: start..own.members.len(),
                senders: share.count(room.senders),
                // One worker does not see the whole traffic of a shared room.
                sampled: room.sampled && !share.is_partial(),
                share,
                workers,
                ..room.clone()
            });
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

    /// The workers of every room, in the order of the rooms. Large rooms are handed out first, each to the workers with the fewest
    /// members: as many as it needs.
    fn workers_of_rooms(&self, part: Part, shares_accounts: bool) -> Vec<(usize, Vec<usize>)> {
        let largest = self.largest_share(part, shares_accounts);
        let accounts_of = |worker| Part { worker, ..part }.accounts(self.accounts).len();
        let mut rooms: Vec<usize> = (0..self.rooms.len()).collect();
        rooms.sort_by_key(|room| Reverse(self.rooms[*room].members.len()));
        let mut members = vec![0; part.workers];
        let mut assigned = Vec::with_capacity(rooms.len());
        for room in rooms {
            let size = self.rooms[room].members.len();
            let parts = size.div_ceil(largest).clamp(1, part.workers.min(size.max(1)));
            let mut workers: Vec<usize> = (0..part.workers).collect();
            workers.sort_by_key(|worker| members[*worker]);
            workers.truncate(parts);
            // The first shares are the largest.
            workers.sort_by_key(|worker| Reverse(accounts_of(*worker)));
            for (share, worker) in RoomShare::all(parts).zip(&workers) {
                members[*worker] += share.count(size);
            }
            assigned.push((room, workers));
        }
        assigned.sort_unstable();
        assigned
    }

    /// The most members of a room that one worker has. Accounts limit it, and the balance: a room that is not much larger than the
    /// part of each worker stays whole, since deliveries between two workers cannot be timed exactly.
    fn largest_share(&self, part: Part, shares_accounts: bool) -> usize {
        let workers = 0..part.workers;
        let fewest = workers.map(|worker| Part { worker, ..part }.accounts(self.accounts).len());
        let accounts = if shares_accounts { usize::MAX } else { fewest.min().unwrap_or_default() };
        let even = self.members.len().div_ceil(part.workers);
        let balanced = match self.rooms.len() < part.workers {
            true => even,
            false => even + even / 4,
        };
        balanced.min(accounts).max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::iter::repeat;

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
            let room = &part.rooms[own.room];
            assert_eq!(room.number, plan.rooms[all.room].number);
            let index = room.share.index_in_room(own.index);
            assert_eq!((index, own.behavior), (all.index, all.behavior));
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
    fn rooms_that_are_too_large_are_shared() {
        let (_, plan) = plan("fan-out");
        // Ten rooms of 50 members: each worker has 33 accounts or 34.
        let parts = plan.parts(3, false).unwrap();
        let members: Vec<_> = parts.iter().map(|part| part.members.len()).collect();
        assert_eq!(members.iter().sum::<usize>(), 500);
        assert!(members.iter().all(|it| (150..=175).contains(it)), "{members:?}");
        assert_eq!(parts.iter().map(Plan::own_rooms).sum::<usize>(), 10);
        for number in 0..10 {
            let of_part = |part: &Plan| part.rooms.iter().find(|it| it.number == number).cloned();
            let shares: Vec<_> = parts.iter().filter_map(of_part).collect();
            assert_eq!(shares.len(), 2);
            for (worker, part) in parts.iter().enumerate() {
                let Some(room) = of_part(part) else { continue };
                assert_eq!(room.workers, shares[0].workers);
                assert_eq!(room.workers[room.share.part], worker);
                assert_eq!((room.members.len(), room.class, room.sampled), (25, 32, false));
                let own = &part.members[room.members.clone()];
                let sends = |member: &&PlannedMember| member.behavior.persona.sends();
                assert!(own[..room.senders].iter().all(|member| sends(&member)));
                assert_eq!(own.iter().filter(sends).count(), room.senders);
            }
            let senders: usize = shares.iter().map(|room| room.senders).sum();
            assert_eq!(senders, plan.rooms[number].senders);
        }
        // One room for each worker, and one that is shared.
        let parts = plan.parts(11, true).unwrap();
        assert!(parts.iter().all(|part| !part.members.is_empty()));
    }

    #[test]
    fn no_account_joins_a_room_twice_however_the_room_is_divided() {
        for members in 4..40 {
            let text = format!(
                "description = \"x\"\nslos = []\naccounts = 40\n[[rooms]]\ncount = 1\nmembers = {members}\n\
                 [[rooms]]\ncount = 3\nmembers = 5\n[personas]\ntalker = {{ weight = 1 }}\n\
                 [[phase]]\nkind = \"constant\"\nrate = 1\nduration = \"1s\"\n"
            );
            let profile = Profile::parse("x", "x.toml", &text).unwrap();
            for accounts in members.max(5)..=40 {
                let plan = Plan::new(&profile, accounts, 7).unwrap();
                for workers in 1..=accounts / 2 {
                    let Ok(parts) = plan.parts(workers, false) else { continue };
                    let rooms =
                        parts.iter().flat_map(|it| it.rooms.iter().zip(repeat(it.accounts)));
                    for (room, own) in rooms {
                        let size = room.members.len();
                        assert!(size <= own, "{size} of {members}, {accounts} in {workers}");
                    }
                }
            }
        }
    }

    #[test]
    fn parts_that_cannot_be_are_refused() {
        let (_, plan) = plan("fan-out");
        let refused = |workers| plan.part(Part { worker: 0, workers }, false).unwrap_err();
        assert_eq!(refused(501), PlanError::TooFewMembers { members: 500, workers: 501 });
        assert_eq!(refused(80), PlanError::TooFewForWorkers { workers: 80, accounts: 100 });
        assert!(plan.part(Part { worker: 0, workers: 3 }, true).is_ok());
    }
}
