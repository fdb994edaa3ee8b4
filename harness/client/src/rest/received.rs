//! A response as received.

use hearback_history::storage::PREFIX;

/// A response as received.
pub(super) struct Received {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    /// Headers to record, by lower-case name.
    pub(super) headers: Vec<(String, String)>,
    pub(super) retry_after: Option<String>,
    pub(super) server: Option<String>,
    pub(super) date: Option<String>,
    pub(super) location: Option<String>,
    pub(super) challenge: Option<String>,
    /// The encoding in which the body is unreadable.
    pub(super) encoding: Option<&'static str>,
    pub(super) body: Vec<u8>,
    pub(super) truncated: bool,
}

impl Received {
    /// The part of the body to record: the beginning if it is cut, since the rest is useless.
    pub(super) fn recorded(&self, is_cut: bool) -> &[u8] {
        if !is_cut || self.body.len() <= PREFIX {
            return &self.body;
        }
        let is_boundary = |at: &usize| self.body[*at] & 0xc0 != 0x80;
        let end = (0..=PREFIX).rev().find(is_boundary).unwrap_or(PREFIX);
        &self.body[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_cut_body_is_recorded() {
        let received = |body: String, truncated| Received {
            status: 200,
            content_type: None,
            headers: Vec::new(),
            retry_after: None,
            server: None,
            date: None,
            location: None,
            challenge: None,
            encoding: None,
            body: body.into_bytes(),
            truncated,
        };
        let whole = received("ä".repeat(PREFIX), false);
        assert_eq!(whole.recorded(false).len(), 2 * PREFIX);
        let cut = received(format!("a{}", "ä".repeat(PREFIX)), true);
        let kept = std::str::from_utf8(cut.recorded(true)).unwrap();
        assert_eq!(kept.len(), PREFIX - 1);
    }
}
