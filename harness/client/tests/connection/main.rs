//! Targets behind TLS, proxies and gateways on loopback: REST and sockets must reach each in the same way.

mod carried;
mod errors;
mod http2;
mod reached;
mod support;
