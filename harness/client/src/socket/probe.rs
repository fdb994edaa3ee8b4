//! Probes: frames that show whether a target conforms to RFC 6455.

use std::sync::atomic::Ordering;

use hearback_history::{EventKind, Payload, Probe, ProbeOutcome};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

use super::log::PING;
use super::send_error::SendError;
use super::shared::{CLOSE_TIMEOUT, MESSAGE, Socket};

/// A text that is not UTF-8.
const INVALID_TEXT: &[u8] = b"{\"type\": \"typing\", \"is_typing\": true, \"note\": \"\xff\xfe\"}";

/// A text that conforms to the specification.
const TEXT: &str = r#"{"type": "typing", "is_typing": true}"#;

/// The opcode that RFC 6455 reserves for further data frames.
const RESERVED: OpCode = OpCode::Data(Data::Reserved(3));

impl Socket {
    /// Sends frames that show how the target handles a part of RFC 6455, and waits for its reaction. Fragments contain
    /// a chat message with this content. The connection ends with [`Probe::Close`].
    ///
    /// # Errors
    /// As [`send_text`](Self::send_text).
    pub async fn probe(&self, probe: Probe, content: &str) -> Result<ProbeOutcome, SendError> {
        let shared = &self.shared;
        let (timeout, connection) = (shared.client.limits.timeout, shared.connection);
        let event = json!({"type": MESSAGE, "message": content}).to_string();
        let (received, pongs) = (self.received_count(), shared.log.lock().pongs);
        shared.client.recorder.record(EventKind::Probed { connection, probe });
        let sent = match probe {
            Probe::Fragments => Some(Payload::from(event.as_str())),
            _ => None,
        };
        // The target has to end the connection, so frames of others that are written meanwhile do not matter.
        shared.unmasked.store(probe == Probe::Unmasked, Ordering::Relaxed);
        let written = shared.write(sent, frames(probe, &event)).await;
        shared.unmasked.store(false, Ordering::Relaxed);
        written?;
        let is_answered = match probe {
            Probe::Ping => shared.wait_until(timeout, |log| log.pongs > pongs || log.closed).await,
            Probe::Fragments => {
                let wanted = |_: usize, it: &Value| {
                    it.pointer("/message/content").and_then(Value::as_str) == Some(content)
                };
                self.find(received, timeout, wanted).await.is_some()
            }
            Probe::Close => {
                shared.log.lock().probes_close = true;
                shared.stop.notify_one();
                shared.wait_until(timeout + CLOSE_TIMEOUT, |log| log.finished).await
            }
            Probe::InvalidText | Probe::ReservedBit | Probe::ReservedOpcode | Probe::Unmasked => {
                self.wait_closed(timeout).await
            }
        };
        let (outcome, code) = {
            let log = shared.log.lock();
            let outcome = match probe {
                Probe::Close if log.close_answer.is_some() => ProbeOutcome::Answered,
                Probe::Close if log.finished && !log.close_timed_out => ProbeOutcome::Ended,
                Probe::Ping if log.pongs > pongs => ProbeOutcome::Answered,
                Probe::Fragments if is_answered => ProbeOutcome::Answered,
                Probe::Close => ProbeOutcome::TimedOut,
                _ if log.closed => ProbeOutcome::Ended,
                _ => ProbeOutcome::TimedOut,
            };
            (outcome, log.close_answer.flatten())
        };
        shared.client.recorder.record(EventKind::ProbeEnded { connection, outcome, code });
        Ok(outcome)
    }
}

/// The frames of a probe; `text` is the event that fragments contain.
fn frames(probe: Probe, text: &str) -> Vec<Message> {
    match probe {
        Probe::Ping => vec![Message::Ping(PING.into())],
        Probe::Fragments => {
            let parts = parts(text);
            vec![
                data(&parts[0], Data::Text, false),
                Message::Ping(PING.into()),
                data(&parts[1], Data::Continue, false),
                data(&parts[2], Data::Continue, true),
            ]
        }
        Probe::InvalidText => vec![data(INVALID_TEXT, Data::Text, true)],
        Probe::ReservedBit => {
            let opcode = OpCode::Data(Data::Text);
            vec![with(FrameHeader { rsv1: true, opcode, ..FrameHeader::default() })]
        }
        Probe::ReservedOpcode => {
            vec![with(FrameHeader { opcode: RESERVED, ..FrameHeader::default() })]
        }
        Probe::Unmasked => vec![data(TEXT.as_bytes(), Data::Text, true)],
        // The reading task sends the close frame.
        Probe::Close => Vec::new(),
    }
}

/// The bytes of a text in three parts.
fn parts(text: &str) -> [Vec<u8>; 3] {
    let bytes = text.as_bytes();
    let third = bytes.len() / 3;
    [bytes[..third].to_vec(), bytes[third..2 * third].to_vec(), bytes[2 * third..].to_vec()]
}

fn data(bytes: &[u8], opcode: Data, is_final: bool) -> Message {
    Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(opcode), is_final))
}

fn with(header: FrameHeader) -> Message {
    Message::Frame(Frame::from_payload(header, TEXT.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_contain_the_text() {
        assert_eq!(parts("abcdefgh").concat(), b"abcdefgh");
        assert_eq!(frames(Probe::Fragments, "abc").len(), 4);
    }

    #[test]
    fn invalid_text_is_not_utf_8() {
        assert!(String::from_utf8(INVALID_TEXT.to_vec()).is_err());
    }
}
