//! Groups: findings that probably have one cause, in the order of their impact.
//!
//! A group has one root: findings of one requirement, or findings with the same form of defect across requirements. The
//! other members are findings that the root explains, by the relation in the tables of requirements and by the room,
//! message or operation that both are about. A finding is in one group.

mod cluster;
mod explanation;
mod found;
mod title;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use hearback_contract::Level;
use serde::{Deserialize, Serialize};

use crate::requirement::RequirementResult;
use found::Found;

/// Findings with one probable cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The defect in one sentence.
    pub title: String,
    /// The highest level of its requirements.
    pub level: Level,
    /// True if no repetition reproduced any of its findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_reproduced: bool,
    /// Number of observations of all findings.
    pub observations: u64,
    /// The requirements with their findings, the cause first.
    pub members: Vec<Member>,
    /// The finding that shows the cause best.
    pub evidence: Evidence,
    /// Operations and events that show it.
    pub interfaces: Vec<String>,
    /// Number of scenarios that show it.
    pub scenarios: u64,
}

/// A requirement in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id of the requirement.
    pub requirement: String,
    /// Its level.
    pub level: Level,
    /// True if the cause explains the findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explained: bool,
    /// Variants of its findings that belong to the group; the one with the strongest evidence first.
    pub variants: Vec<String>,
    /// Number of observations of these findings.
    pub observations: u64,
}

/// A reference to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Id of the requirement.
    pub requirement: String,
    /// The variant of the finding.
    pub variant: String,
}

/// Groups the findings of requirements.
pub(crate) fn groups(violated: &[&RequirementResult]) -> Vec<Group> {
    let found = violated.iter().flat_map(|requirement| {
        requirement.findings.iter().map(|finding| Found { requirement, finding })
    });
    let clusters = cluster::clusters(found);
    let roots = explanation::roots(&clusters);
    let mut groups: Vec<_> = (0..clusters.len())
        .filter(|index| roots[*index] == *index)
        .map(|root| {
            let members = (0..clusters.len()).filter(|it| roots[*it] == root && *it != root);
            Group::of(&clusters[root], members.map(|it| &clusters[it]).collect())
        })
        .collect();
    groups.sort_by_key(Group::impact);
    groups
}

impl Group {
    fn of(root: &cluster::Cluster<'_>, explained: Vec<&cluster::Cluster<'_>>) -> Self {
        let mut members = Vec::new();
        add_members(&mut members, root, false);
        let mut explained = explained;
        explained.sort_by_key(|cluster| Reverse(cluster.level()));
        for cluster in &explained {
            add_members(&mut members, cluster, true);
        }
        let all = || std::iter::once(root).chain(explained.iter().copied());
        let mut interfaces = BTreeSet::new();
        let mut scenarios = BTreeSet::new();
        for found in all().flat_map(|cluster| &cluster.found) {
            interfaces.extend(found.finding.subject.interface());
            scenarios.extend(&found.finding.scope.scenarios);
        }
        let strongest = root.strongest();
        Self {
            title: title::of(root),
            level: members.iter().map(|member| member.level).max().unwrap_or(Level::Note),
            not_reproduced: all()
                .flat_map(|cluster| &cluster.found)
                .all(|found| found.finding.confirmation.is_not_reproduced()),
            observations: members.iter().map(|member| member.observations).sum(),
            members,
            evidence: Evidence {
                requirement: strongest.requirement.id.clone(),
                variant: strongest.finding.variant.clone(),
            },
            interfaces: interfaces.into_iter().map(str::to_owned).collect(),
            scenarios: scenarios.len() as u64,
        }
    }

    /// The order of groups: certainty, level, requirements, operations and events, scenarios, observations.
    fn impact(&self) -> impl Ord + use<> {
        let counts = (self.members.len(), self.interfaces.len(), self.scenarios, self.observations);
        (self.not_reproduced, Reverse((self.level, counts)))
    }

    /// Number of its findings.
    pub fn findings(&self) -> usize {
        self.members.iter().map(|member| member.variants.len()).sum()
    }
}

