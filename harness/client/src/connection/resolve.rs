//! Addresses of host names that replace those of the resolver.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::settings::ConnectionError;

/// Addresses of a host name for one port.
#[derive(Clone, Debug)]
pub(super) struct Override {
    host: String,
    port: u16,
    addresses: Vec<IpAddr>,
}

impl Override {
    /// Parses `HOST:PORT:ADDRESS[,ADDRESS]`.
    pub(super) fn parse(text: &str) -> Result<Self, ConnectionError> {
        let invalid = |reason| ConnectionError::Resolve { text: text.to_owned(), reason };
        let mut parts = text.trim().splitn(3, ':');
        let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid("write it as HOST:PORT:ADDRESS"));
        };
        if host.is_empty() || host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
            return Err(invalid("HOST must be a name"));
        }
        let port =
            port.parse().map_err(|_| invalid("PORT must be a number between 0 and 65535"))?;
        let address = |text: &str| text.trim_matches(['[', ']', ' ']).parse::<IpAddr>();
        let addresses: Result<Vec<IpAddr>, _> = addresses.split(',').map(address).collect();
        let addresses = addresses.map_err(|_| invalid("ADDRESS must be an IP address"))?;
        Ok(Self { host: host.to_lowercase(), port, addresses })
    }

    /// Returns whether it is about a host and port.
    pub(super) fn matches(&self, host: &str, port: u16) -> bool {
        self.host.eq_ignore_ascii_case(host) && self.port == port
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.addresses.iter().map(|address| SocketAddr::new(*address, self.port)).collect()
    }
}

impl fmt::Display for Override {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:", self.host, self.port)?;
        for (position, address) in self.addresses.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            match address {
                IpAddr::V4(address) => write!(formatter, "{comma}{address}")?,
                IpAddr::V6(address) => write!(formatter, "{comma}[{address}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_or_several_addresses() {
        let shown = |text: &str| Override::parse(text).unwrap().to_string();
        assert_eq!(shown("Chat.example:443:10.0.0.1"), "chat.example:443:10.0.0.1");
        assert_eq!(shown("h:80:[::1],127.0.0.1"), "h:80:[::1],127.0.0.1");
        assert_eq!(shown("h:80:::1"), "h:80:[::1]");
        let entry = Override::parse("h:80:::1").unwrap();
        assert!(entry.matches("H", 80) && !entry.matches("h", 81) && !entry.matches("g", 80));
    }

    #[test]
    fn invalid_addresses_are_rejected() {
        for text in
            ["h:80", "h:x:10.0.0.1", "h:80:elsewhere", ":80:::1", "[::1]:80:::1", "1.1.1.1:80:::1"]
        {
            assert!(Override::parse(text).is_err(), "{text}");
        }
    }
}
