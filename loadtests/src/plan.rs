//! Who sits where: a profile laid out over the accounts there are.

use std::ops::Range;

use fastrand::Rng;
use hearback_stats::counters::size_class;

use crate::persona::Part;
use crate::profile::Profile;

/// Rooms and members of a run, before anything is sent.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The rooms.
    pub rooms: Vec<PlannedRoom>,
    /// All members of all rooms, those of a room together, those who send first.
    pub members: Vec<PlannedMember>,
    /// How many accounts are used.
    pub accounts: usize,
}

/// A room.
#[derive(Clone, Debug)]
pub struct PlannedRoom {
    /// Positions of its members among all.
    pub members: Range<usize>,
    /// How many of them send; at least one.
    pub senders: usize,
    /// Its size class.
    pub class: usize,
    /// Whether its whole traffic is kept and judged.
    pub sampled: bool,
}

/// A member: one socket.
#[derive(Clone, Copy, Debug)]
pub struct PlannedMember {
    /// Position of its room.
    pub room: usize,
    /// Its number in the room.
    pub seat: usize,
    /// Position of its account.
    pub account: usize,
    /// What it does.
    pub part: Part,
}

/// A profile that these accounts cannot carry out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    /// A room with more members than accounts.
    #[error("a room of {members} members needs as many accounts, and there are {accounts}")]
    #[diagnostic(help(
        "add accounts, take a profile with smaller rooms, or set `sharing = true` in the profile, so that \
         an account may be in a room more than once"
    ))]
    TooFewAccounts {
        /// Members of the room.
        members: usize,
        /// Accounts there are.
        accounts: usize,
    },
    /// There is only one account.
    #[error("a conversation needs two accounts, and there is {0}")]
    Alone(usize),
}

impl Plan {
    /// Lays a profile out over so many accounts.
    ///
    /// # Errors
    /// If they are too few.
    pub fn new(profile: &Profile, accounts: usize, seed: u64) -> Result<Self, PlanError> {
        let accounts = accounts.min(profile.accounts);
        if accounts < 2 {
            return Err(PlanError::Alone(accounts));
        }
        let mut random = Rng::with_seed(seed);
        let mut deck = Deck::new(&profile.parts);
        let mut plan = Self { rooms: Vec::new(), members: Vec::new(), accounts };
        for group in &profile.rooms {
            for _ in 0..group.count {
                let size = group.members.pick(|| random.f64());
                if size > accounts && !profile.sharing {
                    return Err(PlanError::TooFewAccounts { members: size, accounts });
                }
                let sampled = plan.rooms.len() < profile.sample_rooms;
                plan.seat(size, sampled, &mut deck, &mut random);
            }
        }
        Ok(plan)
    }

    fn seat(&mut self, size: usize, sampled: bool, deck: &mut Deck<'_>, random: &mut Rng) {
        let room = self.rooms.len();
        let mut parts: Vec<Part> = (0..size).map(|_| deck.deal()).collect();
        if !parts.iter().any(|part| part.persona.sends()) {
            parts[0] = deck.sender();
        }
        // Those who send have the lowest numbers: what is kept for each sender stays short.
        parts.sort_by_key(|part| !part.persona.sends());
        let first = random.usize(..self.accounts);
        let start = self.members.len();
        self.members.extend(parts.iter().enumerate().map(|(seat, part)| PlannedMember {
            room,
            seat,
            account: (first + seat) % self.accounts,
            part: *part,
        }));
        self.rooms.push(PlannedRoom {
            members: start..self.members.len(),
            senders: parts.iter().filter(|part| part.persona.sends()).count(),
            class: size_class(size),
            sampled,
        });
    }

