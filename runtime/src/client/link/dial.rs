//! Makes one connection, however long it takes, on a thread of its own.

use super::line::{Line, Stream};
use crate::transport::{Closed, Identity, Origin, local};
use socket2::SockRef;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// Short, because a host that comes back should take part at once.
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// A peer that acknowledges nothing for so long is gone, whatever TCP hopes.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(3);

/// What came of an attempt.
pub(super) type Dialed = Result<Line, Closed>;

/// Tries until there is a connection or nobody wants it; tells of each attempt.
pub(super) fn run(
    address: SocketAddr,
    identity: &Identity,
    unwanted: &AtomicBool,
    tell: impl Fn(Dialed),
) {
    let mut pause = PAUSE_MIN;
    while !unwanted.load(Ordering::Acquire) {
        let dialed = dial(address, identity);
        let is_done = dialed.is_ok();
        tell(dialed);
        if is_done {
            return;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn dial(address: SocketAddr, identity: &Identity) -> Dialed {
    let name = address.to_string();
    // The kernel may be on this host; one that is busy with others lets the attempt fail.
    if let Ok(stream) = local::connect(&name)
        && let Ok((decoder, _)) = local::introduce(&stream, Origin::Dialed, identity, &name)
    {
        return Ok(Line::new(Stream::Local(stream), decoder));
    }
    let stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT).map_err(network)?;
    stream.set_nodelay(true).map_err(network)?;
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIMEOUT));
    let (decoder, _) = local::introduce(&stream, Origin::Dialed, identity, &name)?;
    Ok(Line::new(Stream::Tcp(stream), decoder))
}

fn network(error: std::io::Error) -> Closed {
    Closed::Network(error.to_string())
}
