//! The amount of traffic between hearback and the target.

use hearback_history::{Connection, Excuse, FrameDirection, Handshake, History, Outcome};
use serde::{Deserialize, Serialize};

/// The amount of traffic between hearback and the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests, including repeated ones.
    pub calls: u64,
    /// Requests that the target throttled.
    pub throttled: u64,
    /// Responses of gateways instead of the target, and broken connections, that were not checked.
    #[serde(default)]
    pub gateway_errors: u64,
    /// Socket frames sent to the target.
    pub frames_sent: u64,
    /// Socket frames received from the target.
    pub frames_received: u64,
    /// Handshakes, including rejected ones.
    pub connections: u64,
}

impl Traffic {
    /// Returns whether there were more gateway errors than a gate permits.
    pub fn exceeds(&self, max_gateway_errors: Option<u64>) -> bool {
        max_gateway_errors.is_some_and(|maximum| self.gateway_errors > maximum)
    }

    pub(crate) fn of(history: &History) -> Self {
        let mut traffic = Self {
            calls: history.calls.len() as u64,
            connections: history.connections.len() as u64,
            ..Self::default()
        };
        let is_gateway = |connection: &&Connection| {
            matches!(connection.handshake, Handshake::Excused { reason: Excuse::Gateway, .. })
        };
        traffic.gateway_errors += history.connections.iter().filter(is_gateway).count() as u64;
        for call in &history.calls {
            traffic.throttled += u64::from(call.excuse == Some(Excuse::Throttled));
            traffic.gateway_errors += u64::from(call.excuse == Some(Excuse::Gateway));
            if let Outcome::Response { throttled_s: Some(_), .. } = call.outcome {
                traffic.throttled += 1;
            }
        }
        for frame in history.connections.iter().flat_map(|connection| &connection.frames) {
            match frame.direction {
                FrameDirection::Sent => traffic.frames_sent += 1,
                FrameDirection::Received => traffic.frames_received += 1,
            }
        }
        traffic
    }
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.throttled += other.throttled;
        self.gateway_errors += other.gateway_errors;
        self.frames_sent += other.frames_sent;
        self.frames_received += other.frames_received;
        self.connections += other.connections;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_counted_in_both_directions() {
        let history = hearback_testkit::dsl::parse(
            r#"
            alice rooms.create {"room_type": "group"} => 201 @room {"id": "$r1"}
            bob@r1 open
            bob@r1 -> {"type": "typing", "is_typing": true}
            bob@r1 <- @typing {"user_id": 1}
            "#,
        )
        .unwrap();
        let expected = Traffic {
            calls: 1,
            throttled: 0,
            gateway_errors: 0,
            frames_sent: 1,
            frames_received: 2,
            connections: 1,
        };
        assert_eq!(Traffic::of(&history), expected);
    }
}
