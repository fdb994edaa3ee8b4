//! Listeners with a thread per connection.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

/// Starts a server on a free loopback port that calls `handle` for each connection, on a thread of its own.
///
/// It runs until the process ends.
pub fn serve(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the listener is bound");
    let handle = Arc::new(handle);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let handle = handle.clone();
            std::thread::spawn(move || handle(stream));
        }
    });
    address
}

/// Starts a server as [`serve`] does, and returns its REST base URL.
pub fn serve_api(handle: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    format!("http://{}/api", serve(handle))
}
