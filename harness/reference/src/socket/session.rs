//! One connection, from upgrade to close.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;

use super::MAXIMUM_FRAME;
use super::event::{Event, MessageEvent};
use super::hub::{Audience, Closing, Seat};
use super::request::Requester;
use crate::app::{App, SharedApp};
use crate::directory::User;
use crate::faults::Behaviour;

/// Frames that are written before one flush.
const BATCH: usize = 64;

/// How long a client may take to answer a close frame.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves one socket of a room until either side ends it.
pub(super) async fn run(app: SharedApp, user: Arc<User>, room: Uuid, mut socket: WebSocket) {
    let Some(mut seat) = take_seat(&app, &user, room) else {
        return close(socket, Some(Closing::Removed.frame())).await;
    };
    let requester = Requester { user: &user, room, connection: seat.connection };
    let ending = serve(&app, &requester, &mut socket, &mut seat).await;
    app.chat().hub.part(room, seat.connection);
    close(socket, ending.map(Closing::frame)).await;
}

/// Enters the room; `connection_established` is queued under the same lock, so nothing precedes it.
fn take_seat(app: &App, user: &User, room: Uuid) -> Option<Seat> {
    let mut chat = app.chat();
    // The membership may have ended during the upgrade.
    let unread_count = chat.listener(user.id, room).ok()?;
    let seat = chat.hub.join(room, user.id);
    let event = Event::ConnectionEstablished {
        room_id: room,
        unread_count,
        user_id: user.id,
        username: &user.username,
    };
    chat.hub.deliver(room, &event, Audience::Connection(seat.connection));
    if chat.faults.has(Behaviour::ReplaysOnOpening)
        && let Some(message) = chat.store.last_message(room).ok()?
    {
        let sender = chat.directory.known(message.sender);
        let event = Event::ChatMessage { message: MessageEvent::new(&message, &sender) };
        chat.hub.deliver(room, &event, Audience::Connection(seat.connection));
    }
    Some(seat)
}

/// Sends and receives; answers with the reason if it is the server that ends the connection.
async fn serve(
    app: &App,
    requester: &Requester<'_>,
    socket: &mut WebSocket,
    seat: &mut Seat,
) -> Option<Closing> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            reason = &mut seat.closing => return reason.ok(),
            _ = seat.frames.recv_many(&mut batch, BATCH) => {
                if let Err(ending) = write(socket, &mut batch, &mut seat.closing).await {
                    return ending;
                }
            }
            received = socket.recv() => {
                match received? {
                    Ok(Message::Text(text)) if text.len() > MAXIMUM_FRAME => {
                        return Some(Closing::TooLarge);
                    }
                    Ok(Message::Binary(bytes)) if bytes.len() > MAXIMUM_FRAME => {
                        return Some(Closing::TooLarge);
                    }
                    Ok(Message::Text(text)) => {
                        requester.handle(&mut app.chat(), text.as_bytes())
                    }
                    Ok(Message::Binary(_)) => requester.refuse_binary(&mut app.chat()),
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                    Ok(Message::Close(_)) | Err(_) => return None,
                }
            }
        }
    }
}

/// Writes a batch with one flush, unless the connection is to end; a client that does not read must not
/// keep it open.
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

/// Says goodbye and waits, briefly, for the client's: a socket that is dropped with unread input resets
/// the connection, and the close frame is lost.
async fn close(mut socket: WebSocket, frame: Option<CloseFrame>) {
    let goodbye = async {
        // Where the client closed first, this answers it.
        drop(socket.send(Message::Close(frame)).await);
        while let Some(Ok(_)) = socket.recv().await {}
    };
    // Who does not answer in time is cut off.
    drop(timeout(GOODBYE, goodbye).await);
}
