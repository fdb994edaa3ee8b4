//! Histories of an operation that does not respond, in the history DSL.

/// An operation that never responds.
pub(super) const NEVER: &str = "
    [0..50] alice rooms.stats $r1 => late
    [0..51] bob rooms.stats $r1 => late
    [60..110] bob rooms.stats $r1 => late";

/// The same operation, which responds once.
pub(super) const SOMETIMES: &str = "
    [0..50] alice rooms.stats $r1 => late
    [0..51] bob rooms.stats $r1 => late
    [60..110] bob rooms.stats $r1 => late
    [120..121] alice rooms.stats $r1 => 404 @error";

/// Too few calls to decide.
pub(super) const TWICE: &str = "
    [0..50] alice rooms.stats $r1 => late
    [0..51] bob rooms.stats $r1 => late";

/// The same, where the circuit breaker spared the operation after calls with bad tokens.
pub(super) const SPARED: &str = "
    [0..50] alice rooms.stats $r1 => late
    [0..51] bob[garbage] rooms.stats $r1 => late
    [0..52] bob[anonymous] rooms.stats $r1 => late";

/// A connection that breaks before the timeout, and a journal that ends.
pub(super) const CUT_OFF: &str = "
    [0..49] alice rooms.stats $r1 => late
    alice rooms.stats $r1 => ?
    alice rooms.stats $r1 => !";

/// Connections that always break.
pub(super) const ALWAYS_CUT_OFF: &str = "
    [0..1] alice rooms.stats $r1 => late
    [1..2] alice rooms.stats $r1 => late
    [2..3] alice rooms.stats $r1 => late
    [3..4] alice[garbage] rooms.stats $r1 => 401 @error";

/// The same on a network that also breaks connections of another operation.
pub(super) const LOSSY: &str = "
    alice rooms.list => 200 @page_of_rooms
    [1..2] alice rooms.list => late
    [3..4] alice rooms.stats $r1 => late
    [4..5] alice rooms.stats $r1 => late
    [5..6] alice rooms.stats $r1 => late";
