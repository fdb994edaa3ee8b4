//! One connection, from the upgrade to the close.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::client_event::Client;
use crate::app::{App, SharedApp};
use crate::delivery::{Closing, Event, Seat};
use crate::rules::Peer;
use crate::users::User;

/// Maximum number of frames that are written with one flush.
const BATCH: usize = 64;

/// Maximum time that a client may take to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves one socket until either side ends it, or its token expires.
pub(super) async fn run(
    app: SharedApp,
    user: Arc<User>,
    room: Uuid,
    mut socket: WebSocket,
    expiry: Option<Instant>,
) {
    let Some(mut seat) = take_seat(&app, &user, room) else {
        return close(socket, Some(Closing::NOT_A_MEMBER.frame())).await;
    };
    let mut client = Client { user: &user, room, connection: seat.connection, typing_until: None };
    let ending = tokio::select! {
        ending = serve(&app, &mut client, &mut socket, &mut seat) => ending,
        () = until(expiry) => Some(Closing::EXPIRED),
    };
    client.leave(&mut app.chat());
    close(socket, ending.map(Closing::frame)).await;
}

/// Connects a user to the room. `connection_established` is queued under the same lock, so no event
/// precedes it.
fn take_seat(app: &App, user: &User, room: Uuid) -> Option<Seat> {
    let mut guard = app.chat();
    let chat = &mut *guard;
    // The membership may have ended during the upgrade.
    let unread_count = chat.listener(user.id, room).ok()?;
    let seat = chat.hub.connect(room, user.id);
    let established = Event::ConnectionEstablished {
        room_id: room,
        unread_count,
        user_id: user.id,
        username: &user.username,
    };
    let peer = Peer { user: user.id, room, connection: seat.connection };
    let welcomed = chat.rules.delivery.welcome(
        &chat.store,
        &chat.directory,
        &mut chat.hub,
        peer,
        &established,
    );
    welcomed.ok().map(|()| seat)
}

/// Sends and receives until the connection ends; returns the reason if the server ends it.
async fn serve(
    app: &App,
    client: &mut Client<'_>,
    socket: &mut WebSocket,
    seat: &mut Seat,
) -> Option<Closing> {
    let mut batch = Vec::with_capacity(BATCH);
    let idle_limit = app.chat().rules.delivery.idle_limit();
    loop {
        let idle_end = idle_limit.map(|limit| Instant::now() + limit);
        tokio::select! {
            reason = &mut seat.closing => return reason.ok(),
            () = until(idle_end) => return Some(Closing::IDLE),
            () = until(client.typing_until) => client.stop_typing(&mut app.chat()),
            _ = seat.frames.recv_many(&mut batch, BATCH) => {
                if let Err(ending) = write(socket, &mut batch, &mut seat.closing).await {
                    return ending;
                }
            }
            received = socket.recv() => {
                match received? {
                    Ok(Message::Text(text)) if text.len() > app.rules.validation.frame_limit() => {
                        return Some(Closing::TOO_LARGE);
                    }
                    Ok(Message::Binary(bytes))
                        if bytes.len() > app.rules.validation.frame_limit() =>
                    {
                        return Some(Closing::TOO_LARGE);
                    }
                    Ok(Message::Text(text)) => {
                        client.handle_text(&mut app.chat(), text.as_bytes())
                    }
                    Ok(Message::Binary(bytes)) if app.rules.validation.reads_binary() => {
                        client.handle_text(&mut app.chat(), &bytes)
                    }
                    Ok(Message::Binary(_)) => client.handle_binary(&mut app.chat()),
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                    Ok(Message::Close(_)) => return None,
                    Err(error) => return violation(&error),
                }
            }
        }
    }
}

/// Waits until a time, or for ever without one.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The reason to close a connection that cannot be read.
fn violation(error: &axum::Error) -> Option<Closing> {
    // The library does not export the type of its error.
    let text = error.to_string();
    if text.contains("UTF-8") {
        return Some(Closing::INVALID_TEXT);
    }
    let is_lost = text.contains("without closing handshake") || text.contains("IO error");
    (!is_lost).then_some(Closing::INVALID_FRAME)
}

/// Writes a batch with one flush, unless the server ends the connection: a client that does not
/// read cannot keep it open.
async fn write(
    socket: &mut WebSocket,
    batch: &mut Vec<Utf8Bytes>,
    closing: &mut oneshot::Receiver<Closing>,
) -> Result<(), Option<Closing>> {
    let writing = async {
        for frame in batch.drain(..) {
            socket.feed(Message::Text(frame)).await?;
        }
        socket.flush().await
    };
    tokio::select! {
        biased;
        reason = closing => Err(reason.ok()),
        written = writing => written.map_err(|_| None),
    }
}

/// Sends the close frame and waits for that of the client. A socket that is dropped with unread
/// input resets the connection, and the close frame is lost.
async fn close(mut socket: WebSocket, frame: Option<CloseFrame>) {
    let closing = async {
        // If the client closed first, this answers it.
        drop(socket.send(Message::Close(frame)).await);
        while let Some(Ok(_)) = socket.recv().await {}
    };
    // A client that does not answer in time is disconnected.
    drop(timeout(CLOSE_TIMEOUT, closing).await);
}
