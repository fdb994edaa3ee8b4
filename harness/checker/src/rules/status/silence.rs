//! What is never answered, and what is not answered in time. The document states no time: the timeout of
//! the run is the bound.

use hearback_contract::Operation;
use hearback_history::{Call, Nanoseconds, Outcome, RunEnd};

use crate::rule::RuleInput;
use crate::rule_context::{RuleContext, Violation};

/// So often an operation is left unanswered before it is said that it never answers.
const SURE: usize = 3;

/// What is less likely than this is no chance.
const CHANCE: f64 = 1e-6;

/// What became of the calls of one operation.
#[derive(Default)]
struct Answers<'h> {
    answered: u64,
    /// Those that were waited for as long as one waits.
    in_vain: Vec<&'h Call>,
    /// Those whose connection broke, or that got what is no HTTP.
    cut_off: Vec<&'h Call>,
}

impl<'h> Answers<'h> {
    fn of(input: RuleInput<'h>, operation: Operation) -> Self {
        let mut answers = Self::default();
        let timeout = input.history.timeout();
        // What refuses a bad token is often not what answers a good one.
        let counts = |call: &&Call| !operation.spec().authenticated || call.is_authorized();
        let calls = input.history.calls.iter().filter(|call| call.operation() == Some(operation));
        for call in calls.filter(counts) {
            match &call.outcome {
                Outcome::Response { .. } => answers.answered += 1,
                _ if call.is_unanswered(timeout) => answers.in_vain.push(call),
                Outcome::Unknown { given_up: Some(_), .. } => answers.cut_off.push(call),
                _ => {}
            }
        }
        // A target that went away took with it what was under way.
        if matches!(input.history.end, Some(RunEnd::Aborted { .. })) {
            answers.cut_off.clear();
        }
        answers
    }

    fn is_never_answered(&self, network: &Network) -> bool {
        let unanswered = self.in_vain.len() + self.cut_off.len();
        let is_sure = self.in_vain.len() >= SURE || network.cannot_excuse(self.cut_off.len());
        self.answered == 0 && unanswered >= SURE && is_sure
    }
}

/// How often connections break where answers do come: a network that loses some may lose all of the few calls that
/// an operation had.
struct Network {
    cut_off: usize,
    calls: usize,
}

impl Network {
    fn of(all: &[(Operation, Answers<'_>)]) -> Self {
        let sound = all.iter().map(|(_, answers)| answers).filter(|answers| answers.answered > 0);
        sound.fold(Self { cut_off: 0, calls: 0 }, |sum, answers| {
            let cut_off = answers.cut_off.len();
            let calls = answers.answered as usize + cut_off;
            Self { cut_off: sum.cut_off + cut_off, calls: sum.calls + calls }
        })
    }

    /// Whether so many calls, and no other of an operation, are not cut off by chance.
    fn cannot_excuse(&self, cut_off: usize) -> bool {
        if self.cut_off == 0 {
            return true;
        }
        let share = (self.cut_off + 1) as f64 / (self.calls + 1) as f64;
        share.powi(i32::try_from(cut_off).unwrap_or(i32::MAX)) < CHANCE
    }
}

fn of_all<'h>(input: RuleInput<'h>) -> Vec<(Operation, Answers<'h>)> {
    Operation::all().map(|operation| (operation, Answers::of(input, operation))).collect()
}

pub(super) fn answers<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let all = of_all(input);
    let network = Network::of(&all);
    for (operation, answers) in all {
        if answers.answered > 0 {
            context.held();
        } else if answers.is_never_answered(&network) {
            for call in answers.in_vain {
                context.check(false, || violation(operation.id(), input).evidence(call));
            }
            for call in answers.cut_off {
                context.check(false, || cut_off(operation, call).evidence(call));
            }
        }
    }
}