    /// The members who send, in the order in which messages are given to them: each in turn, so that all send alike
    /// many, and a room as many as it has senders.
    pub fn turns(&self, seed: u64) -> impl Iterator<Item = usize> + Clone + Send + 'static {
        let senders = self.rooms.iter().flat_map(|room| {
            let first = room.members.start;
            first..first + room.senders
        });
        let mut senders: Vec<usize> = senders.collect();
        Rng::with_seed(seed).shuffle(&mut senders);
        senders.into_iter().cycle()
    }

    /// Recipients that a message has on average.
    pub fn recipients(&self) -> f64 {
        let senders: usize = self.rooms.iter().map(|room| room.senders).sum();
        let recipients: usize =
            self.rooms.iter().map(|room| room.senders * room.members.len()).sum();
        recipients as f64 / senders.max(1) as f64
    }
}

/// Deals personas so that any stretch has them by weight, as nearly as whole members allow.
struct Deck<'a> {
    parts: &'a [Part],
    dealt: Vec<u64>,
    all: u64,
}

impl<'a> Deck<'a> {
    fn new(parts: &'a [Part]) -> Self {
        Self { parts, dealt: vec![0; parts.len()], all: 0 }
    }

    fn deal(&mut self) -> Part {
        self.all += 1;
        let total: u64 = self.parts.iter().map(|part| u64::from(part.weight)).sum();
        // Who is furthest behind its share.
        let behind = |at: &usize| {
            i128::from(self.all * u64::from(self.parts[*at].weight))
                - i128::from(self.dealt[*at] * total)
        };
        let at = (0..self.parts.len()).rev().max_by_key(behind).unwrap_or_default();
        self.dealt[at] += 1;
        self.parts[at]
    }

    fn sender(&self) -> Part {
        let sends = self.parts.iter().find(|part| part.persona.sends() && part.weight > 0);
        *sends.unwrap_or(&self.parts[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(rooms: &str, rest: &str) -> Profile {
        let text = format!(
            "description = \"x\"\nslos = []\n{rest}\n{rooms}\n[personas]\ntalker = {{ weight = 1 }}\n\
             reader = {{ weight = 3 }}\n[[phase]]\nkind = \"constant\"\nrate = 1\nfor = \"1s\"\n"
        );
        Profile::parse("x", "x.toml", &text).unwrap()
    }

    #[test]
    fn nobody_is_twice_in_a_room_and_everybody_has_a_part() {
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
            let sends = |member: &PlannedMember| member.part.persona.sends();
            assert!(members[..room.senders].iter().all(sends));
            assert!(!members[room.senders..].iter().any(sends));
        }
    }

    #[test]
    fn personas_come_by_weight() {
        let profile = profile("[[rooms]]\ncount = 1\nmembers = 100", "accounts = 100");
        let plan = Plan::new(&profile, 100, 7).unwrap();
        assert_eq!(plan.rooms[0].senders, 25);
    }

    #[test]
    fn turns_give_every_sender_alike_many() {
        let profile = profile("[[rooms]]\ncount = 3\nmembers = 8", "accounts = 8");
        let plan = Plan::new(&profile, 8, 7).unwrap();
        let mut counts = vec![0; plan.members.len()];
        plan.turns(1).take(60).for_each(|member| counts[member] += 1);
        let (senders, silent): (Vec<_>, Vec<_>) =
            plan.members.iter().zip(counts).partition(|(member, _)| member.part.persona.sends());
        assert!(senders.iter().all(|(_, count)| *count == 10));
        assert!(silent.iter().all(|(_, count)| *count == 0));
    }

    #[test]
    fn too_few_accounts_are_refused_unless_they_are_shared() {
        let rooms = "[[rooms]]\ncount = 1\nmembers = 8";
        let plan = Plan::new(&profile(rooms, ""), 5, 1);
        assert_eq!(plan.unwrap_err(), PlanError::TooFewAccounts { members: 8, accounts: 5 });
        let plan = Plan::new(&profile(rooms, "sharing = true"), 5, 1).unwrap();
        assert_eq!((plan.members.len(), plan.accounts), (8, 5));
        assert_eq!(Plan::new(&profile(rooms, ""), 1, 1).unwrap_err(), PlanError::Alone(1));
    }
}
