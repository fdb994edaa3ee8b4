//! Doing things: actors that talk to the target over REST and sockets, recording every call and frame.
