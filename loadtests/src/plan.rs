//! Plans: the rooms and members of a run.

use std::ops::Range;

use fastrand::Rng;
use hearback_stats::RoomShare;
use hearback_stats::counters::size_class;

use crate::persona::{Behavior, PersonaShare};
use crate::profile::Profile;

/// The rooms and members of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The rooms.
    pub rooms: Vec<PlannedRoom>,
    /// The members of all rooms, grouped by room. Within a room, senders precede other members.
    pub members: Vec<PlannedMember>,
    /// Number of accounts used.
    pub accounts: usize,
    /// The senders, in the order in which slots are assigned, over and over. `None` is a sender of another part of the run.
    pub turns: Vec<Option<usize>>,
}

/// A planned room.
#[derive(Clone, Debug)]
pub struct PlannedRoom {
    /// Number of the room in the whole run.
    pub number: usize,
    /// Range of its members in [`Plan::members`].
    pub members: Range<usize>,
    /// Number of members that send; at least one of the whole room.
    pub senders: usize,
    /// Size class of the whole room, see [`size_class`].
    pub class: usize,
    /// The share of the room that its members are.
    pub share: RoomShare,
    /// The worker of each share. The first one creates the room.
    pub workers: Vec<usize>,
    /// True if the complete traffic is recorded and checked.
    pub sampled: bool,
}

/// A planned member, which opens one socket.
#[derive(Clone, Copy, Debug)]
pub struct PlannedMember {
    /// Index of its room in [`Plan::rooms`].
    pub room: usize,
    /// Index in the room, or in the share of it.
    pub index: usize,
    /// Index of its account.
    pub account: usize,
    /// Behavior.
    pub behavior: Behavior,
}

/// A reason why a profile cannot run with the available accounts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    /// A room has more members than there are accounts.
    #[error(
        "a room of {members} members requires {members} accounts, but only {accounts} are available"
    )]
    #[diagnostic(help(
        "add accounts, choose a profile with smaller rooms, or set `shared_accounts = true` in the profile to \
         let an account join a room more than once"
    ))]
    TooFewAccounts {
        /// Members of the room.
        members: usize,
        /// Available accounts.
        accounts: usize,
    },
    /// There are more workers than members.
    #[error("{workers} workers cannot share {members} members")]
    #[diagnostic(help("use fewer workers, or a profile with more members"))]
    TooFewMembers {
        /// Number of members of all rooms.
        members: usize,
        /// Number of workers.
        workers: usize,
    },
    /// A worker would have fewer than two accounts.
    #[error("{workers} workers need 2 accounts each, but only {accounts} are available in all")]
    #[diagnostic(help(
        "use fewer workers, add accounts, or choose a profile that uses more of them"
    ))]
    TooFewForWorkers {
        /// Number of workers.
        workers: usize,
        /// Accounts that the run uses.
        accounts: usize,
    },
    /// Fewer than two accounts are available.
    #[error("a load run requires at least 2 accounts, but only {0} is available")]
    OneAccount(usize),
}

impl Plan {
    /// Plans the rooms and members of a profile for a number of accounts.
    ///
    /// # Errors
    /// If there are too few accounts.
    pub fn new(profile: &Profile, accounts: usize, seed: u64) -> Result<Self, PlanError> {
        let accounts = accounts.min(profile.accounts);
        if accounts < 2 {
            return Err(PlanError::OneAccount(accounts));
        }
        let mut random = Rng::with_seed(seed);
        let mut deck = Deck::new(&profile.personas);
        let mut plan = Self { rooms: Vec::new(), members: Vec::new(), accounts, turns: Vec::new() };
        for group in &profile.rooms {
            for _ in 0..group.count {
                let size = group.members.pick(|| random.f64());
                if size > accounts && !profile.shared_accounts {
                    return Err(PlanError::TooFewAccounts { members: size, accounts });
                }
                let sampled = plan.rooms.len() < profile.sample_rooms;
                plan.add_room(size, sampled, &mut deck, &mut random);
            }
        }
        plan.turns = plan.shuffled_senders(seed);
        Ok(plan)
    }

    fn add_room(&mut self, size: usize, sampled: bool, deck: &mut Deck<'_>, random: &mut Rng) {
        let room = self.rooms.len();
        let sends = |behavior: &Behavior| behavior.persona.sends();
        let mut behaviors: Vec<Behavior> = (0..size).map(|_| deck.deal()).collect();
        if !behaviors.iter().any(sends) {
            behaviors[0] = deck.sender();
        }
        // Senders have the lowest indices, which keeps the ledger's table of senders short.
        behaviors.sort_by_key(|behavior| !sends(behavior));
        let first = random.usize(..self.accounts);
        let start = self.members.len();
        self.members.extend(behaviors.iter().enumerate().map(|(index, behavior)| PlannedMember {
            room,
            index,
            account: (first + index) % self.accounts,
            behavior: *behavior,
        }));
        self.rooms.push(PlannedRoom {
            number: room,
            members: start..self.members.len(),
            senders: behaviors.iter().filter(|behavior| sends(behavior)).count(),
            class: size_class(size),
            share: RoomShare::WHOLE,
            workers: vec![0],
            sampled,
        });
    }

