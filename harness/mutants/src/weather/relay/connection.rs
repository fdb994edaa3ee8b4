//! One connection of a client.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::conversation::{Conversation, End};
use super::pipe;
use super::shared::Shared;

/// Time between two looks at the deadline of a connection.
const TICK: Duration = Duration::from_millis(5);

/// Carries a connection until either side ends it, or the network does.
pub(super) async fn carry(shared: Arc<Shared>, mut client: TcpStream) {
    let mut restarts = shared.restarts.subscribe();
    // Connecting takes a round trip as well.
    tokio::time::sleep(shared.network.latency).await;
    let Ok(mut server) = TcpStream::connect(shared.upstream).await else { return };
    // If the option is not available, small frames wait for acknowledgements.
    drop(client.set_nodelay(true).and_then(|()| server.set_nodelay(true)));
    let conversation = Mutex::new(Conversation::new(shared.network.frames));
    let delay = || shared.network.delay();
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pipe::carry(from_client, to_server, delay, |data, _| {
            conversation.lock().sent(data, &shared)
        });
        let down = pipe::carry(from_server, to_client, delay, |data, arrival| {
            conversation.lock().received(data, arrival)
        });
        let flow = async {
            let (mut up, mut down) = (std::pin::pin!(up), std::pin::pin!(down));
            tokio::select! {
                end = &mut up => match end {
                    // The client sends no more, and may still wait for a response.
                    None => down.await,
                    end => end,
                },
                end = &mut down => end,
            }
        };
        tokio::select! {
            end = flow => end.unwrap_or(End::Close),
            end = expire(&shared, &conversation) => end,
            _ = restarts.changed() => End::Reset,
        }
    };
    if end == End::Reset {
        // Without the option, the connection is closed in order.
        drop(client.set_zero_linger());
    }
}

/// Waits until the connection has been open or idle for too long.
async fn expire(shared: &Shared, conversation: &Mutex<Conversation>) -> End {
    let network = &shared.network;
    if network.idle_close.or(network.socket_cut).or(network.socket_idle).is_none() {
        return std::future::pending().await;
    }
    loop {
        let deadline = conversation.lock().deadline(shared);
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return End::Close;
        }
        tokio::time::sleep(TICK).await;
    }
}
