//! Accepts connections.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::{CONNECTIONS_MAX, HANDSHAKES_MAX, link};
use crate::transport::{Closed, Handler, Identity, Origin};

const BACKLOG: i32 = 1024;
/// After a failed accept, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A socket that listens at the address, and the address with its real port.
pub(super) fn bind(address: &str) -> Result<(TcpListener, String), String> {
    let socket_address = address
        .to_socket_addrs()
        .map_err(|_| "it is not an address such as 127.0.0.1:7000".to_owned())?
        .next()
        .ok_or("the name has no address")?;
    let listener = bind_socket(socket_address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => "the port is in use by another process".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
        io::ErrorKind::PermissionDenied => "that needs more rights".to_owned(),
        _ => error.to_string(),
    })?;
    let local = listener.local_addr().map_err(|error| error.to_string())?;
    Ok((listener, local.to_string()))
}

fn bind_socket(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A kernel that is started again must not wait for its old connections to be forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts for ever.
pub(super) async fn run(listener: TcpListener, identity: Identity, handler: Arc<dyn Handler>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                handler.note(&format!("cannot accept a connection: {error}"));
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let permits = (
            Arc::clone(&connections).try_acquire_owned(),
            Arc::clone(&handshakes).try_acquire_owned(),
        );
        let (Ok(connection), Ok(handshake)) = permits else {
            handler.note(&format!("turned {address} away: too many connections"));
            continue;
        };
        let identity = identity.clone();
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let introduced = link::introduce(stream, Origin::Accepted, &identity).await;
            drop(handshake);
            accepted(introduced, address, handler).await;
            drop(connection);
        });
    }
}

async fn accepted(
    introduced: Result<link::Introduced, Closed>,
    address: SocketAddr,
    handler: Arc<dyn Handler>,
) {
    let (who, why) = match introduced {
        Ok(introduced) => {
            let who = format!("{} at {address}", introduced.identity().host);
            (
                who,
                link::run(introduced, Arc::clone(&handler), |_| {}).await,
            )
        }
        Err(why) => (address.to_string(), why),
    };
    // Ends that are nobody's fault are the handler's to tell, or nobody's.
    if let Closed::Garbage(why) | Closed::Refused(why) = why {
        handler.note(&format!("closed the connection from {who}: {why}"));
    }
}
