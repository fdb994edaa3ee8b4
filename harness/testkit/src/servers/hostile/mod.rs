//! Hostile targets: a relay in front of a correct server that changes one thing per [`Behavior`].

mod behavior;
mod bodies;
mod encodings;
mod frames;
mod heads;
mod links;
mod redirects;
mod relay;
mod throttles;
mod tokens;
mod values;

pub use behavior::Behavior;
pub use relay::HostileTarget;

/// All behaviors.
pub fn behaviors() -> Vec<Behavior> {
    let kinds = [
        bodies::ALL,
        encodings::ALL,
        links::ALL,
        values::ALL,
        heads::ALL,
        redirects::ALL,
        throttles::ALL,
        frames::ALL,
        tokens::ALL,
    ];
    kinds.concat()
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
