//! Responses of a gateway or a throttle, instead of those of the server.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hearback_reference::App;
use hearback_reference::tokens::TokenType;
use hearback_reference::users::UserId;
use parking_lot::Mutex;
use tokio::time::Instant;
use url::form_urlencoded;

/// Responses that replace some of the server's.
#[derive(Clone, Copy)]
pub(super) struct Interruption {
    /// The requests that it concerns.
    pub(super) covers: Covers,
    /// The occasions on which it responds.
    pub(super) trigger: Trigger,
    /// True if the server executes the request all the same.
    pub(super) is_executed: bool,
    /// The response to a request that may be repeated after a delay.
    pub(super) respond: fn(Duration) -> Response,
}

/// Requests that an interruption concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    /// Every request and handshake.
    Everything,
    /// Requests of operations other than the token operations.
    Operations,
    /// Logins.
    Logins,
    /// Handshakes of sockets.
    Handshakes,
}

/// Occasions on which an interruption responds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    /// Every n-th request, of all users together.
    Every(u32),
    /// After this number of requests of one user, all requests of the user during the next second.
    Quota(u32),
    /// All requests beyond five at once and this many per minute, of all users together.
    PerMinute(u32),
}

/// Length of a refusal by a quota.
const QUOTA_DELAY: Duration = Duration::from_secs(1);

/// Number of requests at once that a rate per minute permits.
const BURST: u32 = 5;

/// A request, as far as interruptions look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    kind: Covers,
    user: Option<UserId>,
}

impl Seen {
    pub(super) fn of(app: &App, request: &Request) -> Self {
        let path = request.uri().path();
        let kind = if path.starts_with("/ws/") {
            Covers::Handshakes
        } else if path.ends_with("/token/") {
            Covers::Logins
        } else if path.starts_with("/api/chat/") {
            Covers::Operations
        } else {
            Covers::Everything
        };
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.split_once(' ')).map(|(_, token)| token.into());
        let query = request.uri().query().unwrap_or_default();
        let token = bearer.or_else(|| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
        });
        let user = token.and_then(|token| app.signer.verify(&token, TokenType::Access).ok());
        Self { kind, user }
    }
}

/// An interruption and what it counts.
pub(super) struct Counting {
    pub(super) interruption: Interruption,
    counts: Mutex<HashMap<Option<UserId>, Count>>,
}

#[derive(Default)]
struct Count {
    requests: u32,
    /// Time at which requests are accepted again, or at which the whole burst is available again.
    until: Option<Instant>,
}

impl Counting {
    pub(super) fn new(interruption: Interruption) -> Self {
        Self { interruption, counts: Mutex::default() }
    }

    /// The delay that a request has to wait for, if the interruption responds to it.
    pub(super) fn delay(&self, seen: Seen) -> Option<Duration> {
        let covers = self.interruption.covers;
        if covers != Covers::Everything && covers != seen.kind {
            return None;
        }
        let now = Instant::now();
        let mut counts = self.counts.lock();
        match self.interruption.trigger {
            Trigger::Every(every) => {
                let count = counts.entry(None).or_default();
                count.requests += 1;
                count.requests.is_multiple_of(every).then_some(Duration::ZERO)
            }
            Trigger::Quota(quota) => {
                let count = counts.entry(seen.user).or_default();
                match count.until {
                    Some(until) if now < until => return Some(until - now),
                    Some(_) => *count = Count::default(),
                    None => {}
                }
                count.requests += 1;
                if count.requests <= quota {
                    return None;
                }
                count.until = Some(now + QUOTA_DELAY);
                Some(QUOTA_DELAY)
            }
            Trigger::PerMinute(rate) => {
                let interval = Duration::from_secs(60) / rate;
                let count = counts.entry(None).or_default();
                let full = count.until.map_or(now, |until| until.max(now)) + interval;
                let latest = now + interval * BURST;
                if full > latest {
                    return Some(full - latest);
                }
                count.until = Some(full);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn counting(covers: Covers, trigger: Trigger) -> Counting {
        let respond = |_| ().into_response();
        Counting::new(Interruption { covers, trigger, is_executed: false, respond })
    }

    fn by(user: UserId) -> Seen {
        Seen { kind: Covers::Operations, user: Some(user) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_refuses_its_user_for_a_second() {
        let quota = counting(Covers::Operations, Trigger::Quota(2));
        assert_eq!([by(1), by(1)].map(|seen| quota.delay(seen)), [None, None]);
        assert_eq!(quota.delay(by(1)), Some(QUOTA_DELAY));
        assert_eq!(quota.delay(by(2)), None, "another user");
        tokio::time::advance(QUOTA_DELAY / 2).await;
        assert_eq!(quota.delay(by(1)), Some(QUOTA_DELAY / 2));
        tokio::time::advance(QUOTA_DELAY / 2).await;
        assert_eq!(quota.delay(by(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_per_minute_permits_a_burst_and_then_one_at_a_time() {
        let rate = counting(Covers::Logins, Trigger::PerMinute(6));
        let login = Seen { kind: Covers::Logins, user: None };
        for _ in 0..BURST {
            assert_eq!(rate.delay(login), None);
        }
        assert_eq!(rate.delay(login), Some(Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(rate.delay(login), None);
        assert_eq!(rate.delay(login), Some(Duration::from_secs(10)));
        assert_eq!(rate.delay(by(1)), None, "another kind of request");
    }

    #[tokio::test]
    async fn every_third_request_is_interrupted() {
        let every = counting(Covers::Everything, Trigger::Every(3));
        let fired: Vec<_> = (0..6).map(|_| every.delay(by(1)).is_some()).collect();
        assert_eq!(fired, [false, false, true, false, false, true]);
    }
}
