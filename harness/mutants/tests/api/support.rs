//! The labs of these tests.

use hearback_reference::{Options, Server};
use reqwest::Client;

pub(crate) use hearback_testkit::lab::{Actor, Socket, answer};

pub(crate) type Lab = hearback_testkit::lab::Lab<Server>;

/// A server for one of many conversations, which share a client.
pub(crate) async fn lab(client: Client, options: Options) -> Lab {
    let server = Server::start(options, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let (base, sockets) = (server.base_url(), server.socket_url());
    Lab::new(server, base, sockets, client)
}
