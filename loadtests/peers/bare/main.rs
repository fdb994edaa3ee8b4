//! The upper bound of the comparison: a tokio-tungstenite loop that only counts frames.
//!
//! `compare.py` starts it with the same environment and file as the other tools.
#![allow(clippy::print_stdout, reason = "prints its result")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Size of hearback's read buffer.
const READ_BUFFER: usize = 1536;

fn main() {
    let file = std::fs::read_to_string(variable("FILE")).unwrap();
    let counted = hearback_loadtests::machine::runtime().unwrap().block_on(run(&file));
    println!("{counted}");
}

/// Opens a socket per line of the file, and returns the number of chat messages received until the end.
async fn run(file: &str) -> u64 {
    let [start, end] = ["START_MS", "END_MS"].map(moment);
    let period = Duration::from_millis(number("PERIOD_MS"));
    let between = Duration::from_secs(number("CONNECT")) / number("MEMBERS") as u32;
    let counted = Arc::new(AtomicU64::new(0));
    let mut ticks = tokio::time::interval(between);
    for line in file.lines() {
        let [room, token, talks, offset] = line.split(';').collect::<Vec<_>>()[..] else {
            panic!("expected room;token;talks;offset: {line}")
        };
        ticks.tick().await;
        let url = format!("{}/chat/{room}/?token={token}", variable("SOCKET_URL"));
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let (socket, _) = connect_async_with_config(url, Some(config), true).await.unwrap();
        let (mut writer, mut reader) = socket.split();
        let mut due = start + Duration::from_millis(offset.parse().unwrap());
        let messages = if talks == "1" { number("MESSAGES") } else { 0 };
        tokio::spawn(async move {
            for _ in 0..messages {
                sleep_until(due).await;
                let text = r#"{"type":"chat_message","message":"sent by a talker on schedule"}"#;
                writer.send(Message::text(text)).await.unwrap();
                due += period;
            }
            // Dropping the writer does not close the socket, which stays open until the process ends.
        });
        let counted = Arc::clone(&counted);
        tokio::spawn(async move {
            while let Some(Ok(message)) = reader.next().await {
                let is_chat =
                    matches!(message, Message::Text(text) if text.contains("\"chat_message\""));
                counted.fetch_add(u64::from(is_chat), Ordering::Relaxed);
            }
        });
    }
    sleep_until(end).await;
    counted.load(Ordering::Relaxed)
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn number(name: &str) -> u64 {
    variable(name).parse().unwrap()
}

/// Converts a time of the wall clock to one of the monotonic clock.
fn moment(name: &str) -> Instant {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Instant::now() + Duration::from_millis(number(name)).saturating_sub(since_epoch)
}
