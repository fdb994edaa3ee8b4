//! The shapes of refusals, and what they have turned out to mean.
//!
//! Some targets throttle with 403 in their own error format. Whether such a response is a missing permission or
//! a throttle shows only in what happens next.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use parking_lot::Mutex;

/// Number of bytes of a body that belong to its shape.
const COMPARED: usize = 2048;

/// Maximum number of shapes; a target with more gives each refusal a text of its own.
const LONGEST: usize = 1024;

/// The meaning that refusals of a shape have turned out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The target refuses the request itself.
    Refusal,
    /// The target refused for a while what it permitted before and afterwards.
    Throttle,
}

/// Status and body of a refusal, without digits: these count requests, seconds and ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape(u64);

impl Shape {
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        status.hash(&mut hasher);
        let compared = body.iter().take(COMPARED).filter(|byte| !byte.is_ascii_digit());
        compared.for_each(|byte| byte.hash(&mut hasher));
        Self(hasher.finish())
    }
}

/// The known shapes of a target.
#[derive(Debug, Default)]
pub(crate) struct RefusalShapes(Mutex<HashMap<Shape, Meaning>>);

impl RefusalShapes {
    /// The meaning of a shape, if it is known.
    pub(crate) fn meaning(&self, shape: Shape) -> Option<Meaning> {
        self.0.lock().get(&shape).copied()
    }

    /// Records the meaning of a refusal. A shape that was a throttle once may be one again.
    pub(crate) fn learn(&self, shape: Shape, meaning: Meaning) {
        let mut shapes = self.0.lock();
        if shapes.len() >= LONGEST && !shapes.contains_key(&shape) {
            return;
        }
        let known = shapes.entry(shape).or_insert(meaning);
        if meaning == Meaning::Throttle {
            *known = meaning;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_do_not_change_a_shape() {
        assert_eq!(Shape::of(403, b"wait 12 s"), Shape::of(403, b"wait 7 s"));
        assert_ne!(Shape::of(403, b"wait"), Shape::of(403, b"no permission"));
        assert_ne!(Shape::of(403, b"wait"), Shape::of(401, b"wait"));
    }

    #[test]
    fn a_throttle_stays_one() {
        let shapes = RefusalShapes::default();
        let shape = Shape::of(403, b"no");
        assert_eq!(shapes.meaning(shape), None);
        for (meaning, known) in [
            (Meaning::Refusal, Meaning::Refusal),
            (Meaning::Throttle, Meaning::Throttle),
            (Meaning::Refusal, Meaning::Throttle),
        ] {
            shapes.learn(shape, meaning);
            assert_eq!(shapes.meaning(shape), Some(known));
        }
    }
}
