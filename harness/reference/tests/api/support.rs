//! The labs of these tests.

use hearback_reference::{Options, Server};
use reqwest::Client;

pub(crate) use hearback_testkit::lab::{Actor, Socket, answer, id_of};

pub(crate) type Lab = hearback_testkit::lab::Lab<Server>;

pub(crate) async fn lab() -> Lab {
    lab_with(Options::default()).await
}

pub(crate) async fn lab_with(options: Options) -> Lab {
    let server = Server::start(options, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let (base, sockets) = (server.base_url(), server.socket_url());
    Lab::new(server, base, sockets, Client::new())
}