    /// All senders in random order. They take turns, so that all send the same number of messages.
    fn shuffled_senders(&self, seed: u64) -> Vec<Option<usize>> {
        let senders = self.rooms.iter().flat_map(|room| {
            let first = room.members.start;
            first..first + room.senders
        });
        let mut senders: Vec<usize> = senders.collect();
        Rng::with_seed(seed).shuffle(&mut senders);
        senders.into_iter().map(Some).collect()
    }

    /// Number of rooms, without those that another worker creates.
    pub fn own_rooms(&self) -> usize {
        self.rooms.iter().filter(|room| room.share.part == 0).count()
    }

    /// Number of rooms that several workers share.
    pub fn shared_rooms(&self) -> usize {
        self.rooms.iter().filter(|room| room.share.is_partial()).count()
    }

    /// Average number of recipients of a message.
    pub fn recipients(&self) -> f64 {
        let senders: usize = self.rooms.iter().map(|room| room.senders).sum();
        let recipients: usize =
            self.rooms.iter().map(|room| room.senders * room.members.len()).sum();
        recipients as f64 / senders.max(1) as f64
    }
}

/// Deals behaviors so that any sequence of members has the persona mix, up to rounding.
struct Deck<'a> {
    personas: &'a [PersonaShare],
    dealt: Vec<u64>,
    all: u64,
}

impl<'a> Deck<'a> {
    fn new(personas: &'a [PersonaShare]) -> Self {
        Self { personas, dealt: vec![0; personas.len()], all: 0 }
    }

    fn deal(&mut self) -> Behavior {
        self.all += 1;
        let total: u64 = self.personas.iter().map(|share| u64::from(share.weight)).sum();
        // The persona that is furthest behind its share is next.
        let behind = |at: &usize| {
            i128::from(self.all * u64::from(self.personas[*at].weight))
                - i128::from(self.dealt[*at] * total)
        };
        let at = (0..self.personas.len()).rev().max_by_key(behind).unwrap_or_default();
        self.dealt[at] += 1;
        self.personas[at].behavior
    }

    fn sender(&self) -> Behavior {
        let sends = |share: &&PersonaShare| share.behavior.persona.sends() && share.weight > 0;
        self.personas.iter().find(sends).unwrap_or(&self.personas[0]).behavior
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(rooms: &str, rest: &str) -> Profile {
        let text = format!(
            "description = \"x\"\nslos = []\n{rest}\n{rooms}\n[personas]\ntalker = {{ weight = 1 }}\n\
             reader = {{ weight = 3 }}\n[[phase]]\nkind = \"constant\"\nrate = 1\nduration = \"1s\"\n"
        );
        Profile::parse("x", "x.toml", &text).unwrap()
    }

    #[test]
    fn accounts_join_a_room_once_and_senders_come_first() {
        let profile =
            profile("[[rooms]]\ncount = 10\nmembers = { from = 2, to = 20 }", "accounts = 20");
        let plan = Plan::new(&profile, 50, 7).unwrap();
        assert_eq!((plan.rooms.len(), plan.accounts), (10, 20));
        for room in &plan.rooms {
            let members = &plan.members[room.members.clone()];
            let mut accounts: Vec<_> = members.iter().map(|member| member.account).collect();
            accounts.sort_unstable();
            accounts.dedup();
            assert_eq!(accounts.len(), members.len());
            let sends = |member: &PlannedMember| member.behavior.persona.sends();
            assert!(members[..room.senders].iter().all(sends));
            assert!(!members[room.senders..].iter().any(sends));
        }
    }

    #[test]
    fn personas_are_dealt_by_weight() {
        let profile = profile("[[rooms]]\ncount = 1\nmembers = 100", "accounts = 100");
        let plan = Plan::new(&profile, 100, 7).unwrap();
        assert_eq!(plan.rooms[0].senders, 25);
    }

    #[test]
    fn senders_have_equal_numbers_of_turns() {
        let profile = profile("[[rooms]]\ncount = 3\nmembers = 8", "accounts = 8");
        let plan = Plan::new(&profile, 8, 7).unwrap();
        let mut counts = vec![0; plan.members.len()];
        let turns = plan.turns.iter().flatten().cycle();
        turns.take(60).for_each(|member| counts[*member] += 1);
        let (senders, silent): (Vec<_>, Vec<_>) = plan
            .members
            .iter()
            .zip(counts)
            .partition(|(member, _)| member.behavior.persona.sends());
        assert!(senders.iter().all(|(_, count)| *count == 10));
        assert!(silent.iter().all(|(_, count)| *count == 0));
    }

    #[test]
    fn too_few_accounts_are_rejected_unless_shared() {
        let rooms = "[[rooms]]\ncount = 1\nmembers = 8";
        let plan = Plan::new(&profile(rooms, ""), 5, 1);
        assert_eq!(plan.unwrap_err(), PlanError::TooFewAccounts { members: 8, accounts: 5 });
        let plan = Plan::new(&profile(rooms, "shared_accounts = true"), 5, 1).unwrap();
        assert_eq!((plan.members.len(), plan.accounts), (8, 5));
        assert_eq!(Plan::new(&profile(rooms, ""), 1, 1).unwrap_err(), PlanError::OneAccount(1));
    }
}
