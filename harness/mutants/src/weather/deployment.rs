//! A server with its switches.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use hearback_reference::{Options, Server, StartError};
use uuid::Uuid;

use super::relay::{Network, Relay};
use super::replica::{CopiedWire, Replica};
use super::sessions::{SessionRules, Sessions};
use super::weather_wire::WeatherWire;
use crate::switches::Switches;

/// A port of loopback that the system chooses.
const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A running server with readings and faults, in weather. Dropping it stops everything without waiting.
pub struct Deployment {
    server: Server,
    relay: Option<Relay>,
    _copies: Vec<Server>,
}

impl Deployment {
    /// Starts a server on the current runtime; port 0 selects a free port. The seams of `options`
    /// are those of the switches.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the address is taken or the database cannot be opened.
    pub async fn start(
        options: Options,
        switches: &Switches,
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        let mut options = Options { seams: switches.seams(), ..options };
        let weather = &switches.weather;
        let frames = switches.faults.mutations().find_map(|mutation| mutation.frames);
        if weather.is_empty() && frames.is_none() {
            let server = Server::start(options, address).await?;
            return Ok(Self { server, relay: None, _copies: Vec::new() });
        }
        let setup = weather.setup();
        if let Some(lifetime) = setup.access_lifetime {
            options.access_lifetime = lifetime;
        }
        // Copies accept the tokens of the server.
        options.jwt_secret.get_or_insert_with(|| Uuid::new_v4().to_string());
        let sessions = Arc::new(Sessions::new(setup.sessions));
        let seams = || {
            let mut seams = switches.seams();
            if setup.sessions.is_needed() {
                let base = seams.rules.authentication;
                seams.rules.authentication =
                    Arc::new(SessionRules { base, sessions: Arc::clone(&sessions) });
            }
            seams
        };
        let (mut replicas, mut copies) = (Vec::new(), Vec::new());
        for spec in setup.replicas.iter().copied() {
            let parts = Arc::new(OnceLock::new());
            let mut copied = seams();
            copied.wire = Arc::new(CopiedWire { base: copied.wire, parts: Arc::clone(&parts) });
            let options = Options { seams: copied, database: None, ..options.clone() };
            copies.push(Server::start(options, ANY_PORT.into()).await?);
            replicas.push(Replica { spec, parts });
        }
        options.seams = seams();
        let network = Network { frames, ..setup.network };
        options.seams.wire = Arc::new(WeatherWire {
            base: options.seams.wire,
            setup: setup.clone(),
            sessions: Arc::clone(&sessions),
            replicas: replicas.into(),
        });
        if !network.is_needed() {
            let server = Server::start(options, address).await?;
            return Ok(Self { server, relay: None, _copies: copies });
        }
        let server = Server::start(options, ANY_PORT.into()).await?;
        let relay = Relay::start(network, address, server.address());
        let relay = relay.map_err(|source| StartError::Listen { address, source })?;
        Ok(Self { server, relay: Some(relay), _copies: copies })
    }

    /// Address that clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.relay.as_ref().map_or_else(|| self.server.address(), Relay::address)
    }

    /// Base URL of the operations, `http://host:port/api`.
    pub fn base_url(&self) -> String {
        format!("http://{}/api", self.address())
    }

    /// Closes all sockets with 1001, waits up to two seconds for running requests, and stops.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