/// Adds the findings of a cluster, one member per requirement.
fn add_members(members: &mut Vec<Member>, cluster: &cluster::Cluster<'_>, explained: bool) {
    let first = members.len();
    for found in cluster.by_strength() {
        let Found { requirement, finding } = found;
        let own = &mut members[first..];
        match own.iter_mut().find(|member| member.requirement == requirement.id) {
            Some(member) => {
                member.variants.push(finding.variant.clone());
                member.observations += finding.count;
            }
            None => members.push(Member {
                requirement: requirement.id.clone(),
                level: requirement.level,
                explained,
                variants: vec![finding.variant.clone()],
                observations: finding.count,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_checker::check_history;

    use super::*;
    use crate::fixtures;
    use crate::results::Results;

    fn results(text: &str) -> Results {
        let history = fixtures::history_of(text);
        Results::new(&history, &check_history(&history, |_| true), Level::Must)
    }

    fn members(group: &Group) -> Vec<&str> {
        group.members.iter().map(|member| member.requirement.as_str()).collect()
    }

    #[test]
    fn errors_of_another_shape_are_one_group() {
        let results = results(
            r#"
            alice rooms.get $r1 => 404 {"detail": "Not found."}
            alice rooms.stats $r1 => 403 {"detail": "Forbidden."}
            alice messages.send {"room": "$r1"} => 400 {"content": ["This field is required."]}
            "#,
        );
        let [group] = &results.groups[..] else { panic!("{:#?}", results.groups) };
        assert_eq!(group.title, "`error` is missing in error responses of 3 operations.");
        assert_eq!(members(group), ["status/error-body"]);
        assert_eq!((group.findings(), group.observations), (3, 3));
        assert_eq!(group.interfaces, ["messages.send", "rooms.get", "rooms.stats"]);
    }

    #[test]
    fn the_same_invalid_member_is_one_group_across_operations_and_events() {
        let results = results(
            r#"
            alice messages.get $m1 => 200 @message {"sender": @user {"full_name": 7}}
            alice messages.list ?room=$r1 => 200 @page_of_messages {"results": [@message {"sender": @user {"full_name": 7}}]}
            alice rooms.stats $r1 => 200 @room_stats {"message_count": "7"}
            "#,
        );
        let titles: Vec<_> = results.groups.iter().map(|group| group.title.as_str()).collect();
        assert_eq!(
            titles[..2],
            [
                "`full_name` has an undocumented type in `messages.get` and `messages.list`.",
                "`message_count` has an undocumented type in `rooms.stats`.",
            ]
        );
        assert_eq!(members(&results.groups[0]), ["schema/messages.list", "schema/messages.get"]);
    }

    #[test]
    fn a_lost_message_explains_what_it_is_missing_from() {
        let lost = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r1"}
            alice messages.send {"room": "$r1", "content": "a"} => 201 @message {"id": "$m1", "room": "$r1", "content": "a"}
            alice messages.get $m1 => 404 @error
            bob rooms.get $r1 => 200 @room {"id": "$r1", "unread_count": 0}
            "#;
        let with = |more: &str| results(&format!("{lost}{more}"));
        let group_of = |results: &Results, id: &str| results.group_of(id).map(|(index, _)| index);
        let one = with("");
        let cause = group_of(&one, "delivery/acknowledged-is-kept");
        assert!(cause.is_some(), "{:#?}", one.groups);
        assert_eq!(group_of(&one, "unread/detail"), cause, "{:#?}", one.groups);
        // In a room that lost nothing, the count has another cause.
        let other = r#"
            alice rooms.create {"room_type": "group", "participant_ids": [2]} => 201 @room {"id": "$r2"}
            alice messages.send {"room": "$r2", "content": "b"} => 201 @message {"id": "$m2", "room": "$r2", "content": "b"}
            bob rooms.get $r2 => 200 @room {"id": "$r2", "unread_count": 0}
            "#;
        let two = with(other);
        let cause = group_of(&two, "delivery/acknowledged-is-kept");
        assert_ne!(group_of(&two, "unread/detail"), cause, "{:#?}", two.groups);
    }

    #[test]
    fn groups_are_ranked_by_level_and_impact() {
        let results = results(
            r#"
            alice rooms.get $r1 => 404 {"detail": "Not found."}
            alice messages.send {"room": "$r1"} => 400 {"detail": "Required."}
            alice rooms.stats $r1 => 500 {}
            alice messages.get $m1 => 200 @message {"sender": @user {"full_name": 7}}
            "#,
        );
        let order: Vec<_> =
            results.groups.iter().map(|group| (group.level, group.interfaces.len())).collect();
        assert_eq!(order, [(Level::Must, 2), (Level::Must, 1), (Level::Should, 1)]);
        assert_eq!(results.groups[1].title, "The server fails with 500 in `rooms.stats`.");
    }
}