pub(super) fn in_time<'h>(input: RuleInput<'h>, context: &mut RuleContext<'h>) {
    let all = of_all(input);
    let network = Network::of(&all);
    for (operation, answers) in all {
        if answers.is_never_answered(&network) {
            continue;
        }
        (0..answers.answered).for_each(|_| context.held());
        for call in answers.in_vain {
            context.check(false, || violation(operation.id(), input).evidence(call));
        }
    }
    for connection in &input.history.connections {
        let is_unanswered = connection.is_unanswered(input.history.timeout());
        if is_unanswered || connection.is_answered() {
            context
                .check(!is_unanswered, || violation("the handshake", input).evidence(connection));
        }
    }
}

fn violation<'h>(variant: &str, input: RuleInput<'_>) -> Violation<'h> {
    let expected = format!("an answer within {} (--timeout)", seconds(input.history.timeout()));
    Violation::new(variant, expected, "none came")
}

fn cut_off<'h>(operation: Operation, call: &Call) -> Violation<'h> {
    let error = match &call.outcome {
        Outcome::Unknown { error, .. } => error.as_str(),
        _ => "nothing",
    };
    let variant = format!("{operation}, cut off");
    Violation::new(variant, "an answer that can be read", format!("none: {error}"))
}

fn seconds(time: Nanoseconds) -> String {
    format!("{} s", time as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{assert_states, verdict_of};
    use crate::verdict::State::{Broken, Held, NotExercised};

    const NEVER: &str = "
        [0..50] alice rooms.stats $r1 => late
        [0..51] bob rooms.stats $r1 => late
        [60..110] bob rooms.stats $r1 => late";

    const SOMETIMES: &str = "
        [0..50] alice rooms.stats $r1 => late
        [0..51] bob rooms.stats $r1 => late
        [60..110] bob rooms.stats $r1 => late
        [120..121] alice rooms.stats $r1 => 404 @error";

    const TWICE: &str = "
        [0..50] alice rooms.stats $r1 => late
        [0..51] bob rooms.stats $r1 => late";

    /// A connection that breaks before, and a record that does.
    const CUT_OFF: &str = "
        [0..49] alice rooms.stats $r1 => late
        alice rooms.stats $r1 => ?
        alice rooms.stats $r1 => !";

    const ALWAYS_CUT_OFF: &str = "
        [0..1] alice rooms.stats $r1 => late
        [1..2] alice rooms.stats $r1 => late
        [2..3] alice rooms.stats $r1 => late
        [3..4] alice[garbage] rooms.stats $r1 => 401 @error";

    /// The same, where another operation is cut off now and then.
    const LOSSY: &str = "
        alice rooms.list => 200 @page_of_rooms
        [1..2] alice rooms.list => late
        [3..4] alice rooms.stats $r1 => late
        [4..5] alice rooms.stats $r1 => late
        [5..6] alice rooms.stats $r1 => late";

    const HANDSHAKE: &str = "
        [0..10] alice rooms.list => 200 @page_of_rooms
        [10..61] bob@r1 unanswered";

    #[test]
    fn never_is_told_from_sometimes() {
        assert_states(&[
            ("status/answers", Broken, NEVER),
            ("status/in-time", NotExercised, NEVER),
            ("status/answers", Held, SOMETIMES),
            ("status/in-time", Broken, SOMETIMES),
            ("status/answers", NotExercised, TWICE),
            ("status/in-time", Broken, TWICE),
            ("status/answers", NotExercised, CUT_OFF),
            ("status/in-time", NotExercised, CUT_OFF),
            ("status/answers", Broken, ALWAYS_CUT_OFF),
            ("status/answers", Held, LOSSY),
            ("status/in-time", NotExercised, ALWAYS_CUT_OFF),
            ("status/in-time", Broken, HANDSHAKE),
        ]);
    }

    #[test]
    fn what_hangs_is_one_finding_with_a_line_to_see_it_again() {
        let verdict = verdict_of("status/answers", NEVER);
        let [finding] = &verdict.findings[..] else { panic!("{verdict:#?}") };
        assert_eq!((finding.variant.as_str(), finding.count), ("rooms.stats", 3));
        assert_eq!(finding.expected, "an answer within 0.05 s (--timeout)");
        assert!(finding.reproduce.iter().any(|line| line.contains("/stats/")), "{finding:#?}");
    }
}
