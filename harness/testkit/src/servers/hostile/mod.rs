//! Hostile targets: a relay in front of a correct server that changes one thing per [`Behavior`].

mod behavior;
mod bodies;
mod frames;
mod heads;
mod relay;
mod tokens;

pub use behavior::Behavior;
pub use relay::HostileTarget;

/// All behaviors.
pub fn behaviors() -> Vec<Behavior> {
    [bodies::ALL, heads::ALL, frames::ALL, tokens::ALL].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_behaviors_are_unique() {
        let mut names: Vec<_> = behaviors().iter().map(|behavior| behavior.name).collect();
        let all = names.len();
        assert!(all >= 60, "{all}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
